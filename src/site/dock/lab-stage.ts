/** The dock's main part: why there is no lab yet and how to start one, or the running lab itself. */
import type { ErrorBody } from '../../errors.ts'
import type { LabListing } from '../../wire/server-api.ts'
import { endLab, startLab } from './actions.ts'
import { button, el, setText } from './dom.ts'
import { errorBlock } from './error-block.ts'
import { type LabState, subscribe } from './store.ts'

type Scene = 'waiting' | 'absent' | 'no-session' | 'start' | 'live'

class LabStage extends HTMLElement {
  #abort: AbortController | undefined
  #shown = ''
  readonly #scene = el('div', { class: 'scene' })
  readonly #error = el('div', { class: 'error-box', role: 'alert' })

  connectedCallback() {
    if (this.#abort) return
    this.#abort = new AbortController()
    this.#error.hidden = true
    this.replaceChildren(this.#error, this.#scene)
    subscribe((state, before) => {
      if (state.error !== before.error) this.#showError(state.error)
      this.#render(state)
    }, this.#abort.signal)
  }

  #render(state: LabState) {
    const scene = sceneOf(state)
    const key = sceneKey(scene, state)
    if (key === this.#shown) return
    this.#shown = key
    if (scene === 'live') void this.#goLive(key)
    else this.#scene.replaceChildren(...PANELS[scene](state))
  }

  /** Map, terminals and their style sheets are a chunk of their own: a lesson loads without them. */
  async #goLive(key: string) {
    await import('./lab-live.ts')
    if (this.#shown === key) this.#scene.replaceChildren(document.createElement('lab-live'))
  }

  #showError(error: ErrorBody | null) {
    this.#error.hidden = error === null
    this.#error.replaceChildren()
    if (error) this.#error.append(errorBlock(error))
  }
}

function sceneOf({ session, run }: LabState): Scene {
  if (session === 'unknown') return 'waiting'
  if (session === 'absent') return 'absent'
  if (session === 'none') return 'no-session'
  return run === null ? 'start' : 'live'
}

/** A scene is built anew when this changes. A running lab goes on as it is while pages come and go. */
function sceneKey(scene: Scene, { run, lab, labs, starting, otherRuns }: LabState): string {
  if (scene === 'live') return `live ${run?.name ?? ''}`
  if (scene !== 'start') return scene
  const others = otherRuns.map(({ name }) => name)
  return [scene, lab, labs.length, starting, ...others].join(' ')
}

const PANELS: Record<Exclude<Scene, 'live'>, (state: LabState) => HTMLElement[]> = {
  waiting: () => [],
  absent: () => [
    notice(
      'This copy of the course has no server behind it',
      'Labs run where halab runs. Start it on your machine with',
      'npm start',
      'and open the link that it prints.',
    ),
  ],
  'no-session': () => [
    notice(
      'Open the link with your token',
      'Labs belong to whoever started halab. The terminal where you ran',
      'npm start',
      'shows a link that ends in “#token=…”: open that one. The same link stands in server.json in halab’s state folder.',
    ),
  ],
  start: (state) => [startPanel(state)],
}

function notice(title: string, before: string, command: string, after: string): HTMLElement {
  return el(
    'div',
    { class: 'notice' },
    el('h2', {}, title),
    el('p', {}, before),
    el('pre', { class: 'notice-command' }, command),
    el('p', {}, after),
  )
}

function startPanel({ labs, lab, starting, otherRuns }: LabState): HTMLElement {
  const summary = labs.find(({ id }) => id === lab)
  if (summary?.broken) return brokenLab(summary)
  const start = button(
    starting ? 'Starting…' : 'Start lab',
    'btn primary big',
    () => void startLab(),
  )
  start.disabled = starting || summary === undefined
  return el(
    'div',
    { class: 'notice start' },
    el('p', { class: 'start-kick' }, 'A lab goes with this lesson'),
    el('h2', {}, summary?.title ?? lab ?? 'Lab'),
    el(
      'p',
      {},
      summary
        ? 'A cluster of your own: real etcd members, API servers, controllers and schedulers behind a load balancer. Break it as you like; it vanishes when you end it.'
        : 'This halab does not know the lab of this lesson. Was it started from an older checkout?',
    ),
    summary && taskPreview(summary.tasks),
    start,
    summary &&
      el(
        'p',
        { class: 'start-note' },
        `About ${summary.minutes} minutes · nothing leaves this machine`,
      ),
    ...otherRuns.map(otherRun),
  )
}

function brokenLab({ id, broken }: LabListing): HTMLElement {
  return el(
    'div',
    { class: 'notice' },
    el('h2', {}, `The lab ${id} has a mistake in its definition`),
    el('p', {}, el('code', {}, [broken?.file, broken?.path].filter(Boolean).join(' · '))),
    el('p', {}, broken?.message),
    el('p', {}, broken?.hint),
  )
}

function taskPreview(
  tasks: readonly { readonly id: string; readonly title: string }[],
): HTMLElement {
  return el('ol', { class: 'start-tasks' }, ...tasks.map(({ title }) => el('li', {}, title)))
}

function otherRun({ name }: { readonly name: string }): HTMLElement {
  const end = button('End it', 'btn', () => {
    setText(end, 'Ending…')
    end.disabled = true
    void endLab(name)
  })
  return el('p', { class: 'other-run' }, `The lab ${name} is running too and uses memory. `, end)
}

customElements.define('lab-stage', LabStage)
