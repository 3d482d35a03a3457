import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SignalStory } from '$lib/api'
import type { Fake } from '$lib/api/fake'
import { sizeOf } from '$lib/features/signals/size'
import Signals from '../src/pages/Signals.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => vi.useRealTimers())

const story = () => screen.getByRole('complementary', { name: /The story of signal/ })

function changed(change: Partial<SignalStory>) {
  return (fake: Fake) => {
    const { get } = fake.api.signals
    fake.api.signals.get = async (req) => ({ ...(await get(req)), ...change })
  }
}

it('tells the stations in order, with the µs of each and between them', async () => {
  const timeline = [
    ['received', 'by webhook', 0],
    ['admitted', 'every check passed', 731],
    ['submitted', 'buy 0.010 BTCUSDT market', 9_420],
    ['filled', '0.010 at 67412.5', 48_377],
  ] as const
  await stage(
    Signals,
    '#/signals/sig-000240',
    {},
    changed({
      timeline: timeline.map(([stage, detail, micros]) => ({
        at: '2026-11-22T11:59:48.000Z',
        stage,
        detail,
        micros,
        orderId: '',
      })),
    }),
  )
  const stops = within(within(story()).getAllByRole('list')[0]!).getAllByRole('listitem')
  const texts = stops.map((stop) => (stop.textContent ?? '').replace(/\s+/g, ' '))
  expect(texts).toHaveLength(4)
  expect(texts[0]).toMatch(/Received.*by webhook.*0 µs/)
  expect(texts[1]).toMatch(/Admitted.*731 µs.*\+731 µs/)
  expect(texts[2]).toMatch(/Submitted.*9,420 µs.*\+8\.7 ms/)
  expect(texts[3]).toMatch(/Filled.*48,377 µs.*longest.*\+39 ms/)
  expect(story().textContent).toMatch(/From the alert to the end\s*48 ms/)
})

it('shows what came from outside as text', async () => {
  const hostile = '<img src=x onerror="document.title=1"><script>alert(1)</script>{@html x}'
  await stage(
    Signals,
    '#/signals/sig-000240',
    {},
    changed({
      raw: hostile,
      comment: hostile,
      strategy: hostile,
      reason: hostile,
      warnings: [hostile],
      decision: [{ rule: hostile, asked: hostile, allowed: hostile, ok: false }],
    }),
  )
  expect(story().querySelector('img, script')).toBeNull()
  expect(story().querySelector('pre')?.textContent).toBe(hostile)
  expect(within(story()).getAllByText(hostile, { exact: false }).length).toBeGreaterThanOrEqual(6)
})

it('shows the decision line by line, with what said no', async () => {
  await stage(
    Signals,
    '#/signals/sig-000240',
    {},
    changed({
      decision: [
        { rule: 'trading state', asked: 'entry', allowed: 'everything', ok: true },
        { rule: 'max order notional', asked: '2,696.50 USDT', allowed: '2,500 USDT', ok: false },
      ],
    }),
  )
  const [, first, second] = within(within(story()).getByRole('table')).getAllByRole('row')
  expect(first?.textContent).toMatch(/Trading state.*✓.*passed/s)
  expect(second?.textContent).toMatch(/Max order notional.*2,696\.50 USDT.*2,500 USDT.*✗.*said no/s)
})

it('closes by Escape and keeps the filter', async () => {
  await stage(Signals, '#/signals/sig-000240?exchange=bybit')
  await fireEvent.keyDown(window, { key: 'Escape' })
  await passed()
  expect(window.location.hash).toBe('#/signals?exchange=bybit')
})

it('says that a signal is not known', async () => {
  await stage(Signals, '#/signals/sig-none')
  expect(within(story()).getByText(/This signal could not be read/)).toBeTruthy()
})

it.each([
  ['0.010', '0.010', 'BTC'],
  ['1000.5 BTC', '1,000.5', 'BTC'],
  ['2 % of equity', '2', '% of equity'],
  ['all', 'all', ''],
  ['', '–', ''],
])('reads the size %j', (quantity, number, unit) =>
  expect(sizeOf({ quantity, symbol: 'BTCUSDT' })).toEqual({ number, unit }),
)

it('names the key that the alert came with', async () => {
  await stage(Signals, '#/signals/sig-000240', {}, changed({ source: 'webhook', keyLabel: 'Breakout, 15 min chart' }))
  expect(story().textContent).toMatch(/Key\s*Breakout, 15 min chart/)
})

it('names the id of a key that is not known any more, and none for what a person did here', async () => {
  const lost = { source: 'webhook', credential: 'k7f3a9c2m4tq', keyLabel: '' }
  const { unmount } = await stage(Signals, '#/signals/sig-000240', {}, changed(lost))
  expect(story().textContent).toMatch(/Key\s*k7f3a9c2m4tq/)
  unmount()
  await stage(Signals, '#/signals/sig-000240', {}, changed({ source: 'window', credential: 'window', keyLabel: '' }))
  expect(within(story()).queryByText('Key')).toBeNull()
})
