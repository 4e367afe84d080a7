/** A lab's processes, found from the one that watches it (its environment names the run's folder). */
import { readdir, readFile } from 'node:fs/promises'

/** Pids of all processes with `marker` in their environment, and of everything below them. */
export async function processTree(marker: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = new Map<number, number>()
  const roots = new Set<number>()
  for (const pid of pids) {
    const stat = await read(`/proc/${pid}/stat`)
    parents.set(pid, Number(afterName(stat)[1]))
    if ((await read(`/proc/${pid}/environ`)).split('\0').includes(marker)) roots.add(pid)
  }
  const below = (pid: number): boolean =>
    roots.has(pid) || (parents.has(pid) && below(parents.get(pid) ?? 0))
  return pids.filter(below)
}

/** User and system time of the processes that still run, in seconds. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const TICKS_PER_SECOND = 100
  const times = await Promise.all(
    pids.map(async (pid) => {
      const fields = afterName(await read(`/proc/${pid}/stat`))
      return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
    }),
  )
  return times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND
}

export async function pssBytes(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) =>
      Number(/^Pss:\s+(\d+)/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
    ),
  )
  return sizes.reduce((sum, kib) => sum + kib, 0) * 1024
}

/** Fields of /proc/PID/stat from the state on: the name before may hold blanks. */
const afterName = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')
const read = (path: string) => readFile(path, 'utf8').catch(() => '')
