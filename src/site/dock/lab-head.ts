/** The dock's first line: which lab, in what state, and what can be done to it as a whole. */
import { endLab, pauseLab, resetLab, resumeLab } from './actions.ts'
import { confirmButton } from './confirm-button.ts'
import { button, el, setAttributes, setText } from './dom.ts'
import { type LabState, subscribe } from './store.ts'
import { stageLabel, duration } from './words.ts'

class LabHead extends HTMLElement {
  #abort: AbortController | undefined
  readonly #dot = el('span', { class: 'state-dot', 'aria-hidden': 'true' })
  readonly #name = el('strong', { class: 'head-name' })
  readonly #state = el('span', { class: 'head-state', role: 'status' })
  readonly #pause = button('Pause', 'btn', () => void this.#togglePause())
  readonly #reset = confirmButton({
    label: 'Reset',
    question: 'Back to the start state?',
    yes: 'Reset lab',
    className: 'btn',
    action: resetLab,
  })
  readonly #end = confirmButton({
    label: 'End lab',
    question: 'The cluster goes; verdicts stay.',
    yes: 'End lab',
    className: 'btn danger',
    action: () => endLab(),
  })
  #paused = false

  connectedCallback() {
    if (this.#abort) return
    this.#abort = new AbortController()
    const hide = button('', 'icon-button', () =>
      this.dispatchEvent(new Event('halab:collapse', { bubbles: true })),
    )
    setAttributes(hide, { title: 'Hide the lab', 'aria-label': 'Hide the lab', 'data-hide': true })
    hide.append(el('span', { 'aria-hidden': 'true' }, '»'))
    const actions = el('div', { class: 'head-actions' }, this.#pause, this.#reset, this.#end)
    this.replaceChildren(
      this.#dot,
      this.#name,
      this.#state,
      el('span', { class: 'grow' }),
      actions,
      hide,
    )
    subscribe((state) => this.#render(state), this.#abort.signal)
  }

  #render(state: LabState) {
    const { run } = state
    const lab = state.labs.find(({ id }) => id === state.lab)
    setText(this.#name, run?.name ?? lab?.id ?? state.lab ?? 'Lab')
    setText(this.#state, stateWords(state))
    const shown = run !== null && run.state !== 'failed'
    const settled = run?.state === 'ready' || run?.state === 'usable' || run?.state === 'paused'
    this.#paused = run?.state === 'paused'
    setText(this.#pause, this.#paused ? 'Resume' : 'Pause')
    this.#pause.hidden = !shown || !settled
    this.#reset.hidden = !shown || !settled
    this.#end.hidden = run === null
    const kind = stateKind(state)
    for (const dot of document.querySelectorAll<HTMLElement>('lab-dock .state-dot'))
      dot.dataset.state = kind
  }

  async #togglePause() {
    await (this.#paused ? resumeLab() : pauseLab())
  }
}

function stateKind({ run, connection, starting }: LabState): string {
  if (starting) return 'busy'
  if (run === null) return 'none'
  if (connection === 'retrying') return 'lost'
  if (run.state === 'failed') return 'failed'
  if (run.state === 'paused') return 'paused'
  return run.state === 'ready' ? 'ready' : 'busy'
}

function stateWords({ run, connection, starting }: LabState): string {
  if (starting) return 'starting…'
  if (run === null) return 'not running'
  if (connection === 'retrying') return 'connection lost, trying again…'
  switch (run.state) {
    case 'ready':
      return run.ms.ready === null ? 'ready' : `ready in ${duration(run.ms.ready)}`
    case 'usable':
      return run.ms.usable === null ? 'usable' : `usable in ${duration(run.ms.usable)}`
    case 'booting':
      return run.stage ? `starting: ${stageLabel(run.stage)}` : 'starting…'
    case 'resetting':
      return 'going back to the start…'
    case 'paused':
      return 'paused: nothing in it moves'
    default:
      return run.state
  }
}

customElements.define('lab-head', LabHead)
