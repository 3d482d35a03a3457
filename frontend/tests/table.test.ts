import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FillRow } from '$lib/api'
import type { Fake } from '$lib/api/fake'
import { arrived } from '$lib/components/table/arrivals.svelte'
import { placeAfter } from '$lib/components/table/keys'
import Fills from '../src/pages/Fills.svelte'
import Orders from '../src/pages/Orders.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => vi.useRealTimers())

const grid = (name = /^Fills/) => screen.getByRole('grid', { name })
const rows = (name?: RegExp) =>
  within(grid(name))
    .getAllByRole('row')
    .filter((row) => row.getAttribute('aria-rowindex') !== '1')

async function scroll(to: number) {
  const element = grid()
  element.scrollTop = to
  await fireEvent.scroll(element)
  await passed(300)
}

const numbered = (n: number): FillRow => ({
  id: `fil-${String(n).padStart(7, '0')}`,
  orderId: 'ord-1',
  requestId: 'sig-1',
  exchange: 'bybit',
  account: 'bybit-paper',
  symbol: 'BTCUSDT',
  side: 'buy',
  quantity: '0.010',
  price: `${60_000 + (n % 1000)}.5`,
  fee: '0.37',
  feeAsset: 'USDT',
  liquidity: 'taker',
  realizedPnl: '0.00',
  mode: 'paper',
  at: '2026-11-22T11:00:00.000Z',
})

/** So many fills that are made only when a page asks for them. */
function many(amount: number) {
  const world = { newest: amount, limits: [] as number[] }
  const prepare = (fake: Fake) => {
    fake.api.fills.list = async ({ cursor, limit }) => {
      world.limits.push(limit)
      const first = cursor === '' ? world.newest : Number(cursor)
      const items = Array.from({ length: Math.min(limit, first) }, (_, n) => numbered(first - n))
      return { items, next: first > limit ? String(first - limit) : '' }
    }
  }
  return { world, prepare }
}

describe('the table', () => {
  it('keeps a window of rows in the page and reads a million fills only as far as it is scrolled', async () => {
    const { world, prepare } = many(1_000_000)
    await stage(Fills, '#/fills', {}, prepare)
    const first = rows().length
    expect(first).toBeGreaterThan(10)
    expect(first).toBeLessThan(60)
    const read = () => world.limits.length
    const before = read()
    expect(before).toBeLessThan(4)

    await scroll(2000)
    await scroll(4000)
    expect(read()).toBeGreaterThan(before)
    expect(read()).toBeLessThan(12)
    expect(rows().length).toBeLessThan(60)
    expect(grid().getAttribute('aria-rowcount')).toBe('-1')
  })

  it('says how many new rows came while it is scrolled down, and goes to them', async () => {
    const { world, prepare } = many(5000)
    const { fake } = await stage(Fills, '#/fills', {}, prepare)
    await scroll(900)
    world.newest += 3
    fake.hint('fills')
    await passed(600)
    expect(grid().scrollTop).toBe(900 + 3 * 28)
    await fireEvent.click(screen.getByRole('button', { name: '3 new' }))
    expect(grid().scrollTop).toBe(0)
    expect(screen.queryByRole('button', { name: /new$/ })).toBeNull()
  })

  it('lets new rows in without a word at the top', async () => {
    const { world, prepare } = many(5000)
    const { fake } = await stage(Fills, '#/fills', {}, prepare)
    world.newest += 2
    fake.hint('fills')
    await passed(600)
    expect(grid().scrollTop).toBe(0)
    expect(screen.queryByRole('button', { name: /new$/ })).toBeNull()
  })

  it('walks by the arrow keys and opens a row by Enter', async () => {
    await stage(Fills, '#/fills')
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) await fireEvent.keyDown(grid(), { key })
    const here = document.getElementById(grid().getAttribute('aria-activedescendant') ?? '')
    expect(here?.getAttribute('aria-rowindex')).toBe('2')
    await fireEvent.keyDown(grid(), { key: 'Enter' })
    expect(window.location.hash).toMatch(/^#\/signals\/sig-/)
  })

  it('teaches the next step when it is empty', async () => {
    await stage(Fills, '#/fills', { empty: true })
    expect(screen.getByText('No fills yet')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Build an alert' })).toBeTruthy()
  })

  it('says what broke, and tries again', async () => {
    const { fake } = await stage(Fills, '#/fills', { failing: ['Fills.List'] })
    expect(screen.getByText(/Fills could not be read/)).toBeTruthy()
    fake.mend()
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await passed(400)
    expect(rows().length).toBeGreaterThan(5)
  })

  it('shows old rows with their age when a read fails later', async () => {
    const { fake } = await stage(Fills, '#/fills')
    fake.fail('Fills.List')
    fake.hint('fills')
    await passed(3600)
    expect(screen.getByText(/As of \d s ago/)).toBeTruthy()
    expect(rows().length).toBeGreaterThan(5)
  })
})

describe('filters', () => {
  it('follow the address and can be taken away', async () => {
    await stage(Orders, '#/orders?exchange=mexc&side=buy')
    const shown = rows(/^Orders/)
    expect(shown.length).toBeGreaterThan(0)
    for (const row of shown) expect(row.textContent).toMatch(/MEXC.*Buy/s)
    await fireEvent.click(screen.getByRole('button', { name: 'Any side' }))
    expect(window.location.hash).toBe('#/orders?exchange=mexc')
  })
})

describe('cancel', () => {
  it('asks first, names the order, and is proven only by what the exchange says', async () => {
    const { called } = await stage(Orders, '#/orders?open=1&status=accepted')
    await fireEvent.click(screen.getAllByRole('button', { name: 'Cancel' })[0]!)
    await passed()
    const dialog = screen.getByRole('dialog')
    expect(called('Orders.Cancel')).toBe(0)
    await fireEvent.click(within(dialog).getByRole('button', { name: /^Cancel .*PAPER$/ }))
    await passed(500)
    expect(called('Orders.Cancel')).toBe(1)
    expect(within(dialog).getByText('proven')).toBeTruthy()
  })
})

describe('arrived', () => {
  const id = (row: string) => row
  it.each([
    [['c', 'b'], ['d', 'c', 'b'], { fresh: 1, shift: 1 }],
    [['c', 'b'], ['b'], { fresh: 0, shift: -1 }],
    [['c', 'b', 'a'], ['e', 'd', 'b', 'a'], { fresh: 2, shift: 1 }],
    [['b'], ['x', 'y'], { fresh: 0, shift: 0 }],
    [[], ['x'], { fresh: 0, shift: 0 }],
  ])('%j then %j', (old, now, want) => expect(arrived<string>(old, now, id)).toEqual(want))
})

it('keys stay inside the table', () => {
  expect(placeAfter('ArrowDown', -1, 5, 3)).toBe(0)
  expect(placeAfter('ArrowUp', 0, 5, 3)).toBe(0)
  expect(placeAfter('PageDown', 3, 5, 3)).toBe(4)
  expect(placeAfter('End', 0, 5, 3)).toBe(4)
  expect(placeAfter('x', 0, 5, 3)).toBeUndefined()
  expect(placeAfter('End', 0, 0, 3)).toBeUndefined()
})
