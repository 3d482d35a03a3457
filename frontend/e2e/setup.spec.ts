import type { Page } from '@playwright/test'
import { api, dialog, expect, open, positions, strip, test } from './fixture'
import type { Program } from './program'

interface State {
  opens: boolean
  outcome: string
  terms: { accepted: boolean; acceptedBy: string }
  steps: { id: string; done: boolean; detail: string }[]
}

const state = (page: Page) => api<State>(page, 'Setup/Get')
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })
const steps = (page: Page) => page.getByRole('navigation', { name: 'First steps' }).getByRole('listitem')
const goOn = (page: Page) => page.getByRole('button', { name: /^(Accept and go on|Go on)/ })

/** HALT works here: thrown by the keyboard from wherever the focus is, seen in the strip, and released beside the page. */
async function haltsHere(page: Page, hoox: Program): Promise<void> {
  const address = page.url()
  await page.keyboard.press('Control+Shift+Period')
  await expect(strip(page).getByRole('button', { name: /^halt/i })).toBeFocused()
  await page.keyboard.down('Space')
  await expect(strip(page)).toContainText('HALTED')
  await page.keyboard.up('Space')
  expect(await hoox.cli('kill', 'status')).toMatchObject({ state: 'halted' })
  expect(page.url()).toBe(address)
  await hoox.cli('kill', 'off', '--reason', 'seen')
  await expect(strip(page)).not.toContainText('HALTED')
}

test.describe('on a first start', () => {
  test.use({ fresh: true })

  test('every step is walked to a live alert, and HALT works on each', async ({ page, hoox }) => {
    test.slow()
    await expect(heading(page, 'What this program does with your money')).toBeFocused()
    await expect(page).toHaveTitle(/First steps/)
    await expect(goOn(page)).toBeDisabled()
    await haltsHere(page, hoox)
    expect(await state(page)).toMatchObject({ opens: true, terms: { accepted: false } })
    await page.getByRole('checkbox', { name: /I can lose money/ }).check()
    await page.keyboard.press('Enter')

    await expect(heading(page, 'Paper or exchange keys')).toBeFocused()
    expect(await state(page)).toMatchObject({ opens: true, terms: { accepted: true, acceptedBy: 'browser' } })
    await expect(page.getByRole('radio', { name: /^Start on paper/ })).toBeChecked()
    await haltsHere(page, hoox)
    await heading(page, 'Paper or exchange keys').focus()
    await page.keyboard.press('Enter')

    await expect(heading(page, 'A way in for TradingView')).toBeVisible()
    await haltsHere(page, hoox)
    await tunnelThrough(page, hoox.gateway)
    await goOn(page).click()

    await expect(heading(page, 'Address and message')).toBeVisible()
    await expect(page.getByRole('main')).toContainText(`${hoox.gateway}/webhook`)
    const message = await page.locator('pre[aria-label="The alert as JSON"]').textContent()
    await haltsHere(page, hoox)
    await goOn(page).click()

    await expect(heading(page, 'First live alert')).toBeVisible()
    await expect(page.getByRole('main')).toContainText('Waiting for the first alert')
    await haltsHere(page, hoox)
    const sent = await hoox.send((message ?? '').replace('<apiKey>', hoox.apiKey).replace('{{timenow}}', now()))
    expect(sent).toMatchObject({ status: 200, body: { success: true, result: { status: 'Filled' } } })
    const way = page.getByRole('list', { name: 'The way of the alert' })
    await expect(way.getByRole('listitem')).toHaveText(
      [/Received/, /Checked/, /Decided/, /Sent/, /Filled on paper, done/],
      {
        timeout: 2_000,
      },
    )
    await expect(page.getByRole('main')).toContainText('Everything it asked for was filled. It came from this computer')
    expect(await positions(page)).toMatchObject([{ symbol: 'BTCUSDT', side: 'long' }])
    await goOn(page).click()

    await expect(heading(page, 'Your phone')).toBeVisible()
    await haltsHere(page, hoox)
    await page.getByRole('button', { name: /^Go on without a phone/ }).click()

    await expect(heading(page, 'Set up, as far as you wanted')).toBeVisible()
    await haltsHere(page, hoox)
    await expect(steps(page)).toContainText(['done', 'done', 'done', 'done', 'done', 'may wait', 'you are here'])
    await page.getByRole('button', { name: /^Finish/ }).click()
    await expect(heading(page, 'Overview')).toBeVisible()
    expect(await state(page)).toMatchObject({ opens: false, outcome: 'done' })
    await expect(page.getByRole('link', { name: 'Go on with the first steps' })).toHaveCount(0)
  })

  test('it can be left at any time, does not come back by itself, and is found again', async ({ page, hoox }) => {
    await expect(heading(page, 'What this program does with your money')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(heading(page, 'Overview')).toBeVisible()
    await expect.poll(async () => (await state(page)).outcome).toBe('later')

    await page.goto(hoox.control)
    await expect(heading(page, 'Overview')).toBeVisible()
    await page.getByRole('link', { name: 'Go on with the first steps' }).click()
    await expect(heading(page, 'What this program does with your money')).toBeVisible()

    await page.getByRole('button', { name: 'Later' }).click()
    await page.keyboard.press('?')
    await dialog(page).getByRole('link', { name: 'Take the first steps again' }).click()
    await expect(heading(page, 'What this program does with your money')).toBeFocused()
    await open(page, 'Settings')
    await page.getByRole('main').getByRole('link', { name: 'First steps' }).click()
    await expect(heading(page, 'What this program does with your money')).toBeVisible()
  })

  test('a step that was left out says so, a reload stays, and an alert that is not taken says why', async ({
    page,
    hoox,
  }) => {
    await hoox.cli('setup', 'accept', '--yes')
    await expect(page.getByText(/Accepted by cli/)).toBeVisible()
    for (const name of [
      'Paper or exchange keys',
      'A way in for TradingView',
      'Address and message',
      'First live alert',
    ]) {
      await goOn(page).click()
      await expect(heading(page, name)).toBeVisible()
    }
    await page.reload()
    await expect(heading(page, 'First live alert')).toBeVisible()

    expect((await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 100000 })).status).toBe(422)
    const main = page.getByRole('main')
    await expect(main).toContainText('Refused: quantity 100000 BTC is above the largest')
    await expect(main).toContainText('Fix change the alert, or the limit that it met')
    expect((await hoox.post({ apiKey: 'nonsense', action: 'LONG', symbol: 'BTCUSDT', quantity: 1 })).status).toBe(403)
    await expect(main).toContainText('an alert was turned away: wrong key')
    await main.getByRole('button', { name: 'Send another from here' }).click()
    await expect(main.getByRole('list', { name: 'The way of the alert' })).toContainText('Filled on paper, done')
    await expect(main).not.toContainText('turned away')

    await goOn(page).click()
    await expect(heading(page, 'Your phone')).toBeVisible()
    await goOn(page).click()
    await expect(heading(page, 'Set up, as far as you wanted')).toBeVisible()
    await expect(main.getByRole('link', { name: 'Back to this step' })).toHaveCount(3)
  })
})

test('nothing opens by itself for somebody who asks for a page or has put it off', async ({ page, hoox }) => {
  await expect(heading(page, 'Overview')).toBeVisible()
  await page.goto(`${hoox.control}/#/fills`)
  await page.reload()
  await expect(heading(page, 'Fills')).toBeVisible()
})

/** The gateway's own port is the way in: asked from outside it answers, which is all that counts here. */
async function tunnelThrough(page: Page, address: string): Promise<void> {
  const main = page.getByRole('main')
  await expect(main).toContainText('only this computer can reach the gateway')
  await main.getByRole('radio', { name: /^Your own proxy/ }).check()
  await main.getByLabel('Public address').fill(address)
  await main.getByRole('button', { name: 'Save…' }).click()
  await dialog(page).getByRole('button', { name: 'Save', exact: true }).click()
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(main.getByRole('list', { name: 'How far the tunnel is' })).toContainText(
    'An answer came back through it, done',
    { timeout: 15_000 },
  )
  await expect(steps(page).nth(2)).toContainText('done')
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
