/** The course's modules, in reading order; `id` is the folder in `content/`. */
export const modules = [
  { id: 'start', label: 'Start' },
  { id: 'api-server', label: 'The API server' },
  { id: 'leader-election', label: 'Leader election' },
  { id: 'etcd', label: 'etcd' },
  { id: 'nodes', label: 'Nodes and workloads' },
  { id: 'knative', label: 'Knative Serving' },
  { id: 'linkerd', label: 'Linkerd' },
  { id: 'production', label: 'In production' },
] as const
