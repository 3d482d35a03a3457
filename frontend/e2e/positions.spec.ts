import { dialog, expect, open, positions, row, test } from './fixture'

test('a position is closed by its button after a confirmation', async ({ page, hoox }) => {
  await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await open(page, 'Positions')

  await row(page, 'BTCUSDT')
    .getByRole('button', { name: /^close/i })
    .click()
  await expect(dialog(page)).toContainText('BTCUSDT')
  await expect(dialog(page)).toContainText(/paper/i)
  expect(await positions(page)).toHaveLength(1)
  await dialog(page)
    .getByRole('button', { name: /^close .*(0\.01|paper)/i })
    .click()

  await expect.poll(() => positions(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(row(page, 'BTCUSDT')).toHaveCount(0)
  await open(page, 'Fills')
  await expect(row(page, 'BTCUSDT')).toHaveCount(2)
})

test('leaving the confirmation closes nothing', async ({ page, hoox }) => {
  await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await open(page, 'Positions')

  await row(page, 'BTCUSDT')
    .getByRole('button', { name: /^close/i })
    .click()
  await expect(dialog(page)).toBeVisible()
  await page.keyboard.press('Escape')

  await expect(dialog(page)).toBeHidden()
  expect(await positions(page)).toHaveLength(1)
})

test('flatten closes everything once the word is typed', async ({ page, hoox }) => {
  await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await hoox.post({ action: 'SHORT', symbol: 'ETHUSDT', quantity: 0.2 })
  await open(page, 'Positions')
  await expect(row(page, 'ETHUSDT')).toBeVisible()

  await page
    .getByRole('button', { name: /^flatten/i })
    .first()
    .click()
  const confirm = dialog(page).getByRole('button', { name: /^flatten/i })
  await expect(confirm).toBeDisabled()
  await dialog(page).getByRole('textbox').fill('FLATTEN')
  await confirm.click()

  await expect.poll(() => positions(page), { timeout: 10_000 }).toEqual([])
  await expect(dialog(page)).toContainText('BTCUSDT')
  await expect(dialog(page)).toContainText('ETHUSDT')
})
