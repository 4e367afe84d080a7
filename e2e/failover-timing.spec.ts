import type { Page } from '@playwright/test'
import { endLab, expectPassed, startLab, task, type } from './support/lab.ts'
import { expect, test } from './support/test.ts'

/** What client-go's timers allow, in seconds, with a little for observing it. */
const AFTER_KILL = { least: 12, most: 23 }
const AFTER_TERM = { least: 0, most: 6 }

test('Failover, measured: SIGKILL and SIGTERM of the real leader', async ({ page, halab }) => {
  test.setTimeout(500_000)
  await page.goto(await halab.link('/leader-election/failover-measured/'))
  await startLab(page)

  await endLeader(page, 'kube-scheduler', 'Kill (SIGKILL)')
  await expectPassed(page, 'kill-scheduler')
  const killed = await secondsIn(page, 'kill-scheduler')
  expect(killed).toBeGreaterThan(AFTER_KILL.least)
  expect(killed).toBeLessThan(AFTER_KILL.most)

  await endLeader(page, 'kube-scheduler', 'Terminate (SIGTERM)')
  await expectPassed(page, 'term-scheduler')
  const asked = await secondsIn(page, 'term-scheduler')
  expect(asked).toBeGreaterThanOrEqual(AFTER_TERM.least)
  expect(asked).toBeLessThan(AFTER_TERM.most)

  const saved = task(page, 'saved-seconds')
  await saved.getByRole('textbox').fill((killed - asked).toFixed(1))
  await saved.getByRole('button', { name: 'Answer' }).click()
  await expectPassed(page, 'saved-seconds')

  await endLeader(page, 'kube-controller-manager', 'Kill (SIGKILL)')
  await type(page, 'kubectl scale deployment web --replicas=5')
  await expectPassed(page, 'kill-controller-manager')
  await expectPassed(page, 'work-resumes')
  await expect(page.getByRole('tab', { name: 'Tasks 5/5' })).toBeVisible()
  await endLab(page)
})

/** From the map: whoever holds the lease now. */
async function endLeader(page: Page, component: string, fault: string) {
  await page.locator(`lab-map [data-component="${component}"] .row[data-tone=lead]`).press('Enter')
  await page.getByRole('menuitem', { name: fault }).click()
}

/** `…; 14.6 s later cp-3_… acquired the lease …` → 14.6 */
async function secondsIn(page: Page, id: string): Promise<number> {
  const words = await task(page, id).locator('.task-why').innerText()
  const seconds = /(\d+(?:\.\d+)?) s later/.exec(words)?.[1]
  expect(seconds, words).toBeDefined()
  return Number(seconds)
}
