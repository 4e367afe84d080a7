import type { Results, TaskResult, TaskStatus } from '../wire/results.ts'
import { type Io, paint } from './io.ts'
import { table } from './table.ts'

const MARKS: Record<TaskStatus, readonly ['green' | 'yellow' | 'red', string]> = {
  pass: ['green', '✓'],
  fail: ['yellow', '✗'],
  error: ['red', '!'],
}

/** Verdicts as a table, each task's reason below it, and what to ask for next. */
export function renderResults(results: Results, io: Io, hintCommand: string): string {
  const lines = results.tasks.map((task) => taskLines(task, io))
  const score = `${results.score} of ${results.max} points`
  const open = results.tasks.find((task) => task.status === 'fail')
  return [
    ...lines,
    paint(io.stdout, 'bold', score),
    ...(open ? [paint(io.stdout, 'dim', `Stuck? ${hintCommand} ${open.id}`)] : []),
  ].join('\n')
}

function taskLines(task: TaskResult, io: Io): string {
  const [colour, mark] = MARKS[task.status]
  const head = table([
    [
      paint(io.stdout, colour, mark),
      paint(io.stdout, 'bold', task.id),
      `${task.points}/${task.max}`,
      paint(io.stdout, colour, task.code),
    ],
  ])
  return task.message ? `${head}\n   ${task.message}` : head
}
