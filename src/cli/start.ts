/** Where `./halab` begins: Node keeps what it compiled, which halves the time until a command does something. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'
import { EXIT } from './exit.ts'

// Before anything large is imported. Where the cache cannot be written Node goes on without.
enableCompileCache(join(cacheDir(), 'compiled-cli'))
const { main } = await import('./main.ts')

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
})
process.exit(await main(process.argv.slice(2)))
