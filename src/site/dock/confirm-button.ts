/** A button that asks before it acts: the question takes its place, Escape or blur takes it back. */
import { button, el } from './dom.ts'

interface Confirm {
  readonly label: string
  readonly question: string
  readonly yes: string
  readonly className: string
  readonly action: () => Promise<void>
}

export function confirmButton({ label, question, yes, className, action }: Confirm): HTMLElement {
  const ask = button(label, className, () => setOpen(true))
  const accept = button(yes, `${className} strong`, () => {
    setOpen(false)
    void action()
  })
  const refuse = button('Keep', 'btn', () => setOpen(false))
  const words = el('span', { class: 'confirm-question', role: 'alert' })
  const panel = el('span', { class: 'confirm-panel' }, words, accept, refuse)
  const root = el('span', { class: 'confirm' }, ask, panel)
  panel.hidden = true

  function setOpen(open: boolean) {
    const had = root.contains(document.activeElement)
    panel.hidden = !open
    ask.hidden = open
    words.textContent = open ? question : ''
    if (had) (open ? refuse : ask).focus()
  }
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) setOpen(false)
  })
  root.addEventListener('focusout', (event) => {
    const to = event.relatedTarget
    if (!panel.hidden && to instanceof Node && !root.contains(to)) setOpen(false)
  })
  return root
}
