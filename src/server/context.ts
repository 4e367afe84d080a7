/** What the routes share. */
import type { LaunchRequest } from '../engines/launch.ts'
import type { AgentClient, ClientName } from '../wire/agent-client.ts'
import type { RunSummary } from '../wire/lab.ts'
import type { Address } from './guard.ts'
import type { Metrics } from './metrics.ts'
import type { LoginToken, SessionCookie, Sessions } from './sessions.ts'
import type { Sockets } from './sockets.ts'
import type { ProgressBook } from './store/progress.ts'
import type { Tickets } from './tickets.ts'

/** Running labs, as `src/engines` has them. */
export interface Runs {
  /** Resolves once the lab's agent answers. */
  launch(request: LaunchRequest, signal?: AbortSignal): Promise<AgentClient>
  list(): Promise<RunSummary[]>
  /** Throws `unknown-run`. */
  connect(name: string, client: ClientName): Promise<AgentClient>
}

export interface ServerContext {
  readonly root: string
  readonly addresses: readonly Address[]
  readonly runs: Runs
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly token: LoginToken
  readonly tickets: Tickets
  readonly progress: ProgressBook
  readonly sockets: Sockets
  readonly metrics: Metrics
  /** Aborts when the server closes. */
  readonly closing: AbortSignal
  /** Something that does not keep the request from being answered. */
  warn(error: unknown, what: string): void
}
