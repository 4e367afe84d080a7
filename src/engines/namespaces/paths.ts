/**
 * Paths inside a lab, the same for every lab and user: `enter.sh` makes `/mnt` a tmpfs of the lab's
 * own and binds there what it needs from outside, so that nothing depends on where the checkout
 * lies or who may read it.
 */
const base = '/mnt'

export const paths = {
  base,
  /** The checkout, read-only. */
  app: `${base}/app`,
  sources: `${base}/app/src`,
  binaries: `${base}/bin`,
  nodeProgram: `${base}/node`,
  golden: `${base}/golden`,
  compiled: `${base}/compiled`,
  /** The run's folder below the runtime dir: `agent.sock`, `run.json`. */
  run: `${base}/run`,
  archive: `${base}/archive`,
  /** tmpfs: everything that vanishes with the lab. */
  lab: `${base}/lab`,
  programs: `${base}/lab/programs`,
  /** Bound into every node as /run/halab; holds the socket behind the `lab` command. */
  learnerSockets: `${base}/lab/learner`,
  sockets: `${base}/lab/sockets`,
  nodes: `${base}/lab/nodes`,
  node: (name: string) => `${base}/lab/nodes/${name}`,
} as const
