/** The stages of `halab test`, cheap ones first: what they run and how their results are counted. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkoutDir } from '../../paths.ts'
import { runTool, type RunnerOptions } from './child.ts'
import {
  add,
  NOTHING,
  readGate,
  tallyOfExit,
  tallyOfGate,
  tallyOfPlaywright,
  tallyOfVitest,
  withCrash,
  type Tally,
} from './tally.ts'

export interface StageContext extends RunnerOptions {
  /** A folder that goes when the run ends, for the runners' reports. */
  readonly reports: string
}
export interface Stage {
  readonly name: string
  run(context: StageContext): Promise<Tally>
}

export const stages: readonly Stage[] = [
  tool('prettier', 'prettier', ['--check', '--log-level=warn', '.']),
  // Before eslint and tsc: it writes the types of the content collections that they read.
  tool('astro', 'astro', ['check', '--tsconfig', 'src/site/tsconfig.json']),
  tool('eslint', 'eslint', ['.']),
  tool('tsc', 'tsc', []),
  tool('knip', 'knip', []),
  vitest('unit'),
  vitest('integration'),
  playwright(),
  gate(),
]

function program(name: string): string {
  return join(checkoutDir, 'node_modules/.bin', name)
}

function tool(name: string, command: string, argv: readonly string[]): Stage {
  return {
    name,
    run: async (context) => {
      const { exitCode } = await runTool([program(command), ...argv], context)
      return tallyOfExit(exitCode)
    },
  }
}

function vitest(project: string): Stage {
  return {
    name: project,
    run: async (context) => {
      const report = join(context.reports, `${project}.json`)
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
      const argv = [program('vitest'), 'run', '--project', project, ...reporters]
      const { exitCode } = await runTool(argv, context)
      return withCrash(tallyOfVitest(await textOf(report)), exitCode)
    },
  }
}

function playwright(): Stage {
  return {
    name: 'browser',
    run: async (context) => {
      const report = join(context.reports, 'browser.json')
      const env = { ...context.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
      const argv = [program('playwright'), 'test', '--reporter=list,json']
      const { exitCode } = await runTool(argv, { ...context, env })
      return withCrash(tallyOfPlaywright(await textOf(report)), exitCode)
    },
  }
}

/** The author gate, one lab after another so that its lines come while it works. */
function gate(): Stage {
  return {
    name: 'gate',
    run: async (context) => {
      const labs = readdirSync(join(checkoutDir, 'labs')).filter((name) =>
        existsSync(join(checkoutDir, 'labs', name, 'lab.ts')),
      )
      let sum = NOTHING
      for (const lab of labs) {
        const argv = [join(checkoutDir, 'halab'), 'verify', lab, '--json']
        const { exitCode, stdout } = await runTool(argv, { ...context, capture: true })
        const lines = readGate(stdout)
        for (const { run, expected, got, code, ms } of lines ?? [])
          process.stdout.write(
            `${expected === got ? '✓' : '✗'} ${lab} ${run}: ${code}${expected === got ? '' : `, expected ${expected}, got ${got}`} (${Math.round(ms / 1000)} s)\n`,
          )
        sum = add(sum, withCrash(lines && tallyOfGate(lines), exitCode))
      }
      return sum
    },
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
