import { afterEach, expect, test, vi } from 'vitest'
import { createMirror, plainTitle, type Mirror } from './mirror.ts'

const SIZE = { cols: 40, rows: 10 }
const mirrors: Mirror[] = []
afterEach(() => mirrors.splice(0).forEach((mirror) => mirror.dispose()))

async function open(size = SIZE) {
  const events = { answer: vi.fn(), title: vi.fn(), parsed: vi.fn() }
  const mirror = await createMirror(size, events)
  mirrors.push(mirror)
  return { mirror, events }
}

/** What a second terminal puts in a snapshot of its own after taking in one. */
async function passOn(output: string) {
  const { mirror } = await open()
  mirror.write(Buffer.from(output))
  const first = await mirror.snapshot()
  const { mirror: copy } = await open(first)
  copy.write(first.bytes)
  return { first: text(first.bytes), second: text((await copy.snapshot()).bytes), mirror, copy }
}
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test.each([
  ['colours and text', 'plain \x1b[31mred\x1b[0m\r\nnext'],
  ['wide characters', '東京 🙂 ü'],
  ['bracketed paste', '\x1b[?2004h$ '],
  ['mouse tracking with its encoding', '\x1b[?1002h\x1b[?1006h'],
  ['cursor style and visibility', '\x1b[5 q\x1b[?25l'],
  ['a scroll region with the cursor inside', '\x1b[3;8r\x1b[5;7Hhere'],
  ['a scroll region in origin mode', '\x1b[3;8r\x1b[?6h\x1b[2;4Hhere'],
  ['the alternate screen with its region', 'shell\x1b[?1049h\x1b[2;9r\x1b[4;4Hvim'],
  ['a title', '\x1b]2;cp-1: ~\x07'],
])('a snapshot carries %s', async (_, output) => {
  const { first, second } = await passOn(output)
  expect(second).toBe(first)
})

test('what was undone is not restored', async () => {
  const { first } = await passOn(
    '\x1b[?1049h\x1b[2;9r\x1b[?1006h\x1b[?25l\x1b[3 q' +
      '\x1b[r\x1b[?1006l\x1b[?25h\x1b[0 q\x1b[?1049l$ ',
  )
  expect(first).toBe('$ ')
})

test('a full reset forgets the modes', async () => {
  const { first } = await passOn('\x1b[?1006h\x1b[?25l\x1b[3;8r\x1bcx')
  expect(first).toBe('x')
})

test('answers queries itself, and a snapshot asks none', async () => {
  const { mirror, events } = await open()
  mirror.write(Buffer.from('\x1b[c\x1b[5n\x1b[6n'))
  const { bytes } = await mirror.snapshot()
  expect(events.answer.mock.calls.flat()).toEqual(['\x1b[?1;2c', '\x1b[0n', '\x1b[1;1R'])
  expect(text(bytes)).toBe('')
})

test('knows how far it has read and which modes are on', async () => {
  const { mirror } = await open()
  mirror.write(Buffer.from('abc\x1b[?2004h'))
  expect(mirror.pending).toBe(11)
  expect(await mirror.snapshot()).toMatchObject({ offset: 11, ...SIZE })
  expect(mirror).toMatchObject({ parsed: 11, pending: 0, bracketedPaste: true, alternate: false })
})

test('a resize waits for the output before it', async () => {
  const { mirror } = await open()
  mirror.write(Buffer.from('x'.repeat(40)))
  mirror.resize({ cols: 20, rows: 5 })
  expect(await mirror.snapshot()).toMatchObject({ cols: 20, rows: 5 })
})

test('titles are cut and cleaned', () => {
  expect(plainTitle('a\x07b\x1b[31m\u009fc')).toBe('ab[31mc')
  expect(plainTitle('x'.repeat(1000))).toHaveLength(256)
})
