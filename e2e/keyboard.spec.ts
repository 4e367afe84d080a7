import { expect, test } from './support/test.ts'

const LESSON = '/leader-election/one-acts/'

test('the first stop skips to the lesson', async ({ page, halab }) => {
  await page.goto(await halab.link(LESSON))
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  await expect(skip).toBeFocused()
  await page.keyboard.press('Enter')
  expect(page.url()).toContain('#_top')
})

test('the edge between lesson and lab moves by arrow keys and is remembered', async ({
  page,
  halab,
}) => {
  await page.goto(await halab.link(LESSON))
  const edge = page.getByRole('separator', { name: 'Width of the lesson' })
  const widthOf = async () => (await page.locator('.main-frame').boundingBox())?.width ?? 0
  const before = await widthOf()
  await edge.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(edge).toHaveAttribute('aria-valuenow', '40')
  expect(await widthOf()).toBeGreaterThan(before)

  await page.reload()
  await expect(edge).toHaveAttribute('aria-valuenow', '40')
  await edge.dblclick()
  await expect(edge).toHaveAttribute('aria-valuenow', '36')
})

test('the lab can be put away and brought back', async ({ page, halab }) => {
  await page.goto(await halab.link(LESSON))
  await page.getByRole('button', { name: 'Hide the lab' }).press('Enter')
  const rail = page.locator('.dock-rail')
  await expect(rail).toBeFocused()
  await expect(page.locator('#starlight__sidebar')).toBeVisible()
  await rail.press('Enter')
  await expect(page.getByRole('button', { name: 'Start lab' })).toBeVisible()
})

test('contents open over the lesson, Escape closes them', async ({ page, halab }) => {
  await page.goto(await halab.link(LESSON))
  const contents = page.getByRole('button', { name: 'Contents' })
  await contents.press('Enter')
  await expect(contents).toHaveAttribute('aria-expanded', 'true')
  await expect(page.locator('#starlight__sidebar a').first()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(contents).toBeFocused()
})

test('search finds a lesson, and works again after a page change', async ({ page, halab }) => {
  await page.goto(await halab.link('/'))
  for (const [term, title] of [
    ['mirror Pod', 'Welcome'],
    ['renew deadline', 'One acts, the others wait'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox').fill(term)
    await page.locator('.hits').getByRole('link', { name: title }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
  }
})

test('a prediction is kept', async ({ page, halab }) => {
  await page.goto(await halab.link('/leader-election/failover-measured/'))
  const choice = page
    .locator('[data-predict=seconds-after-kill]')
    .getByRole('radio', { name: '13 to 22 s' })
  await choice.focus()
  await page.keyboard.press('Space')
  await page.reload()
  await expect(choice).toBeChecked()
})

test('on a small screen a switch shows the lesson or the lab', async ({ page, halab }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(await halab.link(LESSON))
  const lab = page.getByRole('button', { name: 'Lab', exact: true })
  await expect(page.getByRole('button', { name: 'Start lab' })).toBeHidden()
  await lab.press('Enter')
  await expect(lab).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByRole('button', { name: 'Start lab' })).toBeVisible()
})
