import type { Page } from '@playwright/test'
import { endLab, expectPassed, startLab, task, terminalText, type } from './support/lab.ts'
import { expect, expectAccessible, test } from './support/test.ts'

/** One lab for all of them: each test finds it running, as a reader who comes back does. */
test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser, halab }) => {
  test.setTimeout(300_000)
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 1440, height: 900 },
  })
  page = await context.newPage()
  await page.goto(await halab.link('/start/welcome/'))
  await startLab(page)
})

test.afterAll(async () => {
  await endLab(page)
  await page.context().close()
})

test('the map shows who leads, and is accessible in both themes', async () => {
  await expect(page.locator('lab-map .row[data-tone=lead]')).toHaveCount(3)
  await expect(page.locator('.quorum')).toHaveText('quorum holds: 3 of 3, needs 2')
  await expect(page.locator('.link-label.entry')).toHaveText(/^writes ok/)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await expectAccessible(page)
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
})

test('a run button types into the workstation', async () => {
  await page.getByRole('button', { name: 'Run in workstation' }).first().click()
  await expect.poll(() => terminalText(page)).toMatch(/kube-scheduler\s+cp-\d_/)
})

test('a terminal keeps its shell and its screen over a reload', async () => {
  await type(page, 'kept=still-here')
  const before = await terminalText(page)
  await page.reload()
  await expect(page.locator('.xterm')).toBeVisible()
  await expect.poll(() => terminalText(page)).toContain(before.trimEnd().slice(-60))
  expect(await type(page, 'echo $kept')).toBe('still-here')
})

test('a terminal outlives a change of page', async () => {
  const terminal = await page.locator('.xterm').elementHandle()
  await page.getByRole('link', { name: 'halab' }).click()
  await expect(page.locator('.xterm')).toBeHidden()
  await expect(page.locator('lesson-state[data-state=running]')).toHaveCount(1)
  await page
    .locator('main')
    .getByRole('link', { name: /^Welcome/ })
    .click()
  await expect(page.locator('.xterm')).toBeVisible()
  expect(await terminal?.evaluate((element) => element.isConnected)).toBe(true)
  expect(await type(page, 'echo $kept')).toBe('still-here')
})

test('the lab of another lesson waits and is found again', async () => {
  await page.getByRole('button', { name: 'Contents' }).click()
  await page.locator('#starlight__sidebar').getByRole('link', { name: 'One acts' }).click()
  await expect(page.locator('.other-run')).toContainText('The lab tour-')
  await page.goBack()
  await expect(page.locator('.xterm')).toBeVisible()
  expect(await type(page, 'echo $kept')).toBe('still-here')
})

test('Escape twice leaves a terminal, arrows move between tabs', async () => {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  const tab = page.getByRole('tab', { name: 'workstation' })
  await expect(tab).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  const tasks = page.getByRole('tab', { name: /^Tasks/ })
  await expect(tasks).toBeFocused()
  await expect(page.getByRole('tabpanel', { name: /^Tasks/ })).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('ArrowRight')
  await expect(tab).toHaveAttribute('aria-selected', 'true')
})

test('a node’s menu opens its terminal by keyboard', async () => {
  await page.getByRole('button', { name: /^cp-2: / }).press('Enter')
  const menu = page.getByRole('menu', { name: 'cp-2' })
  await expect(menu.getByRole('menuitem').first()).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('tab', { name: 'cp-2' })).toHaveAttribute('aria-selected', 'true')
  await expect.poll(() => terminalText(page, 'cp-2')).toContain('root@cp-2')
  await page.getByRole('tab', { name: 'workstation' }).click()
})

test('a fault from the map ends a process, the map and a sentence say so', async () => {
  const row = page.getByRole('button', { name: /^kube-scheduler on cp-2: / })
  await row.press('Enter')
  await page.getByRole('menuitem', { name: 'Kill (SIGKILL)' }).click()
  // The verdict's sentence may have taken the place of the event's before anybody looked.
  await expect(page.locator('.news')).toContainText(
    /kube-scheduler on cp-2 (was killed|ended by SIGKILL)/,
  )
  await expectPassed(page, 'kill-and-return')
})

test('hints come one by one', async () => {
  const card = task(page, 'use-kubectl')
  await card.getByRole('button', { name: 'Hint' }).click()
  await expect(card.locator('.task-hints li')).toHaveCount(1)
  await card.getByRole('button', { name: /^Hint 2 of/ }).click()
  await expect(card.locator('.task-hints li')).toHaveCount(2)
})

test('a lab pauses and goes on', async () => {
  const head = page.locator('.dock-head')
  await head.getByRole('button', { name: 'Pause' }).click()
  await expect(page.locator('.head-state')).toHaveText(/^paused/)
  await head.getByRole('button', { name: 'Resume' }).click()
  await expect(page.locator('.head-state')).toHaveText(/^ready/)
})
