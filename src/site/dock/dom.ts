/** Building elements. Text from the server goes through `textContent` only: there is no innerHTML here. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>
type Child = Node | string | null | undefined | false

/** `false` and `undefined` leave an attribute out; `true` sets it empty. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children.filter(present))
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag)
  setAttributes(element, attributes)
  element.append(...children.filter(present))
  return element
}

/** Writes only what differs, so that a live region or a focused control is left alone. */
export function setText(element: Element, text: string) {
  if (element.textContent !== text) element.textContent = text
}

export function setAttributes(element: Element, attributes: Attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name)
    else if (element.getAttribute(name) !== (value === true ? '' : value))
      element.setAttribute(name, value === true ? '' : value)
  }
}

/** A plain button; `action` may be absent for one whose clicks somebody else listens to. */
export function button(
  label: string,
  className: string,
  action?: (event: MouseEvent) => void,
): HTMLButtonElement {
  const element = el('button', { type: 'button', class: className }, label)
  if (action) element.addEventListener('click', action)
  return element
}

function present(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false
}
