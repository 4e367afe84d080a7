/** A task with its verdict: what was seen, what is missing, hints, an answer where it asks for one. */
import type { TaskSummary } from '../../wire/lab.ts'
import type { TaskResult } from '../../wire/results.ts'
import { answerTask, checkTasks, takeHint } from './actions.ts'
import { button, el, setAttributes, setText, svg } from './dom.ts'
import type { LabState } from './store.ts'

type CardStatus = TaskResult['status'] | 'idle'

const SIGNS: Readonly<Record<CardStatus, string>> = {
  pass: 'M2.5 7.5l3 3l6-7',
  fail: 'M7 2a5 5 0 1 1 0 10a5 5 0 1 1 0-10',
  error: 'M7 2.5v5.5M7 11v.6',
  idle: 'M7 2a5 5 0 1 1 0 10a5 5 0 1 1 0-10',
}
const PILLS: Readonly<Record<CardStatus, string>> = {
  pass: 'passed',
  fail: 'not yet',
  error: 'could not be observed',
  idle: 'not started',
}

export class TaskCard {
  readonly element: HTMLElement
  readonly #id: string
  readonly #sign = svg('path')
  readonly #title = el('span', { class: 'task-title' })
  readonly #pill = el('span', { class: 'pill' })
  readonly #why = el('p', { class: 'task-why' })
  readonly #hints = el('ol', { class: 'task-hints' })
  readonly #score = el('span', { class: 'task-score' })
  readonly #hint = button('Hint', 'link-button', () => void takeHint(this.#id))
  readonly #check = button('Check', 'btn', () => void checkTasks([this.#id]))
  readonly #answer: AnswerForm

  /** `prose`: what the lesson says about the task, between its title and its verdict. */
  constructor(id: string, title: string, heading: 'h3' | 'h4', prose: readonly Node[] = []) {
    this.#id = id
    this.#answer = answerForm(id, title)
    setText(this.#title, title)
    const sign = svg(
      'svg',
      { class: 'task-sign', viewBox: '0 0 14 14', 'aria-hidden': 'true' },
      this.#sign,
    )
    const actions = el('div', { class: 'task-actions' }, this.#check, this.#hint, this.#score)
    this.element = el(
      'article',
      { class: 'task not-content', 'data-task': id },
      el('header', { class: 'task-head' }, sign, el(heading, {}, this.#title), this.#pill),
      prose.length > 0 && el('div', { class: 'task-prose' }, ...prose),
      this.#why,
      this.#answer.element,
      this.#hints,
      actions,
    )
  }

  update({ run, results, hints, labs, lab }: LabState) {
    const summary = labs
      .find(({ id }) => id === (run?.lab ?? lab))
      ?.tasks.find(({ id }) => id === this.#id)
    const result = results?.tasks.find(({ id }) => id === this.#id)
    const status: CardStatus = result?.status ?? 'idle'
    const live = run !== null && result !== undefined
    if (summary) setText(this.#title, summary.title)
    setAttributes(this.element, { 'data-status': status })
    setAttributes(this.#sign, { d: SIGNS[status] })
    setText(this.#pill, PILLS[status])
    setText(this.#why, result?.message ?? '')
    this.#why.hidden = !result?.message
    const open = live && status !== 'pass'
    this.#check.hidden = !open || summary?.kind === 'question'
    this.#answer.element.hidden = !open || summary?.kind !== 'question'
    this.#renderHints(hints[this.#id] ?? [], open)
    setText(this.#score, scoreWords(summary, result))
  }

  #renderHints(hints: NonNullable<LabState['hints'][string]>, open: boolean) {
    const last = hints.at(-1)
    const more = last === undefined || last.n < last.of
    this.#hint.hidden = !open || !more
    setText(this.#hint, last ? `Hint ${last.n + 1} of ${last.of}` : 'Hint')
    this.#hints.hidden = hints.length === 0
    if (this.#hints.children.length !== hints.length)
      this.#hints.replaceChildren(...hints.map(({ hint }) => el('li', {}, hint)))
  }
}

interface AnswerForm {
  readonly element: HTMLFormElement
}

function answerForm(id: string, title: string): AnswerForm {
  const input = el('input', {
    type: 'text',
    'aria-label': `Answer to “${title}”`,
    autocomplete: 'off',
  })
  const element = el(
    'form',
    { class: 'task-answer' },
    input,
    el('button', { type: 'submit', class: 'btn' }, 'Answer'),
  )
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    if (input.value.trim() !== '') void answerTask(id, input.value.trim())
  })
  return { element }
}

/** `1 of 1 point · 2 attempts`. */
function scoreWords(summary: TaskSummary | undefined, result: TaskResult | undefined): string {
  const max = result?.max ?? summary?.points
  if (max === undefined || !result) return ''
  const noun = max === 1 ? 'point' : 'points'
  const attempts = result.attempts === 1 ? '1 attempt' : `${result.attempts} attempts`
  return `${result.points} of ${max} ${noun}${result.attempts > 0 ? ` · ${attempts}` : ''}`
}
