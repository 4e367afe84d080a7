import type { KubeContainer, KubeEnvVar, KubePod } from '../kube/index.ts'

/** What `fieldRef` may ask for beyond the Pod itself. */
export interface PodPlace {
  readonly nodeName: string
  readonly hostIP: string
  readonly podIP: string
}

const BASE: Readonly<Record<string, string>> = {
  PATH: '/opt/halab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/**
 * Environment of a container: a base, then `env` in order, each value expanded with what came
 * before it.
 */
export function containerEnv(
  pod: KubePod,
  container: KubeContainer,
  place: PodPlace,
): Record<string, string> {
  const given: Record<string, string> = {}
  for (const variable of container.env ?? []) {
    given[variable.name] = valueOf(variable, pod, place, given)
  }
  return {
    ...BASE,
    HOSTNAME: pod.spec?.hostNetwork ? place.nodeName : (pod.metadata?.name ?? ''),
    ...given,
  }
}

function valueOf(
  variable: KubeEnvVar,
  pod: KubePod,
  place: PodPlace,
  before: Readonly<Record<string, string>>,
): string {
  const fieldPath = variable.valueFrom?.fieldRef?.fieldPath
  if (fieldPath) return fieldValue(fieldPath, pod, place)
  return expand(variable.value ?? '', before)
}

/** Value of a downward-API field; empty for one that the Pod does not have. */
function fieldValue(fieldPath: string, pod: KubePod, place: PodPlace): string {
  const meta = pod.metadata ?? {}
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath)
  if (keyed) return meta[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? ''
  switch (fieldPath) {
    case 'metadata.name':
      return meta.name ?? ''
    case 'metadata.namespace':
      return meta.namespace ?? ''
    case 'metadata.uid':
      return meta.uid ?? ''
    case 'spec.nodeName':
      return place.nodeName
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? ''
    case 'status.podIP':
    case 'status.podIPs':
      return place.podIP
    case 'status.hostIP':
    case 'status.hostIPs':
      return place.hostIP
    default:
      return ''
  }
}

/** `$(NAME)` → its value; `$$(NAME)` → `$(NAME)`; an unknown name stays as written. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(values, name) ? (values[name] ?? '') : whole
  })
}

/** `command` replaces the image's entrypoint and its arguments; `args` replaces its arguments alone. */
export function containerArgv(
  container: KubeContainer,
  image: { readonly entrypoint: readonly string[]; readonly args: readonly string[] },
  env: Readonly<Record<string, string>>,
): string[] {
  const command = container.command?.length ? container.command : image.entrypoint
  const defaults = container.command?.length ? [] : image.args
  const args = container.args?.length ? container.args : defaults
  return [...command, ...args].map((part) => expand(part, env))
}
