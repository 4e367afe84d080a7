/** Finding text in the terminal that is in front. */
import { button, el } from './dom.ts'
import type { TerminalView } from './terminal-view.ts'

export function terminalFind(current: () => TerminalView | undefined) {
  const input = el('input', { type: 'search', 'aria-label': 'Find in output' })
  const count = el('span', { class: 'find-words', role: 'status' })
  const close = () => {
    element.hidden = true
    current()?.focus()
  }
  const find = (direction: 'next' | 'previous') => {
    const hit = input.value !== '' && current()?.find(input.value, direction)
    count.textContent = input.value === '' || hit ? '' : 'not found'
  }
  const element = el(
    'div',
    { class: 'find' },
    input,
    button('Previous', 'btn', () => find('previous')),
    button('Next', 'btn', () => find('next')),
    button('Close', 'btn', close),
    count,
  )
  element.hidden = true
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
    if (event.key === 'Enter' && event.target === input) find(event.shiftKey ? 'previous' : 'next')
  })
  return {
    element,
    open() {
      element.hidden = false
      input.focus()
    },
  }
}
