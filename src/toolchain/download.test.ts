import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloadVerified, fetchText, isUnreachable } from './download.ts'
import { sha256, startPublisher, type Publisher } from './testing/publisher.ts'

/** Larger than what streams hold back: that much is lost when a connection breaks. */
const body = Buffer.from(Array.from({ length: 4_000_000 }, (_, i) => i % 251))
let folder: string
let part: string
let publisher: Publisher

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halab-download-'))
  part = join(folder, 'file.part')
  publisher = await startPublisher()
})
afterEach(async () => {
  await publisher[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function get(sum = sha256(body), signal?: AbortSignal): Promise<void> {
  return downloadVerified(`${publisher.url}/file`, part, sum, { signal })
}

test('a good file arrives whole, with its size told on the way', async () => {
  publisher.files.set('/file', { body })
  const seen: (readonly [number, number | null])[] = []
  await downloadVerified(`${publisher.url}/file`, part, sha256(body), {
    onBytes: (...bytes) => seen.push(bytes),
  })
  expect(body.equals(await readFile(part))).toBe(true)
  expect(seen.at(-1)).toEqual([body.length, body.length])
})

test('a corrupt file is an error, and nothing of it stays', async () => {
  publisher.files.set('/file', { body: Buffer.from(body).fill(7, 500, 501) })
  await expect(get()).rejects.toMatchObject({ code: 'checksum-mismatch' })
  await expect(stat(part)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a connection that breaks is continued where it stopped', async () => {
  publisher.files.set('/file', { body, hangUpAfter: 3_000_000 })
  await get()
  expect(body.equals(await readFile(part))).toBe(true)
  expect(publisher.requests).toEqual(['GET /file', expect.stringMatching(/bytes=[1-9]\d*-$/)])
})

test('what an earlier run left is continued', async () => {
  await writeFile(part, body.subarray(0, 60_000))
  publisher.files.set('/file', { body })
  await get()
  expect(publisher.requests).toEqual(['GET /file bytes=60000-'])
  expect(body.equals(await readFile(part))).toBe(true)
})

test('a server that knows no ranges sends it all again', async () => {
  await writeFile(part, body.subarray(0, 60_000))
  publisher.files.set('/file', { body, ignoresRange: true })
  await get()
  expect(body.equals(await readFile(part))).toBe(true)
})

test('what was left of another file accuses nobody: it is fetched anew', async () => {
  await writeFile(part, Buffer.alloc(60_000))
  publisher.files.set('/file', { body })
  await get()
  expect(publisher.requests).toEqual(['GET /file bytes=60000-', 'GET /file'])
})

test('a file that was complete already is only verified', async () => {
  await writeFile(part, body)
  publisher.files.set('/file', { body })
  await get()
  expect(publisher.requests).toEqual([`GET /file bytes=${body.length}-`])
})

test('a file that is not there, and a server that is not there, are unreachable', async () => {
  const refusal: unknown = await get().catch((error: unknown) => error)
  expect(isUnreachable(refusal)).toBe(true)
  expect(publisher.requests).toHaveLength(1)
  await publisher[Symbol.asyncDispose]()
  const silence: unknown = await fetchText(publisher.url).catch((error: unknown) => error)
  expect(isUnreachable(silence)).toBe(true)
  expect(String(silence)).toContain('cannot be reached')
  publisher = await startPublisher()
})

test('an interruption leaves the part, and the next run goes on from it', async () => {
  publisher.files.set('/file', { body, stallAfter: 3_000_000 })
  const stop = new AbortController()
  const interrupted = downloadVerified(`${publisher.url}/file`, part, sha256(body), {
    signal: stop.signal,
    onBytes: (have) => have >= 1_000_000 && stop.abort(new Error('Ctrl-C')),
  })
  await expect(interrupted).rejects.toThrow('Ctrl-C')
  const { size } = await stat(part)
  publisher.files.set('/file', { body })
  await get()
  expect(publisher.requests.at(-1)).toBe(size > 0 ? `GET /file bytes=${size}-` : 'GET /file')
  expect(body.equals(await readFile(part))).toBe(true)
})
