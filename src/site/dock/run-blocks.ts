/** Run buttons in the lesson: one listener for all of them, on every page. */
import { NEWLINE_MARK } from '../newline-mark.ts'
import { openTerminal } from './open-terminal.ts'
import { labState, update } from './store.ts'

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return
  const button = target.closest<HTMLElement>('[data-run-target]')
  if (!button) return
  const { runTarget = 'workstation', runCode = '', runEnter } = button.dataset
  if (labState().run === null) {
    document.dispatchEvent(new Event('halab:show-lab'))
    update({
      error: {
        code: 'no-lab',
        message: 'No lab is running yet',
        hint: 'Start the lab first; then this block runs in its terminal.',
      },
    })
    return
  }
  const text = runCode.replaceAll(NEWLINE_MARK, '\n')
  const blockId = `${location.pathname}#${[...document.querySelectorAll('[data-run-target]')].indexOf(button)}`
  openTerminal(runTarget, { blockId, text, enter: runEnter !== 'false' })
  const verb = runEnter === 'false' ? 'Pasted' : 'Run'
  update({ news: `${verb} in ${runTarget}: ${text.split('\n')[0]}` })
})
