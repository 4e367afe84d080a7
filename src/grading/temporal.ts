/**
 * Temporal questions about evidence. Each takes the gaps of its source, and answers `unknown` exactly
 * when what a gap hides could change the answer: nothing that was not seen counts as seen or as absent.
 */
import {
  type Interval,
  clip,
  complement,
  lengthOf,
  overlaps,
  totalLength,
  union,
} from './interval.ts'
import { type Verdict, error } from './verdict.ts'

/** Something that happened at one moment of the recorder's clock, in ms. */
export interface Moment {
  readonly ms: number
}

export type Finding<T> =
  | { readonly seen: 'yes'; readonly value: T }
  | { readonly seen: 'no' }
  | { readonly seen: 'unknown'; readonly gap: Interval }

/** Bounds of a number of which a gap may hide a part. */
export interface Bounds {
  readonly atLeast: number
  readonly atMost: number
}

const NO = { seen: 'no' } as const

/** Turns a finding into a verdict; what could not be observed becomes `error('not-observed')` by itself. */
export function judge<T>(
  finding: Finding<T>,
  when: { readonly yes: (value: T) => Verdict; readonly no: () => Verdict },
): Verdict {
  if (finding.seen === 'yes') return when.yes(finding.value)
  if (finding.seen === 'no') return when.no()
  return notObserved(finding.gap)
}

/** The verdict for a stretch that the recorder could not see. */
export function notObserved(gap: Interval): Verdict {
  const until = Number.isFinite(gap.to) ? `until ${seconds(gap.to)} s` : 'and still'
  return error(
    'not-observed',
    `The recorder could not see what happened from ${seconds(gap.from)} s ${until}: nothing is decided.`,
  )
}

/** The first of `moments` in `window`. */
export function within<T extends Moment>(
  moments: readonly T[],
  window: Interval,
  gaps: readonly Interval[],
): Finding<T> {
  const value = moments.find(({ ms }) => ms >= window.from && ms <= window.to)
  return value ? { seen: 'yes', value } : unlessHidden(window, gaps, NO)
}

/** The first of `moments` later than `ms`, seen by `now`. */
export function after<T extends Moment>(
  moments: readonly T[],
  ms: number,
  now: number,
  gaps: readonly Interval[],
): Finding<T> {
  const later = moments.filter((each) => each.ms > ms)
  return within(later, { from: ms, to: now }, gaps)
}

/** One moment of each list, each later than the one before: the earliest such chain in `window`. */
export function sequence<T extends Moment>(
  steps: readonly (readonly T[])[],
  window: Interval,
  gaps: readonly Interval[],
): Finding<T[]> {
  const chain: T[] = []
  for (const moments of steps) {
    const since = chain.at(-1)?.ms ?? window.from - 1
    const next = moments.find(({ ms }) => ms > since && ms >= window.from && ms <= window.to)
    if (!next) return unlessHidden(window, gaps, NO)
    chain.push(next)
  }
  return { seen: 'yes', value: chain }
}

/** Did `holding` cover the whole of `window`? */
export function during(
  holding: readonly Interval[],
  window: Interval,
  gaps: readonly Interval[],
): Finding<Interval> {
  const holes = complement(holding, window)
  if (holes.length === 0) return { seen: 'yes', value: window }
  const hidden = union(clip(gaps, window))
  const seenBroken = holes.some((hole) => totalLength(complement(hidden, hole)) > 0)
  return seenBroken ? NO : unlessHidden(window, gaps, NO)
}

/** The first stretch in `window` of at least `forMs` in which `holding` never stopped. */
export function holdsFor(
  holding: readonly Interval[],
  forMs: number,
  window: Interval,
  gaps: readonly Interval[],
): Finding<Interval> {
  const long = (intervals: readonly Interval[]): Interval | undefined =>
    union(clip(intervals, window)).find((each) => lengthOf(each) >= forMs)
  const value = long(holding)
  if (value) return { seen: 'yes', value }
  return long([...holding, ...gaps]) ? unlessHidden(window, gaps, NO) : NO
}

/** How long in `window` nothing of `up` held, in ms; what a gap hides may be either. */
export function downtime(
  up: readonly Interval[],
  window: Interval,
  gaps: readonly Interval[],
): Bounds {
  return {
    atLeast: totalLength(complement([...up, ...gaps], window)),
    atMost: totalLength(complement(up, window)),
  }
}

/** The longest single stretch in `window` in which nothing of `up` held, in ms. */
export function longestGap(
  up: readonly Interval[],
  window: Interval,
  gaps: readonly Interval[],
): Bounds {
  const longest = (holes: readonly Interval[]): number => Math.max(0, ...holes.map(lengthOf))
  return {
    atLeast: longest(complement([...up, ...gaps], window)),
    atMost: longest(complement(up, window)),
  }
}

/** Results of a probe, each with how many of the same it sums up. */
export interface Sample extends Interval {
  readonly ok: boolean
  readonly count: number
}

/** Share of the probes in `window` that succeeded, 0 to 1; a gap over the window leaves both ends open. */
export function successRatio(
  samples: readonly Sample[],
  window: Interval,
  gaps: readonly Interval[],
): Bounds {
  if (gaps.some((gap) => overlaps(gap, window))) return { atLeast: 0, atMost: 1 }
  const inside = samples.filter((each) => overlaps(each, window))
  const all = inside.reduce((sum, each) => sum + each.count, 0)
  const good = inside.reduce((sum, each) => sum + (each.ok ? each.count : 0), 0)
  return all === 0 ? { atLeast: 0, atMost: 1 } : { atLeast: good / all, atMost: good / all }
}

/** Is the number at most `limit`? Unknown when only a gap could tell; `gap` says which to name. */
export function isAtMost(bounds: Bounds, limit: number, gap: Interval): Finding<Bounds> {
  if (bounds.atMost <= limit) return { seen: 'yes', value: bounds }
  return bounds.atLeast > limit ? NO : { seen: 'unknown', gap }
}

/** Milliseconds as seconds with one decimal, for sentences. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

function unlessHidden(window: Interval, gaps: readonly Interval[], finding: typeof NO) {
  const gap = gaps.find((each) => overlaps(each, window))
  return gap ? ({ seen: 'unknown', gap } as const) : finding
}
