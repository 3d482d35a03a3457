import type { Page } from '@playwright/test'
import { api, dialog, expect, open, row, strip, test } from './fixture'

interface Card {
  account: string
  trades: boolean
  hasKeys: boolean
}

async function card(page: Page, account: string): Promise<Card | undefined> {
  const { items } = await api<{ items: Card[] }>(page, 'Accounts/List')
  return items.find((one) => one.account === account)
}

test('every exchange says that its alerts go to paper, and a canary proves the way there and back', async ({
  page,
}) => {
  await open(page, 'Accounts')
  for (const name of ['Bybit', 'Binance', 'MEXC']) {
    await expect(page.getByRole('region', { name, exact: true })).toContainText(/PAPER.*alerts go here/)
  }

  await page.getByRole('button', { name: 'Canary: Bybit PAPER' }).click()
  await expect(dialog(page)).toContainText(/cancels it/i)
  await dialog(page).getByRole('button', { name: 'Send canary PAPER' }).click()

  await expect(dialog(page)).toContainText('below the market', { timeout: 15_000 })
  await expect(dialog(page)).toContainText(/cancel/i)
  await expect(dialog(page)).toContainText('works')
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await open(page, 'Orders')
  await expect(row(page, 'BTCUSDT', /cancel/i)).toBeVisible()
})

test('keys go into the vault unseen and are removed again', async ({ page, hoox }) => {
  const [key, secret] = ['e2e-made-up-key', 'e2e-made-up-secret']
  await open(page, 'Accounts')
  await page.getByRole('button', { name: 'Add keys: Bybit LIVE' }).click()
  const fields = dialog(page).locator('input')
  await expect(fields).toHaveCount(2)
  for (const field of await fields.all()) {
    await expect(field).toHaveAttribute('type', 'password')
    await expect(field).toHaveValue('')
  }
  await fields.first().fill(key)
  await fields.last().fill(secret)
  await dialog(page).getByRole('button', { name: 'Store keys LIVE' }).click()
  await expect(dialog(page)).toContainText('in the vault')
  await dialog(page).getByRole('button', { name: 'Later' }).click()

  // Keys alone switch nothing: alerts still go to paper.
  expect(await card(page, 'bybit:live')).toMatchObject({ hasKeys: true, trades: false })
  await expect(strip(page)).toContainText('PAPER')
  expect(await page.content()).not.toContain(secret)
  expect(hoox.log).not.toContain(secret)

  await page.getByRole('button', { name: 'More for Bybit LIVE' }).click()
  await page.getByRole('menuitem', { name: /remove keys/i }).click()
  await dialog(page).getByRole('button', { name: 'Remove keys LIVE' }).click()
  await expect(dialog(page)).toContainText('Done')
  expect(await card(page, 'bybit:live')).toMatchObject({ hasKeys: false })
})

test('live wants its checklist, its phrase and keys', async ({ page }) => {
  await open(page, 'Accounts')
  await page.getByRole('button', { name: 'Switch mode of Bybit' }).click()
  await dialog(page).getByText('LIVE', { exact: true }).click()
  await expect(dialog(page)).toContainText('REAL money')
  await expect(dialog(page)).toContainText('missing: add them first')

  const deed = dialog(page).getByRole('button', { name: /^Switch Bybit to LIVE/ })
  await expect(deed).toBeDisabled()
  await dialog(page).getByRole('textbox').fill('live binance')
  await expect(deed).toBeDisabled()
  await page.keyboard.press('Escape')
  await expect(dialog(page)).toBeHidden()

  expect(await card(page, 'bybit:paper')).toMatchObject({ trades: true })
  expect(await card(page, 'bybit:live')).toMatchObject({ trades: false })
})

test.describe('what the program refuses', () => {
  // The browser itself writes the refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('is said in the dialog: live without keys, a name that is none', async ({ page }) => {
    await open(page, 'Accounts')
    await page.getByRole('button', { name: 'Switch mode of Bybit' }).click()
    await dialog(page).getByText('LIVE', { exact: true }).click()
    await dialog(page).getByRole('textbox').fill('live bybit')
    await dialog(page)
      .getByRole('button', { name: /^Switch Bybit to LIVE/ })
      .click()
    await expect(dialog(page).getByRole('alert')).toContainText(/no keys/)
    await page.keyboard.press('Escape')
    await expect(strip(page)).toContainText('PAPER')

    await page.getByRole('button', { name: 'Add a further account of Bybit' }).click()
    await dialog(page).getByLabel('Name').fill('Swing!')
    await dialog(page).getByRole('button', { name: 'Add account TESTNET' }).click()
    await expect(dialog(page).getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
    await dialog(page).getByLabel('Name').fill('swing')
    await dialog(page).getByRole('button', { name: 'Add account TESTNET' }).click()
    await expect(dialog(page)).toContainText('bybit:testnet:swing')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('button', { name: 'Add keys: Bybit TESTNET swing' })).toBeVisible()
  })
})

test('on paper there is nothing to compare, and the page says why', async ({ page }) => {
  await open(page, 'Accounts')
  await expect(page.getByRole('region', { name: 'Ledger and exchanges' })).toContainText('Nothing to compare yet')
})
