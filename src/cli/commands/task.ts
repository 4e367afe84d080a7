/** Hints and answers: what concerns one task. */
import type { AgentClient } from '../../wire/agent-client.ts'
import type { Hint, TaskResult } from '../../wire/results.ts'
import { EXIT } from '../exit.ts'
import { type Io, paint, print, printJson } from '../io.ts'

export async function hint(agent: AgentClient, task: string, io: Io): Promise<number> {
  const found = await agent.post<Hint>(`/v1/tasks/${encodeURIComponent(task)}/hint`)
  if (io.json) printJson(io, found)
  else print(io, `${paint(io.stdout, 'dim', `Hint ${found.n} of ${found.of}`)}\n${found.hint}`)
  return EXIT.done
}

/** Exit 1 when the answer is wrong, 3 when it could not be judged. */
export async function answer(
  agent: AgentClient,
  task: string,
  value: string,
  io: Io,
): Promise<number> {
  const path = `/v1/tasks/${encodeURIComponent(task)}/answer`
  const result = await agent.post<TaskResult>(path, { value })
  if (io.json) printJson(io, result)
  else print(io, `${mark(result, io)} ${result.message}`)
  return { pass: EXIT.done, fail: EXIT.no, error: EXIT.failed }[result.status]
}

function mark({ status, code }: TaskResult, io: Io): string {
  if (status === 'pass') return paint(io.stdout, 'green', '✓')
  return paint(
    io.stdout,
    status === 'fail' ? 'yellow' : 'red',
    `${status === 'fail' ? '✗' : '!'} ${code}:`,
  )
}
