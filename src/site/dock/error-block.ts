import type { ErrorBody } from '../../errors.ts'
import { el } from './dom.ts'

/** What went wrong, how machines call it and what to do: the same three parts that the command line prints. */
export function errorBlock({ code, message, hint }: ErrorBody): HTMLElement {
  return el(
    'div',
    { class: 'error-words' },
    el('p', {}, el('strong', {}, message), ' ', el('code', {}, code)),
    hint && el('p', {}, hint),
  )
}
