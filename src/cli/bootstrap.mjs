// @ts-check
/**
 * Installs the npm packages, among them Node 24. Run by `./halab` under a lock when the stamp in
 * node_modules is missing or belongs to another package-lock.json. Plain JavaScript without any
 * package, because it runs on the machine's own Node (18 or newer) when nothing is installed yet.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './installed.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const lockFile = `${root}package-lock.json`
const stampFile = `${root}node_modules/.halab-installed`
/** How much of npm's output an error shows. npm says what is wrong first and explains itself at length after. */
const OUTPUT_CHARS = 1200

/** @param {string} code @param {string} message @param {string} hint @returns {never} */
function fail(code, message, hint) {
  process.stderr.write(`halab: ${code} ${message}\n  ${hint}\n`)
  process.exit(3)
}

/**
 * Says each second (each ten seconds where the output is not a terminal) how long a step has taken.
 * @param {string} step
 */
function showElapsed(step) {
  const begin = Date.now()
  const seconds = () => `${Math.round((Date.now() - begin) / 1000)} s`
  const line = process.stderr.isTTY
    ? () => process.stderr.write(`\r\x1b[K${step} … ${seconds()}`)
    : () => process.stderr.write(`${step} … ${seconds()}\n`)
  line()
  const timer = setInterval(line, process.stderr.isTTY ? 1000 : 10_000)
  return {
    /** @param {string} how */
    end(how) {
      clearInterval(timer)
      process.stderr.write(
        `${process.stderr.isTTY ? '\r\x1b[K' : ''}${step}: ${how} (${seconds()})\n`,
      )
    },
  }
}

/**
 * `npm ci` starts from an empty node_modules, so nothing half-installed survives; what was fetched
 * before an interruption comes from npm's own cache. Install scripts stay off: none of the packages
 * needs one, and Node 24 comes as a platform package.
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function npmCi() {
  const argv = ['ci', '--ignore-scripts', '--include=dev', '--include=optional']
  argv.push('--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error')
  return new Promise((resolve) => {
    const child = spawn('npm', argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(0, OUTPUT_CHARS)))
    child.on('error', (error) => resolve({ code: null, output: error.message }))
    child.on('close', (code) => resolve({ code, output }))
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
      process.once(signal, () => {
        // Asked politely npm first finishes or undoes its work, which takes a minute; nothing that
        // it leaves is ever taken for whole.
        child.kill('SIGKILL')
        child.once('close', () => process.exit(130))
      })
  })
}

const lockText = readFileSync(lockFile)
const hash = createHash('sha256').update(lockText).digest('hex')

/** Written last and whole: its presence means that everything before it was done. */
function stamp() {
  writeFileSync(`${stampFile}.new`, `${hash}\n`)
  renameSync(`${stampFile}.new`, stampFile)
}

if (Number(process.versions.node.split('.')[0]) < 18)
  fail(
    'node-too-old',
    `Node ${process.versions.node} is too old to install with`,
    'Install Node 20 or newer.',
  )

// Another process may have installed while this one waited for the lock, and a developer's own
// `npm install` counts as well.
if (
  !isInstalled(
    root,
    /** @type {import('./installed.mjs').LockFile} */ (JSON.parse(lockText.toString())),
  )
) {
  const elapsed = showElapsed('npm packages')
  const { code, output } = await npmCi()
  elapsed.end(code === 0 ? 'installed' : 'failed')
  if (code !== 0)
    fail(
      'npm-failed',
      `npm could not install the packages:\n${output.trim()}`,
      'Check the network and that npm is there (npm --version), then run the same command again.',
    )
}
stamp()
