/**
 * lab-term.v1: what travels on a terminal's WebSocket. Text frames are the JSON messages below,
 * binary frames are data (`src/terminal/codec.ts`). Offsets count the bytes that the pty has put
 * out since the session's `epoch` began.
 */
export type TerminalRole = 'learner' | 'instructor' | 'viewer'

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

/** Somebody attached to a terminal. */
export interface TerminalParty {
  /** Of this attachment, not of the person: two tabs are two parties. */
  readonly id: string
  readonly role: TerminalRole
  readonly name?: string
}

export type TerminalClientMessage =
  | ({
      readonly type: 'hello'
      readonly v: 1
      readonly want: 'control' | 'view'
      /** What the client still shows: from an earlier welcome and what it parsed since. */
      readonly resume?: {
        readonly epoch: string
        readonly offset: number
        /** `you` of that welcome: if that attachment still hangs, this one replaces it (4409). */
        readonly you?: string
      }
    } & TerminalSize)
  | ({ readonly type: 'resize' } & TerminalSize)
  | {
      readonly type: 'control'
      readonly op: 'request' | 'grant' | 'deny' | 'release' | 'take'
    }
  /** A code block of the lesson: pasted as a person would, then Enter if asked for. */
  | {
      readonly type: 'run'
      readonly blockId: string
      readonly text: string
      readonly enter: boolean
    }
  | { readonly type: 'ping'; readonly t: number }

export interface TerminalWelcome extends TerminalSize {
  readonly type: 'welcome'
  readonly epoch: string
  /**
   * Bytes put out so far. What the client parses up to here is replay: whatever its emulator
   * answers to it (device reports) must not be sent as input.
   */
  readonly offset: number
  readonly you: string
  readonly role: TerminalRole
  /** Who types; `null`: nobody. You do when its id is `you`. */
  readonly controller: TerminalParty | null
  readonly viewers: readonly TerminalParty[]
  readonly limits: {
    readonly inputBytes: number
    readonly ackEveryBytes: number
    readonly ackAfterMs: number
  }
  /** ISO time at which an idle terminal closes; null: never. */
  readonly idleAt: string | null
}

export type TerminalServerMessage =
  | TerminalWelcome
  /** `parts` binary SNAPSHOT frames follow: reset, take this size, write them, then go on at their offset. */
  | ({
      readonly type: 'snapshot'
      readonly title: string
      readonly parts: number
    } & TerminalSize)
  | ({ readonly type: 'size' } & TerminalSize)
  | {
      readonly type: 'role'
      readonly role: TerminalRole
      readonly controller: TerminalParty | null
    }
  | { readonly type: 'viewers'; readonly viewers: readonly TerminalParty[] }
  /** To the controller: somebody asks to type. To the asker: no. */
  | { readonly type: 'control'; readonly op: 'request' | 'deny'; readonly from: TerminalParty }
  | { readonly type: 'title'; readonly title: string }
  /** Output was left out because this client reads too slowly; a snapshot follows its next ACK. */
  | { readonly type: 'lag'; readonly skipped: number }
  | { readonly type: 'idle'; readonly closesAt: string }
  | { readonly type: 'exit'; readonly code: number | null; readonly signal: string | null }
  | {
      readonly type: 'error'
      readonly code: string
      readonly message: string
      readonly retry: boolean
    }
  | { readonly type: 'pong'; readonly t: number }

/** Close codes; a client comes back by itself after 1001, 1006, 1011 and 4503 only. */
export const TERMINAL_CLOSE = {
  protocol: 4400,
  noSession: 4401,
  forbidden: 4403,
  unknown: 4404,
  idle: 4408,
  replaced: 4409,
  exited: 4410,
  tooBig: 4413,
  rate: 4429,
  restarting: 4503,
} as const

export const TERMINAL_PROTOCOL = 'lab-term.v1'
