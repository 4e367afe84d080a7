/** One file over HTTP: resumed where it stopped, verified before anybody may take it for whole. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestInit, Response } from 'undici'
import { errorBody, HalabError, isHalabError } from '../errors.ts'
import {
  ATTEMPTS,
  CONNECT_TIMEOUT_MS,
  EMPTY_ATTEMPTS,
  FIRST_RETRY_MS,
  HEADERS_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
} from './limits.ts'

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes on disk and, where the server tells, in all. */
  readonly onBytes?: (have: number, of: number | null) => void
}

/** Loaded when something is really to be downloaded: it takes longer to load than the rest of us. */
let client: ReturnType<typeof loadClient> | undefined

async function loadClient() {
  const { EnvHttpProxyAgent, fetch } = await import('undici')
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: STALL_TIMEOUT_MS,
  })
  return (url: string, init: RequestInit): Promise<Response> => fetch(url, { ...init, dispatcher })
}

/** `unreachable`: nothing to be had from there now. Anything else is worth stopping for. */
export function isUnreachable(error: unknown): boolean {
  return isHalabError(error) && error.code === 'download-unreachable'
}

/** A small text, e.g. a checksum file. Throws `download-unreachable`. */
export async function fetchText(url: string, signal?: AbortSignal): Promise<string> {
  const response = await request(url, {}, signal)
  if (response.status !== 200) throw refused(url, response.status)
  return await response.text().catch((error: unknown) => {
    throw unreachable(url, error)
  })
}

/**
 * Brings `url` to `part` and makes sure that it has this sha256; `part` stays on interruption and is
 * gone on a wrong checksum. Throws `download-unreachable`, `checksum-mismatch`, `disk-full`.
 */
export async function downloadVerified(
  url: string,
  part: string,
  sha256: string,
  options: DownloadOptions = {},
): Promise<void> {
  const resumed = (await sizeOf(part)) > 0
  await download(url, part, options)
  let actual = await sha256Of(part)
  if (actual !== sha256 && resumed) {
    // The piece that was already there may have been of another file: only a whole download accuses.
    await rm(part)
    await download(url, part, options)
    actual = await sha256Of(part)
  }
  if (actual === sha256) return
  await rm(part)
  throw new HalabError(
    'checksum-mismatch',
    `${url} has the sha256 ${actual}, but ${sha256} was expected`,
    {
      hint: 'Something altered it on its way (a proxy, a mirror). Nothing of it was kept. Try another network, or build from source: ./halab toolchain --build',
    },
  )
}

async function download(url: string, part: string, options: DownloadOptions): Promise<void> {
  let empty = 0
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part)
    try {
      await continueDownload(url, part, before, options)
      return
    } catch (error) {
      options.signal?.throwIfAborted()
      if (isHalabError(error) && !isUnreachable(error)) throw error
      empty = (await sizeOf(part)) > before ? 0 : empty + 1
      if (empty >= EMPTY_ATTEMPTS || attempt >= ATTEMPTS || isRefusal(error)) throw error
      await sleep(FIRST_RETRY_MS * 2 ** empty, undefined, { signal: options.signal })
    }
  }
}

/** One request for what is missing, to its end. */
async function continueDownload(
  url: string,
  part: string,
  have: number,
  { signal, onBytes }: DownloadOptions,
): Promise<void> {
  const response = await request(url, have > 0 ? { range: `bytes=${have}-` } : {}, signal)
  // Nothing is missing: whether it is the right file the checksum will tell.
  if (response.status === 416 && have > 0) return
  const resumes = response.status === 206 && startOf(response) === have
  if (response.status !== 200 && !resumes) {
    await response.body?.cancel()
    throw refused(url, response.status)
  }
  let bytes = resumes ? have : 0
  const length = Number(response.headers.get('content-length')) || null
  const total = length === null ? null : bytes + length
  await using file = await open(part, resumes ? 'a' : 'w')
  try {
    // One chunk after the other, so that what has arrived is on disk when the connection breaks.
    for await (const chunk of response.body ?? []) {
      await file.write(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).length
      onBytes?.(bytes, total)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw diskFull(error, part) ?? unreachable(url, error)
  }
  await file.sync()
}

async function request(
  url: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Response> {
  try {
    const fetch = await (client ??= loadClient())
    return await fetch(url, { headers, ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw unreachable(url, error)
  }
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1)
}

/** The server answered, and its answer was no: asking again at once will not change it. */
class Refusal extends Error {}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Refusal
}

function refused(url: string, status: number): HalabError {
  const cause = new Refusal(String(status))
  return new HalabError('download-unreachable', `${url} was answered with ${status}`, { cause })
}

function unreachable(url: string, error: unknown): HalabError {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : ''
  const { host } = new URL(url)
  return new HalabError(
    'download-unreachable',
    `${host} cannot be reached (${code || errorBody(reason).message})`,
    { cause: error },
  )
}

export function diskFull(error: unknown, path: string): HalabError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) return undefined
  return new HalabError('disk-full', `The disk is full: ${path} could not be written`, {
    hint: 'Free some space and run the same command again; it goes on where it stopped.',
    cause: error,
  })
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
