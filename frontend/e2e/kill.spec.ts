import type { Locator, Page } from '@playwright/test'
import { dialog, expect, open, positions, row, strip, test } from './fixture'

const halt = (page: Page) => strip(page).getByRole('button', { name: /^halt/i })

async function hold(page: Page, ms: number): Promise<void> {
  await halt(page).hover()
  await page.mouse.down()
  await page.waitForTimeout(ms)
  await page.mouse.up()
}

async function release(page: Page): Promise<void> {
  await strip(page)
    .getByRole('button', { name: /resume/i })
    .click()
  await expect(dialog(page).getByRole('listitem').first()).toBeVisible()
  await dialog(page)
    .getByRole('radio', { name: /entries and exits/i })
    .check()
  await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('looked at by hand')
  await dialog(page)
    .getByRole('button', { name: /^resume trading/i })
    .click()
  await expect(dialog(page)).toBeHidden()
}

test('holding the switch halts: entries are refused, closes work, a checklist releases', async ({ page, hoox }) => {
  const long = { action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 }
  expect((await hoox.post(long)).status).toBe(200)

  await hold(page, 1_300)
  await expect(strip(page)).toContainText('HALTED')
  const refused = await hoox.post(long)
  const closed = await hoox.post({ action: 'CLOSE_LONG', symbol: 'BTCUSDT' })

  expect(refused).toMatchObject({ status: 503, body: { success: false, code: 'KILL_SWITCH' } })
  expect(closed).toMatchObject({ status: 200, body: { success: true, result: { status: 'Filled' } } })
  expect(await positions(page)).toEqual([])
  await open(page, 'Signals')
  await expect(row(page, /blocked/i)).toHaveCount(1)

  await release(page)
  await expect(strip(page)).not.toContainText('HALTED')
  expect((await hoox.post(long)).status).toBe(200)
  expect(await positions(page)).toHaveLength(1)
})

test('letting go too early changes nothing', async ({ page, hoox }) => {
  await hold(page, 600)
  await page.waitForTimeout(1_000)

  await expect(strip(page)).not.toContainText('HALTED')
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'active' })
})

test('a short press asks first, for those who cannot hold', async ({ page, hoox }) => {
  await halt(page).click()
  await dialog(page)
    .getByRole('button', { name: /^keep trading/i })
    .click()
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'active' })

  await halt(page).click()
  await dialog(page).getByRole('textbox').fill('strange prices')
  await dialog(page)
    .getByRole('button', { name: /^halt trading/i })
    .click()

  await expect(strip(page)).toContainText('HALTED')
  await expect(strip(page)).toContainText('strange prices')
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'halted', reason: 'strange prices' })
})

test('entries stay refused when only exits are resumed', async ({ page, hoox }) => {
  await hoox.cli('kill', 'on', '--reason', 'a test')
  await strip(page)
    .getByRole('button', { name: /resume/i })
    .click()
  await dialog(page)
    .getByRole('radio', { name: /exits only/i })
    .check()
  await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('closing by hand')
  await dialog(page)
    .getByRole('button', { name: /^allow exits only/i })
    .click()

  await expect(strip(page)).toContainText(/exits only/i)
  expect((await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })).status).toBe(422)
})

test('the keyboard reaches the switch from anywhere', async ({ page, hoox }) => {
  await open(page, 'Settings')

  await page.keyboard.press('Control+Shift+Period')
  await expect(halt(page)).toBeFocused()
  await page.keyboard.down('Space')
  await page.waitForTimeout(1_300)
  await page.keyboard.up('Space')

  await expect(strip(page)).toContainText('HALTED')
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'halted' })
})

test('a halt from elsewhere shows on the page', async ({ page, hoox }) => {
  await hoox.cli('kill', 'on', '--reason', 'from the terminal')

  await expect(strip(page)).toContainText('HALTED', { timeout: 1_000 })
  await expect(strip(page)).toContainText('from the terminal')
})

test('in a narrow window HALT and Resume keep their corner, and nothing is cut off', async ({ page }) => {
  const cut = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  /** Whether the button stands whole in the corner of a window so wide. */
  const corner = async (button: Locator, width: number) => {
    const place = await button.boundingBox()
    const gap = place ? width - place.x - place.width : NaN
    return gap >= 0 && gap < 32 && (place?.y ?? NaN) < 16
  }
  for (const width of [390, 640, 820, 959]) {
    await page.setViewportSize({ width, height: 844 })
    await expect.poll(() => corner(halt(page), width), `HALT in its corner at ${width} px`).toBe(true)
    expect(await cut(), `what is cut off at ${width} px`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(() => corner(halt(page), 390)).toBe(true)
  await hold(page, 1_300)
  await expect.poll(() => corner(strip(page).getByRole('button', { name: /resume/i }), 390)).toBe(true)
  expect(await cut()).toBeLessThanOrEqual(0)
})

test('an open dialog does not keep anybody from halting, and stays open', async ({ page, hoox }) => {
  await open(page, 'Access')
  const making = () => page.getByRole('dialog', { name: /token/i })
  await page.getByRole('button', { name: 'New token…' }).click()
  await making().getByLabel('Name').fill('half written')

  await hold(page, 600)
  await page.waitForTimeout(600)
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'active' })
  await hold(page, 1_300)
  await expect(strip(page)).toContainText('HALTED')
  await expect(making().getByLabel('Name')).toHaveValue('half written')

  await hoox.cli('kill', 'off', '--reason', 'a test')
  await expect(strip(page)).not.toContainText('HALTED')
  await page.keyboard.press('Control+Shift+Period')
  await expect(page.getByRole('dialog', { name: 'Halt trading?' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(strip(page)).toContainText('HALTED')
  await expect(making().getByLabel('Name')).toHaveValue('half written')
})
