import { spawnSync } from 'node:child_process'
import WebSocket from 'ws'
import { HalabError } from '../../errors.ts'
import { connectTerminal } from '../../terminal/node-client.ts'
import type { TerminalSummary } from '../../wire/agent-api.ts'
import { type AgentClient, agentSocketUrl } from '../../wire/agent-client.ts'
import { TERMINAL_PROTOCOL, type TerminalSize } from '../../wire/terminal.ts'
import { EXIT } from '../exit.ts'
import type { Io, Output } from '../io.ts'
import { restoreSequence, screenWatch } from '../screen-modes.ts'

/** Returns the shell's own exit status; throws `not-a-terminal`, and what the lab ends it with. */
export async function shell(agent: AgentClient, node: string, io: Io): Promise<number> {
  const { stdin, stdout } = io
  if (!isTerminal(stdin) || !stdout.isTTY) {
    throw new HalabError('not-a-terminal', 'a shell needs a terminal on both ends', {
      hint: 'Run a single command with `halab exec NAME NODE -- ARGV…`.',
    })
  }
  const { id } = await agent.post<TerminalSummary>('/v1/terminals', { node })
  const socket = new WebSocket(
    agentSocketUrl(agent.socketPath, `/v1/terminals/${encodeURIComponent(id)}`),
    TERMINAL_PROTOCOL,
    {
      headers: { 'x-halab-client': 'cli', 'x-halab-role': 'learner' },
      perMessageDeflate: false,
    },
  )
  const screen = screenWatch()
  const connection = connectTerminal(socket, {
    size: sizeOf(stdout),
    want: 'control',
    write(bytes) {
      screen.see(bytes)
      return new Promise((resolve, reject) =>
        stdout.write(bytes, (error) => (error ? reject(error) : resolve())),
      )
    },
  })
  const onInput = (bytes: Buffer) => connection.input(bytes)
  const onResize = () => connection.resize(sizeOf(stdout))
  // However this process ends, short of SIGKILL, the terminal must be its owner's again.
  const restore = () => {
    stdin.setRawMode(false)
    stdout.write(restoreSequence(screen.alternate))
  }
  process.once('exit', restore)
  makeRaw(stdin)
  stdin.on('data', onInput)
  stdout.on('resize', onResize)
  try {
    const { code, signal } = await connection.exited
    return signal === null ? (code ?? EXIT.done) : EXIT.failed
  } finally {
    stdin.off('data', onInput)
    stdin.pause()
    stdout.off('resize', onResize)
    process.off('exit', restore)
    restore()
    connection.close()
  }
}

type Terminal = Io['stdin'] & { setRawMode(on: boolean): unknown }

function isTerminal(stdin: Io['stdin']): stdin is Terminal {
  return stdin.isTTY === true && 'setRawMode' in stdin
}

/**
 * Node's raw mode leaves output processing on, which turns the line feeds by which full-screen
 * programs move down into carriage returns as well. Leaving raw mode restores that setting too.
 */
function makeRaw(stdin: Terminal): void {
  stdin.setRawMode(true)
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}

function sizeOf({ columns = 80, rows = 24 }: Output): TerminalSize {
  return { cols: columns, rows }
}
