import { afterEach, expect, test, vi } from 'vitest'
import { attachFake, createFakeClock, createFakePty, type FakeClient } from './fakes.ts'
import { TERMINAL_LIMITS as LIMITS } from './limits.ts'
import { createTerminalSession, type SessionOptions, type TerminalSession } from './session.ts'

const SIZE = { cols: 80, rows: 24 }
const sessions: TerminalSession[] = []
afterEach(() => sessions.splice(0).forEach((session) => session.close()))

async function open(options: Partial<SessionOptions> = {}) {
  const pty = createFakePty()
  const clock = createFakeClock()
  const session = await createTerminalSession({ pty, clock, title: 'cp-1', size: SIZE, ...options })
  sessions.push(session)
  return { pty, clock, session }
}
const hello = (fields: object = {}) => ({
  type: 'hello',
  v: 1,
  ...SIZE,
  want: 'control',
  ...fields,
})

/** Attached, with its first snapshot shown. */
async function join(
  session: TerminalSession,
  role: 'learner' | 'instructor' | 'viewer' = 'learner',
): Promise<FakeClient> {
  const fake = attachFake(session, role)
  fake.tell(hello({ want: role === 'learner' ? 'control' : 'view' }))
  await vi.waitFor(() => expect(fake.all('snapshot')).toHaveLength(1), 10_000)
  return fake
}
const welcome = (fake: FakeClient) => {
  const [first] = fake.all('welcome')
  if (!first) throw new Error('no welcome')
  return first
}
const KIB = 1024
const bulk = (bytes: number) => Buffer.alloc(bytes, 'x')

test('welcomes, shows the screen, then streams what comes', async () => {
  const { pty, clock, session } = await open()
  pty.say('$ ')
  const fake = await join(session)
  expect(welcome(fake)).toMatchObject({ epoch: session.epoch, offset: 2, ...SIZE, role: 'learner' })
  expect(welcome(fake).controller?.id).toBe(welcome(fake).you)
  expect(fake.messages.map(({ type }) => type)).toEqual(['welcome', 'title', 'viewers', 'snapshot'])
  expect(fake.all('snapshot')[0]).toMatchObject({ ...SIZE, title: 'cp-1', parts: 1 })
  expect(Buffer.from(fake.frames[0]?.payload ?? []).toString()).toBe('$ ')
  pty.say('a')
  pty.say('b')
  expect(fake.output).toBe('')
  clock.advance(LIMITS.batchMs)
  expect(fake.output).toBe('ab')
  expect(fake.offset).toBe(4)
})

test('an echo does not wait for the batch, and a full batch neither', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  fake.type('l')
  expect(pty.written).toEqual(['l'])
  pty.say('l')
  expect(fake.output).toBe('l')
  pty.say('s')
  expect(fake.output).toBe('l')
  pty.say(bulk(LIMITS.batchBytes))
  expect(fake.offset).toBe(2 + LIMITS.batchBytes)
})

test('a character split by the pty arrives byte by byte and whole', async () => {
  const { pty, clock, session } = await open()
  const fake = await join(session)
  for (const byte of Buffer.from('→')) {
    pty.say(Uint8Array.of(byte))
    clock.advance(LIMITS.batchMs)
  }
  expect(fake.output).toBe('→')
})

test('the controller pauses the pty above 256 KiB and lets it go below 64 KiB', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  for (let sent = 0; sent <= 256; sent += 64) pty.say(bulk(64 * KIB))
  expect(pty.paused).toBe(true)
  fake.ack(200 * KIB)
  expect(pty.paused).toBe(true)
  fake.ack(fake.offset - 63 * KIB)
  expect(pty.paused).toBe(false)
})

test('a lost ACK heals with the next one; an ACK of the future ends the connection', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  for (let count = 0; count < 5; count++) pty.say(bulk(64 * KIB))
  expect(pty.paused).toBe(true)
  fake.ack(320 * KIB)
  fake.ack(100 * KIB)
  expect(pty.paused).toBe(false)
  fake.ack(321 * KIB)
  expect(fake.closed).toEqual({ code: 4400, reason: 'bad-ack' })
})

test('a viewer never pauses the pty: it lags, and continues from a snapshot once it has parsed', async () => {
  const { pty, session } = await open()
  const learner = await join(session)
  const viewer = await join(session, 'viewer')
  const start = 'marker\r\n'
  pty.say(start)
  for (let count = 0; count < 10; count++) {
    pty.say(bulk(64 * KIB))
    learner.ack(learner.offset)
    expect(pty.paused).toBe(false)
  }
  expect(viewer.all('lag')).toHaveLength(1)
  expect(viewer.all('lag')[0]?.skipped).toBeGreaterThan(0)
  const had = viewer.offset
  expect(had).toBeLessThan(learner.offset)
  viewer.ack(had - 1)
  expect(viewer.all('snapshot')).toHaveLength(1)
  viewer.ack(had)
  await vi.waitFor(() => expect(viewer.all('snapshot')).toHaveLength(2))
  expect(viewer.offset).toBe(learner.offset)
  pty.say(bulk(64 * KIB))
  expect(viewer.offset).toBe(learner.offset)
})

test('resumes with the missing bytes, and nothing else', async () => {
  const { pty, clock, session } = await open()
  const first = await join(session)
  pty.say('before ')
  clock.advance(LIMITS.batchMs)
  first.client.closed()
  expect(session.attached).toBe(0)
  pty.say('missed')
  clock.advance(LIMITS.batchMs)
  const second = attachFake(session)
  second.tell(hello({ resume: { epoch: session.epoch, offset: 7 } }))
  expect(second.all('snapshot')).toEqual([])
  expect(second.output).toBe('missed')
  expect(welcome(second).offset).toBe(13)
})

test.each([
  ['another epoch', { resume: { epoch: 'other', offset: 3 } }],
  ['an offset that is still to come', { resume: { offset: 99 } }],
  ['another width', { cols: 81, resume: { offset: 3 } }],
])('%s gets a snapshot', async (_, fields) => {
  const { pty, session } = await open()
  pty.say('abcdef')
  const fake = attachFake(session)
  fake.tell(hello({ ...fields, resume: { epoch: session.epoch, ...fields.resume } }))
  await vi.waitFor(() => expect(fake.all('snapshot')).toHaveLength(1))
})

test('the edge of the ring: its oldest byte resumes, one older gets a snapshot', async () => {
  const { pty, session } = await open()
  const keeper = await join(session)
  for (let count = 0; count < 17; count++) {
    pty.say(bulk(64 * KIB))
    keeper.ack(keeper.offset)
  }
  const oldest = keeper.offset - LIMITS.ringBytes
  const resumed = attachFake(session)
  resumed.tell(hello({ resume: { epoch: session.epoch, offset: oldest } }))
  // As far as its window allows; the rest follows its ACKs.
  expect(resumed.frames[0]?.offset).toBe(oldest)
  const late = attachFake(session)
  late.tell(hello({ resume: { epoch: session.epoch, offset: oldest - 1 } }))
  await vi.waitFor(() => expect(late.all('snapshot')).toHaveLength(1))
  expect(late.frames[0]?.offset).toBe(keeper.offset)
})

test('output laid out for another size is not resumed', async () => {
  const { pty, clock, session } = await open()
  const fake = await join(session)
  pty.say('abc')
  for (const cols of [100, 80]) {
    fake.tell({ type: 'resize', cols, rows: 24 })
    clock.advance(LIMITS.resizeMs)
  }
  fake.client.closed()
  const back = attachFake(session)
  back.tell(hello({ resume: { epoch: session.epoch, offset: 2 } }))
  await vi.waitFor(() => expect(back.all('snapshot')).toHaveLength(1))
})

test('10 kHz of sizes become ten a second, clamped, and zero is ignored', async () => {
  const { pty, clock, session } = await open()
  const fake = await join(session)
  for (let tick = 0; tick < 10_000; tick++) {
    fake.tell({ type: 'resize', cols: 81 + (tick % 50), rows: 30 })
    clock.advance(0.1)
  }
  expect(pty.sizes.length).toBeLessThanOrEqual(10)
  fake.tell({ type: 'resize', cols: 9_999, rows: 1 })
  fake.tell({ type: 'resize', cols: 0, rows: 0 })
  clock.advance(LIMITS.resizeMs)
  expect(pty.sizes.at(-1)).toEqual({ cols: 500, rows: 5 })
  expect(fake.all('size').at(-1)).toMatchObject({ cols: 500, rows: 5 })
})

test('output goes out before the size that follows it', async () => {
  const { pty, clock, session } = await open()
  const fake = await join(session)
  clock.advance(LIMITS.batchMs)
  fake.tell({ type: 'resize', cols: 100, rows: 30 })
  clock.advance(LIMITS.resizeMs - 1)
  pty.say('old width')
  clock.advance(1)
  expect(fake.output).toBe('old width')
  expect(fake.all('size')).toHaveLength(1)
})

test('the first to open a terminal gives it its size at once', async () => {
  const { pty, session } = await open()
  attachFake(session).tell(hello({ cols: 120, rows: 40 }))
  expect(pty.sizes).toEqual([{ cols: 120, rows: 40 }])
})

test('two tabs: one types, the other watches, takes over, and gives back by leaving', async () => {
  const { pty, session } = await open()
  const one = await join(session)
  const two = await join(session)
  expect(welcome(two).controller?.id).toBe(welcome(one).you)
  two.type('no')
  two.tell({ type: 'resize', cols: 200, rows: 50 })
  expect(pty.written).toEqual([])
  two.tell({ type: 'control', op: 'take' })
  expect(one.all('role').at(-1)?.controller?.id).toBe(welcome(two).you)
  one.type('no')
  two.type('yes')
  expect(pty.written).toEqual(['yes'])
  two.client.closed()
  expect(one.all('role').at(-1)?.controller?.id).toBe(welcome(one).you)
})

test('somebody who comes back in place of a hung connection takes its seat', async () => {
  const { session } = await open()
  const hung = await join(session)
  const other = await join(session)
  const back = attachFake(session)
  back.tell(hello({ resume: { epoch: session.epoch, offset: 0, you: welcome(hung).you } }))
  expect(hung.closed).toEqual({ code: 4409, reason: 'replaced' })
  expect(welcome(back).controller?.id).toBe(welcome(back).you)
  expect(other.all('role').at(-1)?.controller?.id).toBe(welcome(back).you)
})

test('viewers type nothing, whatever they send', async () => {
  const { pty, session } = await open()
  const viewer = await join(session, 'viewer')
  viewer.type('rm -rf /')
  viewer.tell({ type: 'run', blockId: 'b', text: 'x', enter: true })
  viewer.tell({ type: 'control', op: 'take' })
  expect(viewer.all('error')).toMatchObject([{ code: 'forbidden' }])
  viewer.type('still')
  expect(pty.written).toEqual([])
  expect(viewer.closed).toBeNull()
})

test('queries are answered once: by the mirror while nobody types, else by the controller', async () => {
  const { pty, session } = await open()
  pty.say('\x1b[5n')
  await vi.waitFor(() => expect(pty.written).toEqual(['\x1b[0n']))
  const fake = await join(session)
  // Replay asks nothing again.
  expect(Buffer.from(fake.frames[0]?.payload ?? []).toString()).toBe('')
  pty.say('\x1b[5n')
  const late = await join(session, 'viewer')
  expect(late.all('snapshot')).toHaveLength(1)
  expect(pty.written).toEqual(['\x1b[0n'])
})

test('run pastes with brackets when the program has them on, and presses Enter only if asked', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  const run = (text: string, enter: boolean) =>
    fake.tell({ type: 'run', blockId: 'b', text, enter })
  run('one\ntwo', true)
  expect(pty.written).toEqual(['one\rtwo\r'])
  pty.say('\x1b[?2004h$ ')
  await settled(session)
  run('echo \x1b[201~; hi', false)
  expect(pty.written.at(-1)).toBe('\x1b[200~echo [201~; hi\x1b[201~')
  pty.say('\x1b[?1049h')
  await settled(session)
  run('in vim', true)
  expect(pty.written.at(-1)).toBe('\x1b[200~in vim\x1b[201~')
  pty.say('\x1b[?2004l')
  await settled(session)
  run('in less', true)
  expect(fake.all('error')).toMatchObject([{ code: 'full-screen-program', retry: true }])
  expect(pty.written).toHaveLength(3)
})

/** The mirror has read everything: somebody new has the screen. */
async function settled(session: TerminalSession) {
  const probe = await join(session, 'viewer')
  probe.client.closed()
}

test('exit: the last words, then code and signal, then the end', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  pty.say('bye')
  pty.exit({ code: null, signal: 'SIGKILL' })
  await vi.waitFor(() => expect(fake.closed).toEqual({ code: 4410, reason: 'exited' }))
  expect(fake.output).toBe('bye')
  expect(fake.all('exit')).toEqual([{ type: 'exit', code: null, signal: 'SIGKILL' }])
  const late = attachFake(session)
  late.tell(hello())
  await vi.waitFor(() => expect(late.closed?.code).toBe(4410))
  expect(Buffer.from(late.frames[0]?.payload ?? []).toString()).toBe('bye')
})

test('exit while paused: the child’s end is noticed and its tail read', async () => {
  const { pty, clock, session } = await open()
  let alive = true
  pty.alive = () => alive
  const fake = await join(session)
  for (let count = 0; count < 5; count++) pty.say(bulk(64 * KIB))
  expect(pty.paused).toBe(true)
  clock.advance(10_000)
  expect(pty.paused).toBe(true)
  alive = false
  clock.advance(LIMITS.pausedCheckMs)
  expect(pty.paused).toBe(false)
  for (let count = 0; count < 5; count++) pty.say(bulk(64 * KIB))
  expect(pty.paused).toBe(false)
  pty.exit()
  await vi.waitFor(() => expect(fake.closed?.code).toBe(4410))
  expect(fake.offset).toBe(640 * KIB)
})

test('a pty that cannot tell is let breathe every two seconds', async () => {
  const { pty, clock, session } = await open()
  await join(session)
  for (let count = 0; count < 5; count++) pty.say(bulk(64 * KIB))
  expect(pty.paused).toBe(true)
  clock.advance(LIMITS.pausedBreathMs)
  expect(pty.paused).toBe(false)
  pty.say('x')
  expect(pty.paused).toBe(true)
})

test(
  'nobody looks: the pty is read on, but no faster than a mebibyte a second',
  { timeout: 30_000 },
  async () => {
    const { pty, clock, session } = await open()
    pty.alive = () => true
    for (let count = 0; count < 17; count++) pty.say(bulk(64 * KIB))
    expect(pty.paused).toBe(true)
    clock.advance(100)
    await vi.waitFor(() => expect(pty.paused).toBe(false), 10_000)
    for (let count = 0; count < 16; count++) pty.say(bulk(64 * KIB))
    expect(pty.paused).toBe(true)
    await join(session)
    await vi.waitFor(() => expect(pty.paused).toBe(false), 10_000)
  },
)

test('input comes at a mebibyte a second at most, in order, and a flood ends the connection', async () => {
  const { pty, clock, session } = await open()
  const fake = await join(session)
  const piece = (at: number) => String(at % 10).repeat(LIMITS.inputBytes)
  for (let count = 0; count < 40; count++) fake.type(piece(count))
  expect(pty.written.length).toBeLessThan(40)
  clock.advance(1_000)
  expect(pty.written.map((text) => text[0]).join('')).toBe('0123456789'.repeat(4))
  for (let count = 0; count < 70 && !fake.closed; count++) fake.type(piece(count))
  expect(fake.closed).toEqual({ code: 4429, reason: 'input-rate' })
})

test.each<[string, (fake: FakeClient) => void, number]>([
  ['typing before hello', (fake) => fake.type('x'), 4400],
  ['hello twice', (fake) => [fake.tell(hello()), fake.tell(hello())], 4400],
  ['no JSON', (fake) => fake.client.receiveText('{'), 4400],
  ['no frame', (fake) => [fake.tell(hello()), fake.client.receiveBinary(new Uint8Array(3))], 4400],
  [
    'a large INPUT',
    (fake) => [fake.tell(hello()), fake.type('x'.repeat(LIMITS.inputBytes + 1))],
    4413,
  ],
  ['a large message', (fake) => fake.client.receiveText(' '.repeat(LIMITS.messageBytes + 1)), 4413],
])('%s ends the connection', async (_, misbehave, code) => {
  const { pty, session } = await open()
  const fake = attachFake(session)
  misbehave(fake)
  expect(fake.closed?.code).toBe(code)
  expect(fake.all('error')).toHaveLength(1)
  expect(pty.written).toEqual([])
})

test('who says no hello within five seconds is sent away, who does not read at all too', async () => {
  const { clock, session } = await open()
  const silent = attachFake(session)
  clock.advance(LIMITS.helloMs)
  expect(silent.closed?.code).toBe(4400)
  const stuck = await join(session)
  stuck.buffered = LIMITS.bufferedBytes + 1
  stuck.tell({ type: 'ping', t: 1 })
  expect(stuck.closed?.code).toBe(4413)
})

test('answers pings, and passes on titles', async () => {
  const { pty, session } = await open()
  const fake = await join(session)
  fake.tell({ type: 'ping', t: 42 })
  expect(fake.all('pong')).toEqual([{ type: 'pong', t: 42 }])
  pty.say('\x1b]2;vim lab.ts\x07')
  await vi.waitFor(() =>
    expect(fake.all('title').map(({ title }) => title)).toEqual(['cp-1', 'vim lab.ts']),
  )
  expect(session.title).toBe('vim lab.ts')
})

test('closing disconnects everybody with the reason given', async () => {
  const { session } = await open()
  const fake = await join(session)
  session.close(4503, 'restarting')
  expect(fake.closed).toEqual({ code: 4503, reason: 'restarting' })
  expect(session.attached).toBe(0)
})
