/** A lab's solution and its wrong attempts, as they lie beside its definition. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../../errors.ts'
import type { LoadedLab } from '../load.ts'

export interface Attempt {
  /** `solution`, or the file's name without `.sh`. */
  readonly name: string
  readonly script: string
}
export interface WrongAttempt extends Attempt {
  readonly task: string
  /** The reason code that the file's name promises. */
  readonly code: string
}

/** Throws `no-solution`. */
export async function solutionOf(lab: LoadedLab): Promise<Attempt> {
  const file = join(lab.folder, 'solution.sh')
  const script = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new HalabError('no-solution', `labs/${lab.spec.id} has no solution.sh.`, {
      hint: 'Every lab needs one: it is how the gate knows that the lab can be passed.',
      cause,
    })
  })
  return { name: 'solution', script }
}

/** In the order of their names. Throws `bad-attempt` for a file that does not say its task or its code. */
export async function wrongAttemptsOf(lab: LoadedLab): Promise<WrongAttempt[]> {
  const folder = join(lab.folder, 'wrong')
  const files = (await readdir(folder).catch(() => []))
    .filter((file) => file.endsWith('.sh'))
    .sort()
  return Promise.all(
    files.map(async (file) => wrongAttempt(lab, file, await readFile(join(folder, file), 'utf8'))),
  )
}

function wrongAttempt(lab: LoadedLab, file: string, script: string): WrongAttempt {
  const name = file.slice(0, -'.sh'.length)
  const [code = '', slug] = name.split('--')
  const task = /^# task: ([a-z0-9-]+)$/m.exec(script.split('\n', 1)[0] ?? '')?.[1]
  if (slug === undefined || !lab.spec.tasks.some(({ id }) => id === task) || task === undefined) {
    throw new HalabError(
      'bad-attempt',
      `labs/${lab.spec.id}/wrong/${file} does not say what it is.`,
      {
        hint: 'Name it <reason-code>--<slug>.sh, and begin it with "# task: <task id>".',
      },
    )
  }
  return { name, script, task, code }
}
