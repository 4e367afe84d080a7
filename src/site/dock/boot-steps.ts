/** A lab on its way up: each stage with the time at which it was reached. */
import { endLab, startLab } from './actions.ts'
import { button, el, setText } from './dom.ts'
import { errorBlock } from './error-block.ts'
import type { LabState } from './store.ts'
import { duration, stageLabel } from './words.ts'

export function bootSteps(): HTMLElement {
  return el('div', { class: 'boot' }, el('h2'), el('ol', { class: 'boot-list' }), el('div'))
}

export function renderBootSteps(root: HTMLElement, { run, steps, map }: LabState) {
  const [title, list, problem] = root.children
  if (!run || !title || !list || !problem) return
  const failed = run.state === 'failed'
  setText(title, failed ? 'The lab could not start' : titleOf(run.state))
  const done = steps.map(({ stage, ms }) => step(stage, duration(ms), 'done'))
  const last = failed
    ? step('not finished', '', 'failed')
    : step('next step', map ? duration(map.ms) : '', 'now')
  list.replaceChildren(...done, last)
  if (failed && problem.children.length === 0 && run.error)
    problem.replaceChildren(errorBlock(run.error), retryButton())
  if (!failed) problem.replaceChildren()
}

function titleOf(state: string): string {
  return state === 'resetting' ? 'Going back to the start' : 'Your cluster is starting'
}

function step(stage: string, time: string, state: 'done' | 'now' | 'failed'): HTMLElement {
  return el(
    'li',
    { 'data-state': state },
    el('span', { class: 'step-sign', 'aria-hidden': 'true' }),
    el('span', {}, stageLabel(stage)),
    el('span', { class: 'step-time' }, time),
  )
}

function retryButton(): HTMLElement {
  return button('Start again', 'btn primary', () => void endLab().then(startLab))
}
