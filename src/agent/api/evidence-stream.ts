/** The evidence log as JSON lines: what is there, and with `follow` what comes. */
import type { ServerResponse } from 'node:http'
import type { Evidence } from '../../wire/evidence.ts'
import type { EvidenceLog } from '../evidence-log.ts'

/** A reader who takes no more than this behind the present is cut off, and may come back with `from`. */
const MAX_LAG_BYTES = 8 << 20

export async function streamEvidence(
  log: EvidenceLog,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const kind = query.get('kind')
  const from = Math.max(1, Number(query.get('from') ?? 1) || 1)
  const wanted = (line: Evidence) => kind === null || line.kind === kind
  response.setHeader('content-type', 'application/x-ndjson')
  response.flushHeaders()
  const send = (line: Evidence) => {
    if (!wanted(line)) return
    response.write(JSON.stringify(line) + '\n')
    if (response.writableLength > MAX_LAG_BYTES) response.destroy()
  }
  // What is written while the past is being read waits its turn.
  const waiting: Evidence[] = []
  let past = true
  const stop = query.has('follow')
    ? log.follow((line) => {
        if (past) waiting.push(line)
        else send(line)
      })
    : () => undefined
  response.once('close', stop)
  for await (const line of log.read(from)) {
    if (response.destroyed) return
    send(line)
  }
  past = false
  for (const line of waiting) if (line.n >= from) send(line)
  if (!query.has('follow')) response.end()
}
