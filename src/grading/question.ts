import type { GraderContext } from './grader.ts'
import type { Answer } from './history.ts'
import { type Verdict, fail } from './verdict.ts'

/** Decides a question by its last answer, which must be right about the moment when it was given. */
export function lastAnswer(
  { history }: GraderContext,
  task: string,
  decide: (answer: Answer) => Verdict,
): Verdict {
  const answer = history.answers(task).at(-1)
  return answer
    ? decide(answer)
    : fail(
        'unanswered',
        `Not answered yet: type your answer here, or \`lab answer ${task} VALUE\`.`,
      )
}
