import type { Node } from '../engines/types.ts'
import type { KubeContainer } from '../kube/index.ts'
import { createProber } from './probe.ts'
import { rest } from './repeat.ts'

type Hook = NonNullable<NonNullable<KubeContainer['lifecycle']>['preStop']>

/** Runs a preStop hook, at most as long as the grace lasts or the container lives; its failure changes nothing. */
export async function runHook(
  node: Node,
  container: KubeContainer,
  address: string,
  hook: Hook,
  graceMs: number,
  exited: Promise<unknown>,
): Promise<void> {
  const over = new AbortController()
  void exited.then(() => over.abort())
  if (hook.sleep) {
    await rest(Math.min(hook.sleep.seconds * 1_000, graceMs), over.signal)
    return
  }
  await using prober = createProber(node, container, address)
  const { exec, httpGet } = hook
  const ran = prober.run({ ...(exec && { exec }), ...(httpGet && { httpGet }) }, graceMs)
  await Promise.race([ran, exited])
}
