/** A menu at a button: arrow keys, Home, End, Escape, letters; the focus goes back to where it came from. */
import { button, el, setAttributes } from './dom.ts'

export interface MenuItem {
  readonly label: string
  readonly danger: boolean
  readonly action: () => void
}

export function openMenu(anchor: HTMLElement, label: string, items: readonly MenuItem[]) {
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'auto' })
  menu.append(
    el('p', { class: 'menu-title', role: 'presentation' }, label),
    ...items.map((item) => menuItem(menu, item)),
  )
  anchor.setAttribute('aria-expanded', 'true')
  anchor.after(menu)
  menu.addEventListener('keydown', (event) => onKey(menu, event))
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return
    anchor.setAttribute('aria-expanded', 'false')
    if (menu.contains(document.activeElement)) anchor.focus()
    menu.remove()
  })
  menu.showPopover()
  place(menu, anchor)
  entries(menu)[0]?.focus()
}

function menuItem(menu: HTMLElement, { label, danger, action }: MenuItem): HTMLElement {
  const item = button(label, danger ? 'menu-item danger' : 'menu-item', () => {
    menu.hidePopover()
    action()
  })
  setAttributes(item, { role: 'menuitem', tabindex: '-1' })
  return item
}

function entries(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')]
}

function onKey(menu: HTMLElement, event: KeyboardEvent) {
  const items = entries(menu)
  const now = items.indexOf(document.activeElement as HTMLElement)
  const next = keyTarget(event.key, now, items)
  if (event.key === 'Tab') menu.hidePopover()
  if (next === null) return
  event.preventDefault()
  items[next]?.focus()
}

function keyTarget(key: string, now: number, items: readonly HTMLElement[]): number | null {
  const last = items.length - 1
  if (key === 'ArrowDown') return now >= last ? 0 : now + 1
  if (key === 'ArrowUp') return now <= 0 ? last : now - 1
  if (key === 'Home') return 0
  if (key === 'End') return last
  if (key.length !== 1 || !/\w/.test(key)) return null
  const hit = items.findIndex(
    (item, index) => index !== now && item.textContent.toLowerCase().startsWith(key.toLowerCase()),
  )
  return hit < 0 ? null : hit
}

const GAP_PX = 6

function place(menu: HTMLElement, anchor: HTMLElement) {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth, offsetHeight } = menu
  const below = at.bottom + GAP_PX
  const top = below + offsetHeight > innerHeight ? at.top - GAP_PX - offsetHeight : below
  const left = Math.min(at.left, innerWidth - offsetWidth - GAP_PX)
  menu.style.top = `${Math.max(GAP_PX, top)}px`
  menu.style.left = `${Math.max(GAP_PX, left)}px`
}
