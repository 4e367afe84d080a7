import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { errorBody, HalabError } from '../errors.ts'
import type { KubeContainer, KubePod, KubeProbe } from '../kube/index.ts'

export const CONFIG_HASH = 'kubernetes.io/config.hash'
const CONFIG_SOURCE = 'kubernetes.io/config.source'
export const CONFIG_SEEN = 'kubernetes.io/config.seen'
export const CONFIG_MIRROR = 'kubernetes.io/config.mirror'

/** What the API shows of a static Pod, as against a Pod that the API has bound to the node. */
export function isMirror(pod: KubePod): boolean {
  return pod.metadata?.annotations?.[CONFIG_MIRROR] !== undefined
}

/** Editors' leftovers and hidden files are no manifests (vim's `4913`, `.swp`, `~`). */
export function isManifestName(name: string): boolean {
  return !name.startsWith('.') && !/(~|\.sw[a-px]|\.tmp|\.bak|^4913)$/.test(name)
}

/**
 * A static Pod as a kubelet sees it: named after its node, with an uid drawn from its contents, so
 * that an edit makes a new Pod and a restart of the kubelet does not. Throws HalabError `bad-manifest`.
 */
export function staticPod(text: string, file: string, nodeName: string): KubePod {
  const pod = withDefaults(parsePod(text, file))
  const name = `${pod.metadata?.name}-${nodeName}`
  const uid = createHash('md5')
    .update(`${nodeName}\n${JSON.stringify(pod)}`)
    .digest('hex')
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      namespace: pod.metadata?.namespace ?? 'default',
      uid,
      annotations: {
        ...pod.metadata?.annotations,
        [CONFIG_HASH]: uid,
        [CONFIG_SOURCE]: 'file',
      },
    },
    spec: {
      ...pod.spec,
      containers: pod.spec?.containers ?? [],
      nodeName,
      // A static Pod has no other place to go: no taint may end it.
      tolerations: [...(pod.spec?.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  }
}

function parsePod(text: string, file: string): KubePod {
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    throw badManifest(file, errorBody(cause).message.split('\n')[0] ?? 'no YAML', cause)
  }
  if (!isObject(value)) throw badManifest(file, 'it holds no object')
  if (value['kind'] !== 'Pod' || value['apiVersion'] !== 'v1') {
    throw badManifest(file, `it is ${String(value['apiVersion'])} ${String(value['kind'])}`)
  }
  const { metadata, spec } = value
  if (!isObject(metadata) || !isName(metadata['name'])) {
    throw badManifest(file, 'metadata.name is not a name')
  }
  const containers = isObject(spec) ? spec['containers'] : undefined
  if (!Array.isArray(containers) || containers.length === 0) {
    throw badManifest(file, 'spec.containers is empty')
  }
  for (const [index, container] of containers.entries()) {
    checkContainer(container, `spec.containers[${index}]`, file)
  }
  return value
}

function checkContainer(container: unknown, path: string, file: string): void {
  if (!isObject(container)) throw badManifest(file, `${path} is no object`)
  if (!isName(container['name'])) throw badManifest(file, `${path}.name is not a name`)
  if (typeof container['image'] !== 'string') throw badManifest(file, `${path}.image is missing`)
  for (const list of ['command', 'args']) {
    const parts: unknown = container[list] ?? []
    const ok = Array.isArray(parts) && parts.every((part) => typeof part === 'string')
    if (!ok) throw badManifest(file, `${path}.${list} must be a list of strings`)
  }
}

function badManifest(file: string, why: string, cause?: unknown): HalabError {
  return new HalabError('bad-manifest', `${file} is not a static Pod: ${why}`, {
    hint: 'correct the file; the Pod starts as soon as it can be read',
    cause,
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** A DNS subdomain: also keeps path separators out of what becomes a folder's name. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value)

/** What the API server would fill in, as far as a kubelet reads it. */
function withDefaults(pod: KubePod): KubePod {
  const spec = pod.spec
  if (!spec) return pod
  return {
    ...pod,
    spec: {
      ...spec,
      restartPolicy: spec.restartPolicy ?? 'Always',
      terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
      containers: spec.containers.map(withProbeDefaults),
    },
  }
}

function withProbeDefaults(container: KubeContainer): KubeContainer {
  const fill = (probe: KubeProbe): KubeProbe => ({
    ...probe,
    ...(probe.httpGet && { httpGet: { path: '/', scheme: 'HTTP', ...probe.httpGet } }),
  })
  return {
    ...container,
    ...(container.startupProbe && { startupProbe: fill(container.startupProbe) }),
    ...(container.livenessProbe && { livenessProbe: fill(container.livenessProbe) }),
    ...(container.readinessProbe && { readinessProbe: fill(container.readinessProbe) }),
  }
}
