import { Pool } from 'undici'
import type { Node } from '../engines/types.ts'
import type { KubeContainer, KubeProbe } from '../kube/index.ts'
import type { ProbeOutcome } from './probe-state.ts'

export interface ProbeResult {
  readonly outcome: ProbeOutcome
  /** Why it failed, as an Event tells it. */
  readonly message: string
}

/** Performs probes of one container; connections are kept between them. */
export interface Prober extends AsyncDisposable {
  run(probe: KubeProbe, timeoutMs: number): Promise<ProbeResult>
}

const SUCCESS: ProbeResult = { outcome: 'success', message: '' }
const failure = (message: string): ProbeResult => ({ outcome: 'failure', message })

/** `address`: the Pod's. Everything goes out of the node's own network. */
export function createProber(node: Node, container: KubeContainer, address: string): Prober {
  const pools = new Map<string, Pool>()

  async function run(probe: KubeProbe, timeoutMs: number): Promise<ProbeResult> {
    if (probe.httpGet) return http(probe.httpGet, timeoutMs)
    if (probe.tcpSocket) {
      const { host = address, port } = probe.tcpSocket
      const target = `TCP:${host}:${portNumber(port, container)},connect-timeout=${timeoutMs / 1_000}`
      return command(['socat', '-u', '/dev/null', target], timeoutMs)
    }
    if (probe.exec?.command) return command(probe.exec.command, timeoutMs)
    return SUCCESS
  }

  async function http(
    get: NonNullable<KubeProbe['httpGet']>,
    timeoutMs: number,
  ): Promise<ProbeResult> {
    const host = get.host ?? address
    const port = portNumber(get.port, container)
    const origin = `${(get.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}`
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const pool = await poolOf(origin, host, port)
      const headers = (get.httpHeaders ?? []).flatMap(({ name, value }) => [name, value])
      const { statusCode, body } = await pool.request({
        method: 'GET',
        path: get.path ?? '/',
        headers: ['user-agent', 'kube-probe/1.35', 'accept', '*/*', ...headers],
        signal,
      })
      await body.dump({ limit: 65_536, signal })
      if (statusCode >= 200 && statusCode < 400) return SUCCESS
      return failure(`HTTP probe failed with statuscode: ${statusCode}`)
    } catch (error) {
      const why = signal.aborted ? 'context deadline exceeded' : (error as Error).message
      return failure(`Get "${origin}${get.path ?? '/'}": ${why}`)
    }
  }

  async function poolOf(origin: string, host: string, port: number): Promise<Pool> {
    const socketPath = await node.relay({ host, port })
    const key = `${origin} ${socketPath}`
    const known = pools.get(key)
    if (known) return known
    const pool = new Pool(origin, {
      connections: 2,
      allowH2: false,
      // Longer than most periods, so that a probe costs no TLS handshake.
      keepAliveTimeout: 15_000,
      connect: { socketPath, allowH2: false, rejectUnauthorized: false },
    })
    pools.set(key, pool)
    return pool
  }

  async function command(argv: readonly string[], timeoutMs: number): Promise<ProbeResult> {
    try {
      const { exitCode, stderr, stdout, timedOut } = await node.exec(argv, { timeoutMs })
      if (exitCode === 0) return SUCCESS
      if (timedOut) return failure(`command timed out: ${argv.join(' ')}`)
      return failure((stderr || stdout).slice(0, 512))
    } catch (error) {
      return failure((error as Error).message)
    }
  }

  return {
    run,
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

/** A probe's port: a number, or the name of one of the container's ports. */
function portNumber(port: number | string | object, container: KubeContainer): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  return named?.containerPort ?? Number(port)
}
