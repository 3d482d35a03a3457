import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fitting } from '$lib/components/table/column'
import { withMode } from '$lib/features/accounts/mode-column'
import { columns as orderColumns } from '$lib/features/orders/columns'
import { byMoney, modeList } from '$lib/stores/accounts.svelte'
import Accounts from '../src/pages/Accounts.svelte'
import Fills from '../src/pages/Fills.svelte'
import Orders from '../src/pages/Orders.svelte'
import Overview from '../src/pages/Overview.svelte'
import Positions from '../src/pages/Positions.svelte'
import Signals from '../src/pages/Signals.svelte'
import { fakeBackend } from '$lib/api/fake'
import { App } from '$lib/stores/app.svelte'
import { passed, stage, withLayout } from './stage'
import Strip from './Strip.host.svelte'

// The chart draws on a canvas that jsdom does not have.
vi.mock('$lib/features/overview/EquityChart.svelte', () => ({ default: () => undefined }))

beforeEach(() => {
  withLayout()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const badges = (within_: ParentNode = document) =>
  [...within_.querySelectorAll('.badge')].map((one) => one.textContent.trim())
const dialog = () => screen.getByRole('dialog')
const rows = () => screen.getAllByRole('row').slice(1)

describe('rows where modes differ', () => {
  it('say the mode of every position, also of a twin beside the real one', async () => {
    await stage(Positions, '#/positions', { mixed: true })
    expect(rows().map((row) => badges(row))).toEqual([['LIVE'], ['PAPER'], ['LIVE'], ['PAPER'], ['PAPER']])
  })

  for (const [name, page, hash] of [
    ['orders', Orders, '#/orders'],
    ['fills', Fills, '#/fills'],
    ['signals', Signals, '#/signals'],
  ] as const) {
    it(`say the mode of ${name}, in a column behind the time`, async () => {
      const { unmount } = await stage(page, hash, { mixed: true })
      expect(screen.getAllByRole('columnheader')[1]?.textContent).toBe('Mode')
      const said = rows().map((row) => badges(row))
      expect(said.every(([mode, more]) => (mode === 'LIVE' || mode === 'PAPER') && more === undefined)).toBe(true)
      expect(new Set(said.flat()).size).toBe(2)
      unmount()
      await stage(page, hash)
      expect(badges()).toEqual([])
    })
  }

  it('say the mode in the story of a signal', async () => {
    await stage(Signals, '#/signals/sig-000240', { mixed: true })
    const story = screen.getByRole('complementary', { name: /story/ })
    expect(badges(story.querySelector('header + .scroll')!).length).toBeGreaterThan(1)
  })

  it('say it when only one row is not in the mode of the strip', async () => {
    await stage(Positions, '#/positions', { mode: 'live' }, (fake) => {
      const { list } = fake.api.positions
      fake.api.positions.list = async (req) => {
        const { items, next } = await list(req)
        return { items: items.map((row, n) => (n === 1 ? { ...row, mode: 'paper' } : row)), next }
      }
    })
    expect(badges()).toEqual(['LIVE', 'PAPER', 'LIVE'])
  })

  it('are as bare as ever while all is paper', async () => {
    await stage(Positions, '#/positions')
    expect(badges()).toEqual([])
    await stage(Overview, '#/overview')
    expect(badges()).toEqual([])
  })
})

describe('the mode column', () => {
  const marked = withMode(orderColumns('USDT'), { type: 1012 })
  it('is there at every width, and the others give way to it', () => {
    for (const width of [560, 900, 1300, 2400]) expect(fitting(marked, width)[1]?.key).toBe('mode')
    expect(fitting(marked, 920).map(({ key }) => key)).not.toContain('type')
    expect(fitting(marked, 1100).map(({ key }) => key)).toContain('type')
  })
})

describe('money where modes differ', () => {
  it('says in the strip and on the overview whose it is', async () => {
    await stage(Overview, '#/overview', { mixed: true })
    for (const name of ['Equity', 'Today'])
      expect(badges(screen.getByRole('region', { name }).querySelector('header')!)).toEqual(['LIVE'])
    const accounts = [...screen.getByRole('region', { name: 'Today' }).querySelectorAll('.accounts dt')]
    expect(accounts.map((one) => one.textContent.replace(/\s+/g, ' ').trim())).toEqual([
      'Bybit LIVE',
      'Binance PAPER',
      'Bybit PAPER',
    ])
  })

  it('says it beside the figure of the strip', async () => {
    const app = new App(fakeBackend({ mixed: true }))
    render(Strip, { app })
    const stop = app.start()
    await passed(300)
    expect(document.querySelector('.equity')?.textContent.replace(/\s+/g, ' ')).toMatch(/Equity LIVE ?10,412/)
    stop()
  })
})

describe('flatten where modes differ', () => {
  it('says what it really flattens', async () => {
    await stage(Positions, '#/positions', { mixed: true })
    await fireEvent.click(screen.getByRole('button', { name: 'Flatten everything, LIVE and PAPER…' }))
    await passed()
    expect(within(dialog()).getByText('Flatten everything, LIVE and PAPER?')).toBeTruthy()
    expect(dialog().textContent).toMatch(/5 positions \(2 LIVE, 3 PAPER\).*open orders \(\d+ LIVE, \d+ PAPER\)/s)
    const lines = within(dialog()).getAllByRole('listitem')
    expect(lines.every((line) => badges(line).length === 1)).toBe(true)
    expect(
      within(dialog()).getByRole('button', { name: /^Flatten 5 positions, \d+ orders LIVE and PAPER$/ }),
    ).toBeTruthy()

    await fireEvent.click(within(dialog()).getByRole('radio', { name: 'Binance' }))
    expect(within(dialog()).getByText('Flatten Binance, PAPER?')).toBeTruthy()
    expect(within(dialog()).getByRole('button', { name: /^Flatten 1 position, \d+ orders? PAPER$/ })).toBeTruthy()
  })

  it('names modes in the order of the money', () => {
    expect(byMoney(['paper', 'live', '', 'paper'])).toEqual(['live', 'paper'])
    expect(modeList(['paper', 'testnet', 'live'])).toBe('LIVE, TESTNET and PAPER')
    expect(modeList(['paper'])).toBe('PAPER')
    expect(modeList([''])).toBe('')
  })
})

describe('a note of the exchange', () => {
  it('is a line of its own and not a chip', async () => {
    await stage(Accounts, '#/accounts', { mixed: true })
    const note = screen.getByText(/not bound to an address after 90 days/)
    expect(note.closest('.notes')).toBeTruthy()
    expect(note.closest('.chip')).toBeNull()
  })
})
