import { expect, open, strip, test } from './fixture'

const pages = [
  'Overview',
  'Signals',
  'Positions',
  'Orders',
  'Fills',
  'Alerts',
  'Tunnel',
  'Strategies',
  'Accounts',
  'Access',
  'Secrets',
  'Telegram',
  'Health',
  'Audit',
  'Settings',
  'About',
]

test('every page opens under its heading without errors, empty and with a trade', async ({ page, hoox }) => {
  for (const name of pages) await open(page, name)

  expect((await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })).status).toBe(200)

  for (const name of pages) await open(page, name)
})

test('every link of the navigation leads to a page with a heading of its own', async ({ page }) => {
  const links = page.getByRole('navigation').getByRole('link')
  const seen = new Set<string>()
  const count = await links.count()
  expect(count).toBeGreaterThanOrEqual(pages.length)
  for (let n = 0; n < count; n++) {
    const name = ((await links.nth(n).textContent()) ?? '').trim()
    await links.nth(n).click()
    // By its name, because the heading of the page before is there until the new one is drawn.
    await expect(page.getByRole('main').getByRole('heading', { level: 1, name, exact: true })).toBeVisible()
    seen.add(name)
  }
  expect(seen.size).toBe(count)
})

test('the page carries a strict content security policy', async ({ page }) => {
  const answer = await page.request.get(page.url())
  const policy = answer.headers()['content-security-policy'] ?? ''
  const scripts = /(?:^|;)\s*(?:script-src|default-src)\s([^;]*)/.exec(policy)?.[1] ?? '*'

  expect(policy).toMatch(/default-src '(self|none)'/)
  expect(scripts).not.toMatch(/unsafe|https?:|\*/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(answer.headers()['x-content-type-options']).toBe('nosniff')
})

test('without a session nothing is shown, and the address that gives one works once', async ({
  page,
  hoox,
  browser,
}) => {
  const stranger = await browser.newContext()

  const call = await stranger.request.post(`${hoox.control}/api/Kill/Get`, { data: {} })
  const again = await stranger.request.get(hoox.browser)

  expect([401, 403]).toContain(call.status())
  expect([401, 403]).toContain(again.status())
  await expect(strip(page)).toBeVisible()
  await stranger.close()
})

test('the session cookie cannot be read by scripts or sent from other sites', async ({ page, context }) => {
  const cookies = await context.cookies()

  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  expect(await page.evaluate(() => document.cookie)).toBe('')
})

test('light and dark can be chosen and are remembered', async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const choose = async (name: RegExp) => {
    const button = page.getByRole('button', { name: /theme/i })
    await expect(async () => {
      if (!name.test((await button.textContent()) ?? '')) await button.click()
      await expect(button).toHaveText(name, { timeout: 500 })
    }).toPass()
  }

  await choose(/dark/i)
  const dark = await background()
  await choose(/light/i)
  await expect.poll(background).not.toBe(dark)
  const light = await background()
  await page.reload()

  await expect(strip(page)).toBeVisible()
  expect(await background()).toBe(light)
})
