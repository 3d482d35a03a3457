import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { api, dialog, expect, open, row, strip, test } from './fixture'

interface Line {
  line: number
  actor: string
  action: string
  decision: string
  prevHash: string
  hash: string
}

const line = (page: Page) => page.getByRole('complementary', { name: /^Line \d+ of the audit/ })
const alarms = (page: Page) => page.getByRole('region', { name: 'Alarms' })

/** Halts by the window and resumes by the command line. */
async function haltAndResume(page: Page, resume: () => Promise<unknown>): Promise<void> {
  await strip(page).getByRole('button', { name: /^halt/i }).click()
  await dialog(page).getByRole('textbox').fill('strange <b>prices</b>')
  await dialog(page)
    .getByRole('button', { name: /^halt trading/i })
    .click()
  await expect(strip(page)).toContainText('HALTED')
  await resume()
  await expect(strip(page)).not.toContainText('HALTED')
}

test('who halted and who resumed stands in the audit, which is whole and can be taken away', async ({ page, hoox }) => {
  await open(page, 'Audit')
  await expect(row(page, 'Start the program', 'Done')).toHaveCount(1)
  await haltAndResume(page, () => hoox.cli('kill', 'off', '--reason', 'looked at by hand'))

  // Both lines came by themselves, newest first.
  const halted = row(page, /^.*Browser/, 'this computer', 'Set trading state', 'active → halted', 'Done')
  const resumed = row(page, 'Command line', 'Set trading state', 'halted → active', 'looked at by hand', 'Done')
  await expect(halted).toHaveCount(1)
  await expect(resumed).toHaveCount(1)
  const { items } = await api<{ items: Line[] }>(page, 'Audit/List', { action: 'kill.set' })
  expect(items.map((one) => one.actor.split(' ')[0])).toEqual(['cli', 'browser'])

  await halted.click()
  const newest = items[1]
  await expect(line(page)).toContainText('strange <b>prices</b>')
  await expect(line(page)).toContainText(newest?.hash ?? 'no hash')
  await expect(line(page)).toContainText(newest?.prevHash ?? 'no hash')
  await line(page).getByRole('link', { name: 'only these' }).last().click()
  await expect(page.getByRole('button', { name: 'What: Set trading state' })).toBeVisible()
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(3)
  await page.keyboard.press('Escape')
  await expect(line(page)).toBeHidden()

  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await expect(page.getByRole('main')).toContainText(/Whole:\s+\d+\s+lines\s+since\s+20\d\d-\d\d-\d\d, verified/)

  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
  const cells = (await readFile(await csv.path(), 'utf8')).trim().split('\n')
  expect(cells).toHaveLength(3)
  expect(cells[1]).toContain('active,halted')
  await page.getByRole('button', { name: 'Clear all' }).click()
  await expect(row(page, 'Start the program')).toHaveCount(1)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSONL' }).click()])
  expect(file.suggestedFilename()).toMatch(/^audit-.*\.jsonl$/)
  const lines = (await readFile(await file.path(), 'utf8'))
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line)
  expect(lines.map((one) => one.line)).toEqual(lines.map((_, n) => n + 1))
  for (const [n, one] of lines.entries()) if (n > 0) expect(one.prevHash).toBe(lines[n - 1]?.hash)
})

test.describe('what was refused', () => {
  // The browser itself writes the refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('is found by the chips, and the keys go through the lines', async ({ page }) => {
    await page.request.post(new URL('/api/Settings/Set', page.url()).href, {
      data: { key: 'trade:default_leverage', value: '500' },
    })
    await open(page, 'Audit')
    await page.getByRole('button', { name: 'Result: any' }).click()
    await page.getByRole('menuitemradio', { name: 'Refused' }).click()
    await expect(row(page, 'Change a setting', 'trade:default_leverage', 'Refused')).toHaveCount(1)
    await expect(row(page, 'Done')).toHaveCount(0)

    await page.getByRole('button', { name: 'When: any' }).click()
    await page.getByRole('button', { name: 'Last 7 days' }).click()
    await expect(row(page, 'Change a setting', 'Refused')).toHaveCount(1)
    await page.getByRole('button', { name: /^When: / }).click()
    await page.getByLabel('From').fill('2020-01-01')
    await page.getByLabel('To, with that day').fill('2020-01-31')
    await page.getByRole('button', { name: 'Show these days' }).click()
    await expect(page.getByRole('main')).toContainText('No line fits this filter')
    await page.getByRole('button', { name: 'Any when' }).click()

    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(line(page)).toContainText('It did not happen')
    await expect(line(page)).toContainText('500')
    // Escape closes what lies on top, and only then the line.
    await page.getByRole('button', { name: 'When: any' }).click()
    await page.keyboard.press('Escape')
    await expect(page.getByLabel('To, with that day')).toBeHidden()
    await expect(line(page)).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(line(page)).toBeHidden()
  })
})

test('a test alarm is seen, acknowledged and kept', async ({ page, hoox }) => {
  await open(page, 'Health')
  await expect(alarms(page)).toContainText('No alarm is open')
  await alarms(page).getByRole('button', { name: 'Send a test alarm' }).click()

  const rung = row(page, 'Test', 'a test that browser', 'asked for')
  await expect(rung).toHaveCount(1)
  // It arrived on the one channel that this program has.
  await expect(rung).toContainText(/1×.*✓\s*Log/)
  await expect(page.getByRole('navigation').getByRole('link', { name: /^Health/ })).toContainText('1 test alarm')
  expect(await hoox.cli<{ items: unknown[] }>('alarms')).toMatchObject({
    items: [{ kind: 'test', told: [{ channel: 'log', count: 1 }] }],
  })

  await rung.getByRole('button', { name: /^Acknowledge/ }).click()
  await expect(dialog(page)).toContainText('The next test is a new alarm, and it rings.')
  await dialog(page).getByRole('button', { name: 'Acknowledge', exact: true }).click()
  await expect(dialog(page)).toBeHidden()
  await expect(alarms(page)).toContainText('No alarm is open')
  await expect(page.getByRole('navigation').getByRole('link', { name: /^Health/ })).not.toContainText('alarm')
  await alarms(page).getByText('Acknowledged before').click()
  await expect(row(page, 'browser', 'Test', 'a test that browser')).toHaveCount(1)

  await open(page, 'Audit')
  await expect(row(page, 'Browser', 'Test the alarms', 'Done')).toHaveCount(1)
  await expect(row(page, 'Browser', 'Acknowledge an alarm', 'Done')).toHaveCount(1)
})

test('an alarm that is open is counted on every page until somebody has seen it', async ({ page, hoox }) => {
  const body = { exchange: 'paper', symbol: 'BTCUSDT', idempotencyKey: 'one', apiKey: hoox.apiKey }
  await hoox.send(JSON.stringify({ ...body, action: 'LONG', quantity: 0.01 }))
  await hoox.send(JSON.stringify({ ...body, action: 'SHORT', quantity: 0.01 }))

  const entry = page.getByRole('navigation').getByRole('link', { name: /^Health/ })
  await expect(entry).toContainText('1 open alarm')
  await entry.click()
  const conflict = row(page, 'One key, two contents')
  await expect(conflict).toContainText('nothing was executed')
  await hoox.cli('alarms', 'ack', '1')
  await expect(conflict).toHaveCount(0)
  await expect(entry).not.toContainText('alarm')
})
