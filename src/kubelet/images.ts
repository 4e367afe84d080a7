/** Which images are programs that we know; every other image becomes a simulated container. */
interface Program {
  /** Found on the node's PATH unless absolute: the image's entrypoint. */
  readonly entrypoint: readonly string[]
  /** The image's default arguments. */
  readonly args: readonly string[]
}
/** The program of an image reference, or null where there is none. */
export type ImageTable = (image: string) => Program | null

/** Where the node keeps programs of ours. */
const HALAB_BIN = '/opt/halab/bin'

const CONTROL_PLANE = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const

/** `programs`: the folder of the course's own programs on the node. */
export function knownImages(programs = HALAB_BIN): ImageTable {
  const table = new Map<string, Program>([
    ['registry.k8s.io/etcd', { entrypoint: ['etcd'], args: [] }],
    ['halab.dev/web', { entrypoint: [`${programs}/halab-web`], args: [] }],
    ...CONTROL_PLANE.map((name): [string, Program] => [
      `registry.k8s.io/${name}`,
      { entrypoint: [name], args: [] },
    ]),
  ])
  return (image) => table.get(repositoryOf(image)) ?? null
}

/** `host:5000/a/b:tag@sha256:…` → `host:5000/a/b`. */
export function repositoryOf(image: string): string {
  const [named = ''] = image.split('@')
  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  return colon < 0 ? named : named.slice(0, colon)
}
