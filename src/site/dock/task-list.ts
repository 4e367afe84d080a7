/** All tasks of the lab, for the dock's tab. */
import { checkTasks } from './actions.ts'
import { button, el, setText } from './dom.ts'
import { subscribe } from './store.ts'
import { TaskCard } from './task-card.ts'

export function taskList(signal: AbortSignal): HTMLElement {
  const cards = new Map<string, TaskCard>()
  const list = el('div', { class: 'task-list' })
  const score = el('p', { class: 'task-total', role: 'status' })
  const check = button('Check all', 'btn', () => void checkTasks())
  const root = el('div', { class: 'tasks' }, el('div', { class: 'tasks-head' }, score, check), list)
  subscribe((state) => {
    const tasks = state.labs.find(({ id }) => id === state.run?.lab)?.tasks ?? []
    for (const { id, title } of tasks) {
      if (cards.has(id)) continue
      const card = new TaskCard(id, title, 'h3')
      cards.set(id, card)
      list.append(card.element)
    }
    for (const card of cards.values()) card.update(state)
    const { results } = state
    check.disabled = results === null
    setText(
      score,
      results
        ? `${results.score} of ${results.max} points. Checked by itself every second.`
        : 'Tasks are checked from “ready” on.',
    )
  }, signal)
  return root
}
