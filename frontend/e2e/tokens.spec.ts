import type { Page } from '@playwright/test'
import { dialog, expect, open, row, test } from './fixture'

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

/** What the control interface answers to the holder of a token. */
async function ask(control: string, token: string, method: string, body: object = {}): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const answer = await fetch(`${control}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(body) })
  await answer.text()
  return answer.status
}

async function make(page: Page, name: string, may: string): Promise<string> {
  await panel(page, 'Tokens').getByRole('button', { name: 'New token…' }).click()
  await dialog(page).getByLabel('Name').fill(name)
  await dialog(page).getByText(may, { exact: true }).click()
  await dialog(page).getByRole('button', { name: 'Make token' }).click()
  await expect(dialog(page)).toContainText('shown this once and never again')
  const key = (await dialog(page).getByLabel('The key of the token').textContent()) ?? ''
  await dialog(page).getByRole('button', { name: 'I have it: close for good' }).click()
  await expect(dialog(page)).toBeHidden()
  return key
}

test('a token lets its holder do what it may, until it is revoked', async ({ page, hoox }) => {
  await open(page, 'Access')
  await expect(panel(page, 'Tokens')).toContainText('No token is made')
  const read = await make(page, 'deck', 'Read')
  const trade = await make(page, 'night-watch', 'Read and trade')
  expect(read).toMatch(/^hoox_.{40,}$/)
  expect(await page.content()).not.toContain(read)
  await expect(row(page, 'deck')).toContainText(/looks.*not in this run/)

  const halt = { state: 'halted', reason: 'a test' }
  const setting = { key: 'trade:default_leverage', value: '3' }
  expect(await ask(hoox.control, read, 'Positions/List')).toBe(200)
  expect(await ask(hoox.control, read, 'Kill/Set', halt)).toBe(403)
  expect(await ask(hoox.control, trade, 'Kill/Set', halt)).toBe(200)
  expect(await ask(hoox.control, trade, 'Settings/Set', setting)).toBe(403)
  expect(await ask(hoox.control, trade, 'Tokens/List')).toBe(403)
  await expect(row(page, 'deck')).toContainText(/now|\d+ s ago/, { timeout: 15_000 })

  await row(page, 'deck').getByRole('button', { name: 'Revoke deck' }).click()
  await expect(dialog(page)).toContainText('Whoever holds it is refused from this moment on')
  await dialog(page).getByRole('button', { name: 'Revoke token' }).click()
  await expect(dialog(page)).toContainText('whoever holds it is a stranger now')
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(row(page, 'deck')).toHaveCount(0)
  expect(await ask(hoox.control, read, 'Positions/List')).toBe(401)
  expect(await ask(hoox.control, trade, 'Positions/List')).toBe(200)
  for (const key of [read, trade]) expect(hoox.log).not.toContain(key)
})

test('another browser is seen and shut out, and a rotated key shuts out everybody but this one', async ({
  page,
  hoox,
  browser,
}) => {
  // The page asks for the browsers every ten seconds.
  test.setTimeout(90_000)
  await open(page, 'Access')
  const browsers = panel(page, 'Browsers')
  await expect(browsers.getByRole('row').filter({ hasText: 'This browser' })).toContainText('127.0.0.1')
  await expect(browsers.getByRole('button', { name: 'Sign out all others…' })).toBeDisabled()

  const other = await browser.newContext({ userAgent: 'Mozilla/5.0 (iPhone) AppleWebKit/605.1 Safari/604.1' })
  const signIn = async () => {
    await other.request.get((await hoox.cli<{ browser: string }>('browser')).browser)
    expect((await other.request.post(`${hoox.control}/api/Kill/Get`, { data: {} })).status()).toBe(200)
  }
  const shutOut = async () => (await other.request.post(`${hoox.control}/api/Kill/Get`, { data: {} })).status()
  await signIn()
  const row = browsers.getByRole('row').filter({ hasText: 'Safari on iOS' })
  await expect(row).toBeVisible({ timeout: 15_000 })

  await row.getByRole('button', { name: 'Sign out Safari on iOS' }).click()
  await dialog(page).getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(dialog(page)).toContainText('the browser is signed out')
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(row).toHaveCount(0)
  expect(await shutOut()).toBe(401)

  await signIn()
  await expect(row).toBeVisible({ timeout: 15_000 })
  await browsers.getByRole('button', { name: 'Rotate the internal key…' }).click()
  await expect(dialog(page)).toContainText('Every other browser is signed out at once: Safari on iOS.')
  await dialog(page).getByRole('button', { name: 'Rotate key' }).click()
  await expect(dialog(page)).toContainText('the internal key is another one now')
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(row).toHaveCount(0)
  expect(await shutOut()).toBe(401)
  // Commands of this computer know the new key, and this page is still signed in.
  expect((await hoox.cli<{ items: object[] }>('sessions')).items).toHaveLength(1)
  await open(page, 'Health')
  await other.close()
})

test.describe('the browser that signs itself out', () => {
  test.use({ expected: [/the server responded with a status of 401|WebSocket/] })

  test('is told how to come back', async ({ page }) => {
    await open(page, 'Access')
    // The button that signs out all others is there before the browsers are.
    await panel(page, 'Browsers')
      .getByRole('row')
      .filter({ hasText: 'This browser' })
      .getByRole('button', { name: /^Sign out/ })
      .click()
    await expect(dialog(page)).toContainText('Sign out this browser?')
    await dialog(page).getByRole('button', { name: 'Sign out', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'This browser is not signed in' })).toBeVisible()
  })
})
