import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { BuildAlert, SendAlert } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake } from '$lib/api/fake'
import { copyText } from '$lib/components/clipboard'
import { gist, verdictOf } from '$lib/features/alerts/logged'
import Alerts from '../src/pages/Alerts.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] }),
)
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function watching() {
  const seen = { build: [] as BuildAlert[], send: [] as SendAlert[], copied: [] as string[] }
  vi.stubGlobal('navigator', {
    ...navigator,
    language: 'en-US',
    clipboard: { writeText: async (text: string) => void seen.copied.push(text) },
  })
  const prepare = (fake: Fake) => {
    const { build, send } = fake.api.alerts
    fake.api.alerts.build = (req) => (seen.build.push(req), build(req))
    fake.api.alerts.send = (req) => (seen.send.push(req), send(req))
  }
  return { seen, prepare }
}

const type = async (label: string | RegExp, value: string) => {
  await fireEvent.input(screen.getByLabelText(label), { target: { value } })
}
const message = () => screen.getByLabelText('The alert as JSON').textContent

it('asks for the message once the form rests', async () => {
  const { seen, prepare } = watching()
  await stage(Alerts, '#/alerts', {}, prepare)
  expect(seen.build).toHaveLength(1)
  for (const symbol of ['E', 'ET', 'ETHUSDT']) {
    await type('Symbol', symbol)
    await passed(100)
  }
  expect(seen.build).toHaveLength(1)
  await passed(300)
  expect(seen.build).toHaveLength(2)
  expect(message()).toContain('"symbol": "ETHUSDT"')
})

it('builds what the form says', async () => {
  const { seen, prepare } = watching()
  await stage(Alerts, '#/alerts', {}, prepare)
  await fireEvent.click(screen.getByRole('radio', { name: 'Short' }))
  await fireEvent.change(screen.getByLabelText('Exchange'), { target: { value: 'binance' } })
  await fireEvent.change(screen.getByLabelText('Size in'), { target: { value: 'riskPercent' } })
  await fireEvent.click(screen.getByRole('radio', { name: 'Limit' }))
  await type('Symbol', 'SOLUSDT')
  await type('Size, %', '1.5')
  await type('Limit price', '171.46')
  await type('Take profit', '4%')
  await type('Stop loss', '2%')
  await type('Trailing stop', '1.5%')
  await type('Leverage', '3')
  await type('Strategy name', 'Breakout')
  await type(/^Maximum age/, '60')
  await passed(400)
  expect(seen.build.at(-1)).toEqual({
    kind: 'indicator',
    exchange: 'binance',
    symbol: 'SOLUSDT',
    action: 'SHORT',
    sizeMode: 'riskPercent',
    size: '1.5',
    leverage: '3',
    orderType: 'limit',
    price: '171.46',
    takeProfit: '4%',
    stopLoss: '2%',
    trailingStop: '1.5%',
    strategy: 'Breakout',
    maxAge: '60',
    test: false,
  })
  await fireEvent.click(screen.getByRole('radio', { name: 'Strategy' }))
  await passed(400)
  expect(seen.build.at(-1)).toMatchObject({ kind: 'strategy', action: '', leverage: '3' })
  expect(screen.queryByRole('radio', { name: 'Short' })).toBeNull()

  await fireEvent.click(screen.getByRole('radio', { name: 'Indicator' }))
  await fireEvent.click(screen.getByRole('radio', { name: 'Close' }))
  await fireEvent.click(screen.getByRole('radio', { name: 'Market' }))
  await passed(400)
  const hidden = { price: '', takeProfit: '', stopLoss: '', trailingStop: '', leverage: '' }
  expect(seen.build.at(-1)).toMatchObject({ kind: 'indicator', action: 'CLOSE', ...hidden })
})

it('shows a fault at its field and keeps the last good message', async () => {
  const { prepare } = watching()
  await stage(Alerts, '#/alerts', {}, prepare)
  const before = message()
  await type('Size', 'much')
  await passed(400)
  expect(screen.getByLabelText('Size').getAttribute('aria-invalid')).toBe('true')
  expect(screen.getAllByText(/must be a number such as 0\.01/).length).toBeGreaterThan(0)
  expect(message()).toBe(before)
  expect(screen.getByRole('button', { name: /Copy with key/ }).hasAttribute('disabled')).toBe(true)
})

it('an answer that came late does not replace a newer one', async () => {
  const { prepare } = watching()
  const { fake } = await stage(Alerts, '#/alerts', {}, prepare)
  const answers: ((json: string) => void)[] = []
  fake.api.alerts.build = () => new Promise((done) => answers.push((json) => done({ json, warnings: [] })))
  await type('Symbol', 'A')
  await passed(300)
  await type('Symbol', 'B')
  await passed(300)
  answers[1]?.('second')
  answers[0]?.('first')
  await passed()
  expect(message()).toBe('second')
})

it('shows the message with the key masked, and copies it with the key in place', async () => {
  const { seen, prepare } = watching()
  await stage(Alerts, '#/alerts', {}, prepare)
  expect(message()).toContain('<apiKey>')
  await fireEvent.click(screen.getByRole('button', { name: /Copy with key/ }))
  await passed()
  expect(seen.copied[0]).toContain('"apiKey": "hxk_made_up_for_tests_only_9f2c"')
  expect(message()).not.toContain('hxk_')
  expect(screen.getAllByText('Copied')).toHaveLength(1)
  await fireEvent.click(screen.getByRole('button', { name: /Copy masked/ }))
  await passed()
  expect(seen.copied[1]).toContain('<apiKey>')
})

it('shows the key only when asked, and hides it again by itself', async () => {
  const { prepare } = watching()
  const { called } = await stage(Alerts, '#/alerts', {}, prepare)
  expect(called('Alerts.Reveal')).toBe(0)
  expect(screen.getByText(/•+9f2c/)).toBeTruthy()
  await fireEvent.click(screen.getByRole('button', { name: 'Reveal' }))
  await passed()
  expect(screen.getByText('hxk_made_up_for_tests_only_9f2c')).toBeTruthy()
  await passed(31_000)
  expect(screen.queryByText('hxk_made_up_for_tests_only_9f2c')).toBeNull()
})

it('sends a test that is marked as one, and links to its story', async () => {
  const { seen, prepare } = watching()
  await stage(Alerts, '#/alerts', {}, prepare)
  await fireEvent.click(screen.getByRole('button', { name: 'Send test' }))
  await passed(200)
  expect(seen.build.at(-1)?.test).toBe(true)
  expect(seen.send).toHaveLength(1)
  expect(screen.getByText('202')).toBeTruthy()
  expect(screen.getByText('4.2 ms')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Its story' }).getAttribute('href')).toBe('#/signals/sig-900001')
})

it('says that a test was not sent', async () => {
  const { prepare } = watching()
  const { fake } = await stage(Alerts, '#/alerts', {}, prepare)
  fake.fail(
    'Alerts.Send',
    new ApiFault({ kind: 'unavailable', message: 'the gateway does not answer', ref: '', field: '' }),
  )
  await fireEvent.click(screen.getByRole('button', { name: 'Send test' }))
  await passed(200)
  expect(screen.getByText(/the gateway does not answer/)).toBeTruthy()
})

it('says whether the world can reach the address, and lists only hits of the webhook', async () => {
  await stage(Alerts, '#/alerts')
  expect(screen.getByText('Public')).toBeTruthy()
  const hits = screen.getByRole('region', { name: 'Last hits' })
  expect(within(hits).getAllByRole('listitem')).toHaveLength(20)
})

it('tells what to do while only this computer can be reached', async () => {
  await stage(Alerts, '#/alerts', { empty: true })
  expect(screen.getByText('Not public yet')).toBeTruthy()
  expect(screen.getByText(/start a tunnel/)).toBeTruthy()
  expect(screen.getByText('No alert came yet')).toBeTruthy()
})

it('copies by selection where the clipboard is refused', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } })
  const copy = vi.fn(() => true)
  Object.assign(document, { execCommand: copy })
  expect(await copyText(() => 'text')).toBe(true)
  expect(copy).toHaveBeenCalledWith('copy')
  expect(document.querySelector('textarea')).toBeNull()
})

it('copies by selection inside an open dialog, which keeps the focus to itself', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } })
  const dialog = document.createElement('div')
  dialog.setAttribute('role', 'dialog')
  const button = dialog.appendChild(document.createElement('button'))
  document.body.append(dialog)
  button.focus()
  const places: boolean[] = []
  Object.assign(document, { execCommand: () => places.push(dialog.querySelector('textarea') !== null) > 0 })
  expect(await copyText(() => 'text')).toBe(true)
  expect(places).toEqual([true])
  expect(document.activeElement).toBe(button)
  dialog.remove()
})

/** Chooses a file with this text as TradingView's alert log. */
async function chooseLog(text: string, name = 'log.csv') {
  const input = screen.getByLabelText<HTMLInputElement>(/alert log as CSV/)
  const file = new File([text], name, { type: 'text/csv' })
  Object.assign(file, { text: async () => text })
  Object.defineProperty(input, 'files', { configurable: true, value: [file] })
  await fireEvent.change(input)
  await passed(100)
  return file
}
const arrived = () => screen.getByRole('region', { name: 'Did every alert arrive?' })
const told = () => arrived().textContent.replace(/\s+/g, ' ')

it('tells which alerts of TradingView’s log never came in, and what to look at', async () => {
  withLayout()
  const sent: string[] = []
  await stage(Alerts, '#/alerts', {}, (fake) => {
    const { compareLog } = fake.api.alerts
    fake.api.alerts.compareLog = (req) => (sent.push(req.csv), compareLog(req))
  })
  expect(told()).toContain('leaves no trace here')
  await chooseLog('Alert ID,Time\n1,2026-11-22T12:00:00Z\n')
  expect(sent).toEqual(['Alert ID,Time\n1,2026-11-22T12:00:00Z\n'])
  expect(told()).toContain('3 of 46 alerts are missing: they never came in.')
  expect(told()).toMatch(/In the file 48 For this program 46 Arrived 43 Missing 3/)
  const rows = within(within(arrived()).getByRole('grid', { name: /^The missing alerts/ }))
    .getAllByRole('row')
    .slice(1)
  expect(rows.map((row) => row.textContent.replace(/\s+/g, ' ').trim())).toHaveLength(3)
  expect(rows[0]!.textContent).toMatch(
    /17\s*2026-11-22 03:00:00\s*Breakout, 15 min\s*BYBIT:BTCUSDT\.P, 15\s*Failed: timeout\s*LONG BTCUSDT Breakout/,
  )
  const links = within(arrived()).getAllByRole('link')
  expect(links.map((link) => link.getAttribute('href'))).toEqual(['#/tunnel', '#/access', '#/positions'])
  expect(told()).toContain('2 others in the file are no alert for this program')

  await fireEvent.click(within(rows[0]!).getByText('LONG BTCUSDT Breakout'))
  await passed(100)
  expect(screen.getByRole('dialog').textContent).toContain('"apiKey": "•••"')
})

it('says in words that nothing was missed', async () => {
  await stage(Alerts, '#/alerts')
  await chooseLog('Time: complete')
  expect(told()).toContain('✓ Nothing was missed: all 41 alerts for this program arrived.')
  expect(within(arrived()).queryByRole('grid')).toBeNull()
})

it('does not call it nothing missed when there was nothing to miss', () => {
  const log = { from: '', to: '', lines: 0, ours: 0, arrived: 0, missed: [], others: [] }
  expect(verdictOf(log)).toMatchObject({ tone: 'warn', text: 'There is no alert in this file.' })
  expect(verdictOf({ ...log, lines: 2 })).toMatchObject({
    tone: 'warn',
    text: 'None of the 2 alerts in this file is for this program.',
  })
  expect(verdictOf({ ...log, lines: 1, ours: 1, arrived: 1 }).text).toContain('the one alert for this program arrived')
})

it('says why a file is no alert log, and sends none that is too large', async () => {
  const { called } = await stage(Alerts, '#/alerts')
  await chooseLog('Trade #,Price')
  expect(within(arrived()).getByRole('alert').textContent).toContain('it is the log of alerts that is wanted')
  expect(called('Alerts.CompareLog')).toBe(1)
  const large = 'Time' + 'x'.repeat(8 << 20)
  await chooseLog(large, 'year.csv')
  expect(within(arrived()).getByRole('alert').textContent).toContain('year.csv is larger than 8 MB')
  expect(called('Alerts.CompareLog')).toBe(1)
})

it('names an alert by what it asks for, or as it came', () => {
  expect(gist('{"apiKey":"•••","action":"LONG","symbol":"BTCUSDT","quantity":0.1}')).toBe('LONG BTCUSDT')
  expect(gist('{"a":\n 1}')).toBe('{"a": 1}')
  expect(gist('null')).toBe('null')
})
