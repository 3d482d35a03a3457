import { dialog, expect, open, row, test } from './fixture'

test('an alert shows as a fill within a second, without a reload', async ({ page, hoox }) => {
  await open(page, 'Fills')
  await page.evaluate(() => Object.assign(window, { unbroken: true }))

  const answer = await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  const fill = row(page, 'BTCUSDT', /0\.010*/)
  await expect(fill).toBeVisible({ timeout: 1_000 })

  expect(answer).toMatchObject({ status: 200, body: { success: true, result: { status: 'Filled' } } })
  await expect(fill).toHaveCount(1)
  expect(await page.evaluate(() => 'unbroken' in window)).toBe(true)
})

test('a page that is open in two tabs follows in both', async ({ page, context, hoox }) => {
  const other = await context.newPage()
  await other.goto(hoox.control)
  await open(page, 'Fills')
  await open(other, 'Fills')

  await hoox.post({ action: 'SHORT', symbol: 'ETHUSDT', quantity: '0.5' })

  await expect(row(page, 'ETHUSDT')).toBeVisible({ timeout: 1_000 })
  await expect(row(other, 'ETHUSDT')).toBeVisible({ timeout: 2_000 })
})

test('opening a signal tells its story from the door to the fill', async ({ page, hoox }) => {
  const { body } = await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01, strategy: 'breakout' })
  await open(page, 'Signals')

  await row(page, 'BTCUSDT').first().click()

  await expect(page.getByText(body.requestId).first()).toBeVisible()
  for (const stage of [/received/i, /admitted/i, /submitted/i, /filled/i]) {
    await expect(page.getByText(stage).first()).toBeVisible()
  }
  await expect(page.getByText(/\d\s?(µs|ms)/).first()).toBeVisible()
})

test('what an alert says is shown as text and never as markup', async ({ page, hoox }) => {
  const hostile = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
  const answer = await hoox.post({
    action: 'LONG',
    symbol: 'BTCUSDT',
    quantity: 0.01,
    strategy: hostile,
    comment: hostile,
  })
  expect(answer.status).toBe(200)

  for (const name of ['Overview', 'Orders', 'Fills', 'Alerts', 'Signals']) await open(page, name)
  await row(page, 'BTCUSDT').first().click()

  await expect(page.getByText('<img src=x').first()).toBeVisible()
  await expect(page.locator('img[src="x"]')).toHaveCount(0)
  expect(await page.title()).not.toBe('taken')
})

test('an alert that is refused shows with its reason', async ({ page, hoox }) => {
  const answer = await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: '100000' })
  await open(page, 'Signals')

  expect(answer.status).toBe(422)
  await expect(row(page, 'BTCUSDT', /refused|rejected/i)).toBeVisible()
})

test('an alert that was blocked is traded anew by a person, who sees first what it would do', async ({
  page,
  hoox,
}) => {
  await hoox.cli('kill', 'on', '--reason', 'a test')
  const { body } = await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await hoox.cli('kill', 'off', '--reason', 'a test')
  await open(page, 'Signals')
  await row(page, 'BTCUSDT').first().click()
  await expect(page.getByText(body.requestId).first()).toBeVisible()

  await page.getByRole('button', { name: /trade anew/i }).click()
  await expect(dialog(page)).toContainText(/Buy\s+0\.01\s+BTC/)
  await dialog(page).getByRole('button', { name: 'Trade anew PAPER' }).click()
  await expect(dialog(page)).toContainText('Filled')
  await page.keyboard.press('Escape')

  await open(page, 'Fills')
  await expect(row(page, 'BTCUSDT')).toHaveCount(1)
})
