/**
 * What the server answers under `/api`, beyond the agent's paths (`agent-api.ts`) that it relays
 * under `/api/runs/NAME/…`. All but POST /api/session need the session's cookie.
 *
 *   POST   /api/session {token}            SessionSummary, and the cookie
 *   GET    /api/session                    SessionSummary
 *   DELETE /api/session                    ends it and closes its sockets
 *   GET    /api/labs                       LabListing[]
 *   GET    /api/runs                       RunSummary[]
 *   POST   /api/runs    StartRequest       202 RunSummary
 *   GET    /api/runs/NAME · …/results · …/evidence · …/terminals
 *   POST   /api/runs/NAME/check · faults · pause · resume · reset · end · terminals
 *   POST   /api/runs/NAME/tasks/ID/hint · answer
 *   POST   /api/runs/NAME/terminals/ID/tickets   {ticket}
 *   GET    /api/progress                   Progress
 *   PUT    /api/progress/lessons/ID {state: 'seen' | 'done'}
 *   GET    /metrics                        Prometheus text
 *   WS     /ws/runs/NAME/events            AgentEvent as text frames
 *   WS     /ws/runs/NAME/terminals/ID      lab-term.v1; subprotocols `lab-term.v1`, `ticket.…`
 */
import type { EngineName, LabSummary } from './lab.ts'

export interface SessionSummary {
  readonly role: 'learner'
}

/** A lab that cannot be started has `broken` and no tasks. */
export interface LabListing extends LabSummary {
  readonly broken?: {
    /** Relative to the checkout. */
    readonly file: string
    /** In the definition; empty when the file could not be read at all. */
    readonly path: string
    readonly message: string
    readonly hint: string
  }
}

export interface StartRequest {
  readonly lab: string
  readonly engine?: EngineName
  readonly seed?: number
}

export interface Progress {
  readonly lessons: readonly LessonProgress[]
  readonly labs: readonly LabProgress[]
  readonly answers: readonly AnswerProgress[]
  /** Ids of the labs whose tasks were all passed at once. */
  readonly passed: readonly string[]
}
export interface LessonProgress {
  readonly id: string
  readonly seenAt: string
  readonly doneAt: string | null
}
/** The best result; of two equal ones the first. */
export interface LabProgress {
  readonly lab: string
  readonly score: number
  readonly max: number
  readonly at: string
}
/** The last answer to a question task. */
export interface AnswerProgress {
  readonly lab: string
  readonly task: string
  readonly value: string
  readonly status: 'pass' | 'fail' | 'error'
  readonly at: string
}
