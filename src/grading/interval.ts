/** Stretches of the recorder's time, in monotonic ms, closed at both ends; `Infinity` means "still". */
export interface Interval {
  readonly from: number
  readonly to: number
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.from <= b.to && b.from <= a.to
}

export function lengthOf(interval: Interval): number {
  return Math.max(0, interval.to - interval.from)
}

export function clip(intervals: readonly Interval[], window: Interval): Interval[] {
  return intervals
    .filter((each) => overlaps(each, window))
    .map(({ from, to }) => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) }))
}

/** The same time, as sorted intervals that neither overlap nor touch. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** The parts of `window` that no interval covers. */
export function complement(intervals: readonly Interval[], window: Interval): Interval[] {
  const holes: Interval[] = []
  let from = window.from
  for (const each of union(clip(intervals, window))) {
    if (each.from > from) holes.push({ from, to: each.from })
    from = Math.max(from, each.to)
  }
  if (from < window.to) holes.push({ from, to: window.to })
  return holes
}

/** The time that every one of the lists covers. */
export function intersection(lists: readonly (readonly Interval[])[]): Interval[] {
  const [first, ...rest] = lists
  if (!first) return []
  return rest.reduce<Interval[]>(
    (common, list) =>
      common.flatMap((window) => clip(list, window).filter((each) => lengthOf(each) > 0)),
    union(first),
  )
}

export function totalLength(intervals: readonly Interval[]): number {
  return union(intervals).reduce((sum, each) => sum + lengthOf(each), 0)
}
