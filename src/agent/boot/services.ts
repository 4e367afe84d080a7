/** What runs on a node while it has power: units, and on Kubernetes' nodes a container runtime and a kubelet. */
import type { AgentCredentials, Unit } from '../../cluster/index.ts'
import { ENDPOINT, PORTS } from '../../cluster/facts.ts'
import type { Node } from '../../engines/types.ts'
import { createKubeClient } from '../../kube/index.ts'
import {
  createContainerRuntime,
  knownImages,
  startKubelet,
  type Kubelet,
} from '../../kubelet/index.ts'
import type { Topology } from '../../wire/lab.ts'
import { exposeSsh } from '../ssh/listener.ts'
import { superviseUnit } from './units.ts'

export interface NodeServices {
  start(): Promise<void>
  /** Ends what the agent does for the node; what runs on it ends with its power. */
  stop(): Promise<void>
}

export interface ServiceOptions {
  readonly topology: Topology
  readonly credentials: AgentCredentials
  readonly units: readonly Unit[]
  readonly socketDir: string
}

const serverOf = (address: string) => `https://${address}:${PORTS.api}`

export function createNodeServices(node: Node, options: ServiceOptions): NodeServices {
  let kubelet: Kubelet | undefined

  async function start(): Promise<void> {
    const off = node.poweredOff
    for (const unit of options.units) void superviseUnit(node, unit, options.topology, off)
    const credentials = options.credentials.nodes.get(node.name)
    const ssh =
      node.role === 'workstation'
        ? undefined
        : exposeSsh(node, options.credentials.sshKey, options.socketDir)
    if (credentials)
      kubelet = await startKubelet({
        node,
        runtime: createContainerRuntime(node, knownImages()),
        api: {
          // As kubeadm sets it up: control planes talk to their own server, workers to the balancer.
          host: node.role === 'control-plane' ? node.address : ENDPOINT.address,
          port: PORTS.api,
          ca: options.credentials.ca,
          ...credentials.kubeletClient,
        },
        serving: { ...credentials.kubeletServing, ca: options.credentials.ca },
        socketDir: options.socketDir,
        admin: () =>
          createKubeClient({
            server: serverOf(node.address),
            ca: options.credentials.ca,
            ...options.credentials.recorder,
          }),
      })
    await ssh
  }

  async function stop(): Promise<void> {
    await kubelet?.stop()
    kubelet = undefined
  }

  let before = node.power
  node.onPower(async (power) => {
    const was = before
    before = power
    if (power === 'off') await stop()
    // Not after a thaw: what was frozen goes on by itself.
    else if (power === 'on' && was === 'off') await start()
  })
  return { start, stop }
}
