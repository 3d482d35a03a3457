import type { Page } from '@playwright/test'
import { api, dialog, expect, open, row, test } from './fixture'

interface Key {
  id: string
  label: string
  uses: number
  lastSeenAt: string
  revokedAt: string
}

async function key(page: Page, label: string): Promise<Key | undefined> {
  return (await api<{ items: Key[] }>(page, 'WebhookKeys/List')).items.find((one) => one.label === label)
}

/** Makes a key that may open longs in BTCUSDT on paper, and returns its text as the dialog shows it. */
async function make(page: Page, label: string): Promise<string> {
  await open(page, 'Access')
  await page.getByRole('button', { name: 'New key…' }).click()
  await dialog(page).getByLabel('Label').fill(label)
  await dialog(page).getByText('Only these', { exact: true }).click()
  await dialog(page).getByRole('checkbox', { name: 'Paper PAPER' }).check()
  await dialog(page).getByText('Long only', { exact: true }).click()
  await dialog(page).getByLabel('Symbols').fill('btcusdt')
  await dialog(page)
    .getByLabel(/^Largest order/)
    .fill('5000')
  await expect(dialog(page)).toContainText('may open longs in btcusdt on Paper PAPER with orders up to 5,000 USD')
  await dialog(page).getByRole('button', { name: 'Make key' }).click()
  await expect(dialog(page)).toContainText('shown this once and never again')
  return (await dialog(page).getByLabel('The text of the key').textContent()) ?? ''
}

async function deed(page: Page, label: string, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: `More for the key ${label}` }).click()
  await page.getByRole('menuitem', { name }).click()
  await expect(dialog(page)).toBeVisible()
}

const long = { action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 }

test('a key lets its own alerts in and no others, until it is revoked', async ({ page, hoox }) => {
  const apiKey = await make(page, 'Scalper')
  expect(apiKey).toMatch(/^hxw_.{40,}$/)

  // Nothing but its own button closes what is shown once.
  await page.keyboard.press('Escape')
  await page.mouse.click(5, 5)
  await expect(dialog(page).getByLabel('The text of the key')).toHaveText(apiKey)
  await dialog(page).getByRole('button', { name: 'I have it: close for good' }).click()
  await expect(dialog(page)).toBeHidden()
  expect(await page.content()).not.toContain(apiKey)

  await expect(row(page, 'Scalper')).toContainText(/Longs only · up to 5,000 USD · BTCUSDT · Paper PAPER/)
  await expect(row(page, 'Scalper')).toContainText('never')
  const inside = await hoox.post({ apiKey, ...long })
  expect(inside).toMatchObject({ status: 200, body: { result: { status: 'Filled' } } })
  for (const outside of [
    { ...long, symbol: 'ETHUSDT' },
    { ...long, action: 'SHORT' },
    { ...long, exchange: 'bybit' },
  ]) {
    expect((await hoox.post({ apiKey, ...outside })).status, JSON.stringify(outside)).toBe(403)
  }
  expect((await hoox.post({ apiKey, ...long, quantity: '1' })).status).toBe(422)
  await expect(row(page, 'Scalper')).toContainText(/now|\d+ s ago/, { timeout: 15_000 })
  await expect.poll(async () => (await key(page, 'Scalper'))?.uses).toBe(5)

  // The story of its signal names it.
  await open(page, 'Signals')
  await page.goto(`${hoox.control}/#/signals/${inside.body.requestId}`)
  await expect(page.getByRole('complementary', { name: /story of signal/ })).toContainText(/Key\s*Scalper/)

  await open(page, 'Access')
  await deed(page, 'Scalper', /^Revoke/)
  await expect(dialog(page)).toContainText('from 127.0.0.1')
  await expect(dialog(page).getByRole('button', { name: 'Revoke key' })).toBeDisabled()
  await dialog(page).getByRole('textbox').fill('scalper')
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click()
  await expect(dialog(page)).toContainText('No alert comes in with it any more')
  await dialog(page).getByRole('button', { name: 'Done' }).click()

  await expect(row(page, 'Scalper')).toContainText(/Revoked/)
  expect((await hoox.post({ apiKey, ...long })).status).toBe(403)
  expect((await hoox.post({ apiKey, action: 'CLOSE', symbol: 'BTCUSDT' })).status).toBe(403)
  expect((await hoox.post(long)).status).toBe(200)
  expect(await key(page, 'Scalper')).toMatchObject({
    uses: 5,
    revokedAt: expect.stringMatching(/^20/),
    lastSeenAt: expect.stringMatching(/^20/),
  })
  expect(hoox.log).not.toContain(apiKey)
})

test('a rotated key opens with both texts while they overlap, and a changed one is bound at once', async ({
  page,
  hoox,
}) => {
  const first = await make(page, 'Trend')
  await dialog(page)
    .getByRole('button', { name: /^I have it/ })
    .click()

  await deed(page, 'Trend', /^Rotate/)
  await dialog(page).getByText('15 min', { exact: true }).click()
  await expect(dialog(page)).toContainText(/Until \d\d:\d\d UTC both texts open/)
  await dialog(page).getByRole('button', { name: 'Rotate key' }).click()
  const second = (await dialog(page).getByLabel('The text of the key').textContent()) ?? ''
  await expect(dialog(page)).toContainText(`…${first.slice(-4)} opens until`)
  await dialog(page)
    .getByRole('button', { name: /^I have it/ })
    .click()
  expect(second).not.toBe(first)
  await expect(row(page, 'Trend')).toContainText(/Overlap until \d\d:\d\d/)
  for (const apiKey of [first, second]) expect((await hoox.post({ apiKey, ...long })).status).toBe(200)

  await deed(page, 'Trend', /^Change/)
  await dialog(page).getByText('None: only close', { exact: true }).click()
  await dialog(page).getByRole('button', { name: 'Change key' }).click()
  await expect(dialog(page)).toBeHidden()
  await expect(row(page, 'Trend')).toContainText('Closes only')
  expect((await hoox.post({ apiKey: second, ...long })).status).toBe(403)
  expect((await hoox.post({ apiKey: second, action: 'CLOSE', symbol: 'BTCUSDT' })).status).toBe(200)

  await deed(page, 'Trend', /^Rotate/)
  await dialog(page).getByText('Not at all', { exact: true }).click()
  await dialog(page).getByRole('button', { name: 'Rotate, end the old text' }).click()
  await expect(dialog(page)).toContainText('No old text opens any more')
  for (const apiKey of [first, second])
    expect((await hoox.post({ apiKey, action: 'CLOSE', symbol: 'BTCUSDT' })).status).toBe(403)
})

test.describe('what the program refuses', () => {
  // The browser itself writes the refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('is said at its field, and for the master key of this run with what to do', async ({ page }) => {
    await open(page, 'Access')
    await page.getByRole('button', { name: 'New key…' }).click()
    await dialog(page).getByLabel('Label').fill('master')
    await dialog(page).getByRole('button', { name: 'Make key' }).click()
    await expect(dialog(page).getByLabel('Label')).toHaveAttribute('aria-invalid', 'true')
    await dialog(page).getByLabel('Label').fill('Mine')
    await dialog(page).getByLabel('Symbols').fill('BTC*')
    await dialog(page).getByRole('button', { name: 'Make key' }).click()
    await expect(dialog(page).getByLabel('Symbols')).toHaveAttribute('aria-invalid', 'true')
    await page.keyboard.press('Escape')

    await deed(page, 'master key', /^Rotate/)
    await dialog(page).getByRole('button', { name: 'Rotate key' }).click()
    await expect(dialog(page).getByRole('alert')).toContainText('HOOX_SECRET_WEBHOOK_API_KEY')
  })
})

test('an alert of TradingView’s log that never came is found', async ({ page, hoox }) => {
  const said = (comment: string) => ({ exchange: 'paper', action: 'CLOSE', symbol: 'BTCUSDT', comment })
  // Nothing else may be in it: the log has what was sent, to the letter.
  const came = JSON.stringify({ apiKey: hoox.apiKey, ...said('came') })
  expect((await hoox.send(came)).status).toBe(200)
  const at = new Date().toISOString().replace(/\.\d+/, '')
  const line = (message: string) => `1,"BYBIT:BTCUSDT.P, 15",Trend,"${message.replaceAll('"', '""')}",${at},Failed`
  const log = (...messages: string[]) => ({
    name: 'alerts.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(['Alert ID,Ticker,Name,Description,Time,Webhook status', ...messages.map(line)].join('\n')),
  })
  const arrived = page.getByRole('region', { name: 'Did every alert arrive?' })

  await open(page, 'Alerts')
  await arrived.locator('input[type=file]').setInputFiles(log(came))
  await expect(arrived).toContainText('Nothing was missed: the one alert for this program arrived.')

  const lost = JSON.stringify({ apiKey: hoox.apiKey, ...said('lost') })
  await arrived.locator('input[type=file]').setInputFiles(log(came, lost, 'Apple is up'))
  await expect(arrived).toContainText('1 of 2 alerts is missing: it never came in.')
  await expect(arrived.getByRole('row', { name: /CLOSE BTCUSDT lost/ })).toContainText('Failed')
  await expect(arrived).toContainText('1 other in the file is no alert for this program')
  expect(await arrived.textContent()).not.toContain(hoox.apiKey)
})
