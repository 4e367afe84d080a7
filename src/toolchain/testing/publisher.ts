/** A publisher on this machine that serves files as badly as a test wants. For tests only. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answer {
  readonly body: Buffer
  /** Hang up after this many bytes of the body, once. */
  hangUpAfter?: number
  /** Send this many bytes of the body and then nothing, until told to go on. */
  stallAfter?: number
  readonly ignoresRange?: boolean
}

export interface Publisher extends AsyncDisposable {
  readonly url: string
  readonly files: Map<string, Answer>
  /** `GET /path` or `GET /path bytes=5-`, in order. */
  readonly requests: string[]
}

export async function startPublisher(): Promise<Publisher> {
  const files = new Map<string, Answer>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '))
    const file = files.get(path)
    if (file) send(file, request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(file: Answer, request: IncomingMessage, response: ServerResponse): void {
  const from = file.ignoresRange
    ? 0
    : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const { body } = file
  if (from > 0 && from >= body.length) {
    response.writeHead(416).end()
    return
  }
  const end = { 'content-length': body.length - from }
  if (from > 0)
    response.writeHead(206, {
      ...end,
      'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
    })
  else response.writeHead(200, end)
  const { hangUpAfter, stallAfter } = file
  if (hangUpAfter !== undefined) {
    delete file.hangUpAfter
    response.write(body.subarray(from, from + hangUpAfter), () => response.destroy())
  } else if (stallAfter !== undefined) response.write(body.subarray(from, from + stallAfter))
  else response.end(body.subarray(from))
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A program that says a version, as what publishers publish does. */
export function fakeProgram(version: string): Buffer {
  return Buffer.from(`#!/bin/sh\necho "Version: v${version}"\n`)
}
