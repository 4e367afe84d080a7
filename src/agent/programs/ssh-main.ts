import { ssh } from '../ssh/client.ts'

process.exitCode = await ssh(process.argv.slice(2))
