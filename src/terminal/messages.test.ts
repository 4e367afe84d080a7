import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TerminalClientMessage } from '../wire/terminal.ts'
import { parseClientMessage, parseServerMessage } from './messages.ts'

const good: TerminalClientMessage[] = [
  { type: 'hello', v: 1, cols: 80, rows: 24, want: 'control' },
  {
    type: 'hello',
    v: 1,
    cols: 0,
    rows: 0,
    want: 'view',
    resume: { epoch: 'e', offset: 7, you: 'a' },
  },
  { type: 'resize', cols: 100, rows: 30 },
  { type: 'control', op: 'take' },
  { type: 'run', blockId: 'b', text: 'kubectl get nodes', enter: true },
  { type: 'ping', t: 1.5 },
]

test.each(good)('takes %o', (message) => {
  expect(parseClientMessage(JSON.stringify(message))).toEqual(message)
})

test.each([
  ['{', 'JSON'],
  ['null', 'message'],
  ['{"type":"shutdown"}', 'type'],
  ['{"type":"hello","v":2,"cols":80,"rows":24,"want":"control"}', 'v'],
  ['{"type":"resize","cols":-1,"rows":24}', 'cols'],
  ['{"type":"resize","cols":80.5,"rows":24}', 'cols'],
  ['{"type":"ping","t":1,"extra":true}', 'message'],
  [
    '{"type":"hello","v":1,"cols":1,"rows":1,"want":"view","resume":{"epoch":"e"}}',
    'resume.offset',
  ],
])('refuses %s and names the place', (text, place) => {
  expect(() => parseClientMessage(text)).toThrow(place)
})

test('garbage is a typed error, whatever it is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        parseClientMessage(text)
      } catch (error) {
        expect(error).toMatchObject({ name: 'HalabError', code: 'bad-message' })
      }
    }),
  )
})

test('a message of a newer server is passed over', () => {
  expect(parseServerMessage('{"type":"pong","t":3}')).toEqual({ type: 'pong', t: 3 })
  expect(parseServerMessage('{"type":"fireworks"}')).toBeNull()
  expect(parseServerMessage('[]')).toBeNull()
})
