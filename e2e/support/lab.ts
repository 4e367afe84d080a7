/** Working in a lab as a learner does: in its terminals, with its buttons. */
import { expect, type Locator, type Page } from '@playwright/test'

/** A boot on a busy machine of two cores. */
const READY_MS = 180_000

export async function startLab(page: Page) {
  await page.getByRole('button', { name: 'Start lab' }).click()
  await expect(page.locator('.head-state')).toHaveText(/^ready in /, { timeout: READY_MS })
  await expect(page.locator('lab-panels .xterm')).toBeVisible()
}

export async function endLab(page: Page) {
  await page.locator('.dock-head').getByRole('button', { name: 'End lab' }).click()
  await page.locator('.confirm-panel').getByRole('button', { name: 'End lab' }).click()
  await expect(page.getByRole('button', { name: 'Start lab' })).toBeVisible()
}

/** What a terminal shows, scrolled-off lines included. */
export async function terminalText(page: Page, node = 'workstation'): Promise<string> {
  return page.evaluate((name) => window.halabDebug?.text(name) ?? '', node)
}

/** Types a line into the terminal in front; resolves with what it printed once the shell is done with it. */
export async function type(page: Page, line: string, timeout = 60_000): Promise<string> {
  const mark = Math.random().toString(36).slice(2, 10)
  await page.locator('.panel:not([hidden]) .xterm-helper-textarea').focus()
  // The quotes keep the line as it is typed from looking like the line that is printed.
  await page.keyboard.type(`${line}; echo "end"-${mark}`)
  await page.keyboard.press('Enter')
  const end = `end-${mark}`
  await expect.poll(() => terminalText(page), { timeout }).toContain(end)
  const text = await terminalText(page)
  return text.slice(text.indexOf(`-${mark}`) + mark.length + 1, text.indexOf(end)).trim()
}

export function task(page: Page, id: string): Locator {
  return page.locator(`lab-task article[data-task="${id}"]`)
}

export async function expectPassed(page: Page, id: string, timeout = 60_000) {
  await expect(task(page, id)).toHaveAttribute('data-status', 'pass', { timeout })
  await expect(task(page, id).locator('.pill')).toHaveText('passed')
}
