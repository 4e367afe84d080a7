/** The lab's terminals: they outlive pages and the server, and are opened anew after a reset. */
import type { Node } from '../engines/types.ts'
import { HalabError } from '../errors.ts'
import type { TerminalSession } from '../terminal/index.ts'
import type { TerminalSummary } from '../wire/agent-api.ts'

export interface Terminals {
  list(): TerminalSummary[]
  open(node: string): Promise<TerminalSummary>
  /** Throws `unknown-terminal`. */
  get(id: string): TerminalSession
  close(id: string): void
  closeAll(): void
  /** After a reset: a new shell behind each id that there was. */
  reopen(): Promise<void>
  onChange(listener: () => void): void
}

const FIRST_SIZE = { cols: 80, rows: 24 }
/** Forgotten tabs add up to memory: a shell and two ptys each. */
const MAX_TERMINALS = 24

interface Entry {
  readonly id: string
  readonly node: string
  session: TerminalSession | undefined
}

export function createTerminals(nodeOf: (name: string) => Node): Terminals {
  const entries = new Map<string, Entry>()
  const listeners: (() => void)[] = []
  const changed = () => {
    for (const listener of listeners) listener()
  }
  let count = 0

  async function begin(entry: Entry): Promise<void> {
    // The emulator behind it is half a megabyte of code: loaded when somebody wants a terminal.
    const { createTerminalSession } = await import('../terminal/index.ts')
    const pty = await nodeOf(entry.node).terminal(FIRST_SIZE)
    const session = await createTerminalSession({ pty, title: entry.node, size: FIRST_SIZE })
    entry.session = session
    session.onChange(changed)
    void pty.exited.then(changed)
  }
  const summary = ({ id, node, session }: Entry): TerminalSummary => ({
    id,
    node,
    title: session?.title ?? node,
    exited: session === undefined || session.exit !== null,
  })

  return {
    list: () => [...entries.values()].map(summary),
    async open(node) {
      if (entries.size >= MAX_TERMINALS) {
        throw new HalabError('too-many-terminals', `${MAX_TERMINALS} terminals are open`, {
          hint: 'close one that you do not need',
        })
      }
      const entry: Entry = { id: `${node}-${(count += 1)}`, node, session: undefined }
      await begin(entry)
      entries.set(entry.id, entry)
      changed()
      return summary(entry)
    },
    get(id) {
      const session = entries.get(id)?.session
      if (session) return session
      throw new HalabError('unknown-terminal', `there is no terminal ${id}`, {
        hint: `open ones: ${[...entries.keys()].join(', ') || 'none'}`,
      })
    },
    close(id) {
      entries.get(id)?.session?.close()
      entries.get(id)?.session?.[Symbol.dispose]()
      entries.delete(id)
      changed()
    },
    closeAll() {
      for (const entry of entries.values()) {
        entry.session?.close(4503, 'the lab is being reset')
        entry.session?.[Symbol.dispose]()
        entry.session = undefined
      }
      changed()
    },
    async reopen() {
      if (entries.size === 0) return
      await Promise.all([...entries.values()].map((entry) => begin(entry).catch(() => undefined)))
      changed()
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
