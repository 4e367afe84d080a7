/** Headers of every answer, with the Content-Security-Policy computed from the pages themselves. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../errors.ts'

export type Headers = Readonly<Record<string, string>>

/** `dist` is the built site. Throws `no-site` when it is not there. */
export async function responseHeaders(dist: string): Promise<Headers> {
  return {
    'content-security-policy': contentPolicy(await scriptHashes(dist)),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}

/** Pagefind's search needs WASM; highlighted code brings inline styles; xterm's WebGL a worker. */
export function contentPolicy(hashes: readonly string[]): string {
  return [
    "default-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes.map((hash) => `'sha256-${hash}'`)].join(' '),
    "style-src 'self' 'unsafe-inline'",
  ].join('; ')
}

async function scriptHashes(dist: string): Promise<string[]> {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new HalabError('no-site', 'The course is not built', {
        hint: '`npm run site` builds it; `npm start` does so by itself.',
        cause,
      })
    },
  )
  const pages = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
  const hashes = new Set<string>()
  for (const page of pages) {
    const html = await readFile(join(page.parentPath, page.name), 'utf8')
    for (const script of inlineScripts(html)) hashes.add(sha256(script))
  }
  return [...hashes].sort()
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')

/** What a browser would run: scripts without `src`, of a type that is code. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)]
    .filter(([, attributes = '']) => !/\ssrc\s*=/i.test(attributes) && isCode(attributes))
    .map(([, , code = '']) => code)
}

function isCode(attributes: string): boolean {
  const type = /\stype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1]?.toLowerCase()
  return type === undefined || !/^application\/(ld\+)?json$/.test(type)
}
