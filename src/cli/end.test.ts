import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('a slow reader gets everything, far more than a pipe holds', async () => {
  const bytes = 1 << 20
  const script = `
    const { endWith } = await import(${JSON.stringify(new URL('end.ts', import.meta.url).href)})
    await endWith(async () => { process.stdout.write('x'.repeat(${bytes})); return 7 })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Not read for a while: the pipe is full, and a process that did not care would be gone.
  await Promise.race([once(child, 'exit'), delay(500)])
  let read = 0
  child.stdout.on('data', (chunk: Buffer) => (read += chunk.length))
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, read }).toEqual({ code: 7, read: bytes })
})
