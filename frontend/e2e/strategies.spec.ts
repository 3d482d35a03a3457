import type { Page } from '@playwright/test'
import { api, dialog, expect, open, positions, test } from './fixture'

interface Row {
  doc: { name: string; stopLoss: string }
  version: number
}

async function stored(page: Page, name: string): Promise<Row | undefined> {
  const { items } = await api<{ items: Row[] }>(page, 'Strategies/List')
  return items.find((one) => one.doc.name === name)
}

const preview = (page: Page) => page.getByRole('region', { name: 'What an alert would do now' })

/** Writes a strategy that buys for 200 USDT on Bybit's paper twin. */
async function write(page: Page, name: string): Promise<void> {
  await open(page, 'Strategies')
  await page
    .getByRole('button', { name: /write the first one|new strategy/i })
    .first()
    .click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Add an account' }).click()
  await page.getByLabel('Account', { exact: true }).selectOption('bybit:paper')
  await page.getByLabel('Size of entries').selectOption('quoteQuantity')
  await page.getByLabel('Size', { exact: true }).fill('200')
  await page.getByLabel('Stop loss').fill('2%')
}

test('a strategy is written, previewed, stored, followed by an alert and deleted', async ({ page, hoox }) => {
  await write(page, 'Breakout')
  await expect(preview(page)).toContainText('Would go')
  await expect(preview(page)).toContainText(/Buy\s+0\.00\d\s+BTC\s+at market/)
  await expect(preview(page)).toContainText(/stop \d/)
  expect(await positions(page)).toEqual([])

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('link', { name: /Breakout/ })).toBeVisible()
  expect(await stored(page, 'Breakout')).toMatchObject({ version: 1, doc: { stopLoss: '2%' } })

  const answer = await hoox.post({
    exchange: 'bybit',
    action: 'LONG',
    symbol: 'BTCUSDT',
    quantity: 0.5,
    strategy: 'Breakout',
  })
  expect(answer.status).toBe(200)
  const [held] = await positions(page)
  expect(held?.quantity).toMatch(/^0\.00\d/)

  await page.getByRole('button', { name: 'Delete…' }).click()
  await dialog(page).getByRole('button', { name: 'Delete strategy' }).click()
  await expect(dialog(page)).toBeHidden()
  expect(await stored(page, 'Breakout')).toBeUndefined()
  await expect(page.getByText('No strategies yet')).toBeVisible()
})

test('a cap shows in the preview as the rule that says no', async ({ page }) => {
  await write(page, 'Capped')
  await expect(preview(page)).toContainText('Would go')
  await page.getByLabel('Max order').fill('50')
  await expect(preview(page)).toContainText('Refused')
  await expect(preview(page)).toContainText(/50 USDT/)
  await preview(page)
    .getByText(/checks?, 1 said no/)
    .click()
  await expect(preview(page)).toContainText('Trading state')
})

test.describe('what the program refuses', () => {
  // The browser itself writes the refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('lands at the field that it names, and at the alert', async ({ page }) => {
    await write(page, 'Wrong')
    const size = page.getByLabel('Size', { exact: true })
    await size.fill('much')
    await expect(size).toHaveAttribute('aria-invalid', 'true')
    await size.fill('100')
    await expect(size).toHaveAttribute('aria-invalid', 'false')

    const alert = page.getByLabel('The alert')
    await alert.fill('{"action": "LONG", "exchange": "bybit", "symbol": "BTCUSDT", "quantity": "x"}')
    await expect(alert).toHaveAttribute('aria-invalid', 'true')
    await page.getByRole('button', { name: 'Sample' }).click()
    await expect(alert).toHaveAttribute('aria-invalid', 'false')
  })

  test('is told in words when another window stored it meanwhile', async ({ page, context, hoox }) => {
    await write(page, 'Shared')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByRole('link', { name: /Shared/ })).toBeVisible()
    await expect.poll(() => stored(page, 'Shared')).toMatchObject({ version: 1 })
    await page.getByLabel('Trailing stop').fill('1%')

    const other = await context.newPage()
    await other.goto(`${hoox.control}/#/strategies/Shared`)
    await other.getByLabel('Stop loss').fill('3%')
    await other.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => stored(page, 'Shared')).toMatchObject({ version: 2, doc: { stopLoss: '3%' } })

    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText(/changed this strategy since you opened/)).toBeVisible()
    await page.getByRole('button', { name: /show theirs/i }).click()
    await expect(page.getByLabel('Stop loss')).toHaveValue('3%')
    await expect(page.getByLabel('Trailing stop')).toHaveValue('')
  })
})
