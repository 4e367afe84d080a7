/** Where `./halab` begins: Node keeps what it compiled, which halves the time until a command does something. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'

// Before anything large is imported. Where the cache cannot be written Node goes on without.
enableCompileCache(join(cacheDir(), 'compiled-cli'))
const [{ main }, { endWith }] = await Promise.all([import('./main.ts'), import('./end.ts')])

await endWith(() => main(process.argv.slice(2)))
