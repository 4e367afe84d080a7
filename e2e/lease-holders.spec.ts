import { endLab, expectPassed, startLab, task, type } from './support/lab.ts'
import { expect, test } from './support/test.ts'

const LEASE = 'kubectl -n kube-system get lease'

test('One acts, the others wait: solved by typing', async ({ page, halab }) => {
  test.setTimeout(400_000)
  await page.goto(await halab.link('/leader-election/one-acts/'))
  const progress = page.locator('.progress .words')
  await expect(progress).toHaveText(/^\d of \d labs$/)
  const passed = Number.parseInt(await progress.innerText(), 10)
  await startLab(page)
  const ask = (lease: string, path: string) =>
    type(page, `${LEASE} ${lease} -o jsonpath='{.spec.${path}}'; echo`)

  const scheduler = await ask('kube-scheduler', 'holderIdentity')
  const controllers = await ask('kube-controller-manager', 'holderIdentity')
  const transitions = await ask('kube-scheduler', 'leaseTransitions')
  expect(scheduler).toMatch(/^cp-\d_/)

  // One answer from the terminal, two in the page.
  await type(page, `lab answer scheduler-holder ${scheduler}`)
  await expectPassed(page, 'scheduler-holder')
  for (const [id, value] of [
    ['controller-manager-holder', controllers],
    ['transitions', transitions],
  ] as const) {
    await task(page, id).getByRole('textbox').fill(value)
    await task(page, id).getByRole('button', { name: 'Answer' }).click()
    await expectPassed(page, id)
  }

  await type(page, `lab term ${scheduler.split('_')[0] ?? ''}/kube-scheduler`)
  await expectPassed(page, 'move-the-lease')
  await expect(progress).toHaveText(`${passed + 1} of 3 labs`)
  await endLab(page)
})
