import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'

/** Where a command reads and writes. Tests bring streams of their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  /** Print for machines. */
  readonly json: boolean
}
export type Output = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export function print(io: Io, text: string): void {
  io.stdout.write(`${text}\n`)
}

/** For people: progress, notes, hints. Standard output stays what the contract says. */
export function note(io: Io, text: string): void {
  io.stderr.write(`${text}\n`)
}

/** One JSON document and a line's end. */
export function printJson(io: Io, value: unknown): void {
  print(io, JSON.stringify(value))
}

type Style = Parameters<typeof styleText>[0]

/** Colours on a terminal only; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured by Node. */
export function paint(stream: Output, style: Style, text: string): string {
  return styleText(style, text, { stream })
}
