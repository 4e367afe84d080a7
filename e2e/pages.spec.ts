import { expect, expectAccessible, test } from './support/test.ts'

const PAGES = [
  '/',
  '/start/welcome/',
  '/leader-election/one-acts/',
  '/leader-election/failover-measured/',
]
const SCREENS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]

for (const path of PAGES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${path} reads well, ${colorScheme}`, async ({ page, halab }) => {
      await page.emulateMedia({ colorScheme })
      for (const screen of SCREENS) {
        await page.setViewportSize(screen)
        await page.goto(await halab.link(path))
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.locator('.progress .words')).toHaveText(/^\d of \d labs$/)
        await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(overflow).toBe(0)
        await expectAccessible(page)
      }
    })
  }
}

test('the token leaves the address, and the bare address says where the link is', async ({
  page,
  halab,
  complaints,
}) => {
  await page.goto(await halab.link('/start/welcome/'))
  await expect(page.getByRole('button', { name: 'Start lab' })).toBeVisible()
  expect(page.url()).not.toContain('token')

  await page.context().clearCookies()
  await page.goto(page.url())
  await expect(page.getByText('Open the link with your token')).toBeVisible()
  await expectAccessible(page)
  // A browser logs the refusals of somebody without a session by itself.
  complaints.splice(0)
})

test('an unknown page says so', async ({ page, halab, complaints }) => {
  await page.goto(await halab.link('/no-such-page/'))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('404')
  await expectAccessible(page)
  complaints.splice(0)
})

test('a lesson is light before its lab runs', async ({ page, halab }) => {
  const sizes = { script: 0, stylesheet: 0 }
  const pending: Promise<void>[] = []
  page.on('requestfinished', (request) => {
    const type = request.resourceType()
    if (type !== 'script' && type !== 'stylesheet') return
    pending.push(
      (async () => {
        const response = await request.response()
        if (response) sizes[type] += await gzipped(await response.body())
      })(),
    )
  })
  await page.goto(await halab.link('/leader-election/one-acts/'), { waitUntil: 'networkidle' })
  await Promise.all(pending)
  expect(sizes.script).toBeLessThan(25_000)
  expect(sizes.stylesheet).toBeLessThan(20_000)
})

async function gzipped(body: Buffer): Promise<number> {
  const { gzipSync } = await import('node:zlib')
  return gzipSync(body, { level: 9 }).length
}
