/** What all browser tests start from: a halab of their own, and a page that must not complain. */
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { type Halab, startHalab } from './halab.ts'

interface Fixtures {
  /** Errors in the console and violations of the content policy, as they come. */
  readonly complaints: string[]
}
interface WorkerFixtures {
  readonly halab: Halab
}

/** Set-up may have to build the site and fetch binaries. */
const START_MS = 600_000

export const test = base.extend<Fixtures, WorkerFixtures>({
  halab: [
    // Playwright reads the fixture's dependencies from this pattern, even when there are none.
    async ({}, use) => {
      const halab = await startHalab()
      await use(halab)
      await halab.stop()
    },
    { scope: 'worker', timeout: START_MS },
  ],
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      // Violations of the content policy are errors in the console too.
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export { expect } from '@playwright/test'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

/** No violation of WCAG 2.2 AA that a machine can find. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
  }))
  expect(found).toEqual([])
}
