import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClosePosition, Flatten } from '$lib/api'
import type { Fake } from '$lib/api/fake'
import { barPixels } from '$lib/features/positions/bar-pixels'
import { positions } from '$lib/api/fake/house'
import Positions from '../src/pages/Positions.svelte'
import { passed, stage } from './stage'

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] }),
)
afterEach(() => vi.useRealTimers())

const dialog = () => screen.getByRole('dialog')
const row = (symbol: string) => screen.getAllByRole('row').find((one) => one.textContent?.includes(symbol))!
const press = async (name: string | RegExp, within_ = dialog()) => {
  await fireEvent.click(within(within_).getByRole('button', { name }))
  await passed()
}

/** Remembers what was asked, and lets a position be gone when the test says so. */
function watching() {
  const seen = { close: [] as ClosePosition[], flatten: [] as Flatten[], gone: new Set<string>() }
  const prepare = (fake: Fake) => {
    const { list, close, flatten } = fake.api.positions
    fake.api.positions.list = async (req) => {
      const page = await list(req)
      return { ...page, items: page.items.filter((one) => !seen.gone.has(one.symbol)) }
    }
    fake.api.positions.close = (req) => (seen.close.push(req), close(req))
    fake.api.positions.flatten = (req) => (seen.flatten.push(req), flatten(req))
  }
  return { seen, prepare }
}

describe('close', () => {
  it('names the deed and the mode, and is amber until the position is gone', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await press('Close 0.010 BTC PAPER', row('BTCUSDT'))
    expect(dialog().textContent).toMatch(/Sell 0\.010 BTC at market on Bybit \(PAPER\)/)
    expect(seen.close).toEqual([])

    await press('Close 0.010 BTC PAPER')
    expect(seen.close).toHaveLength(1)
    expect(seen.close[0]).toMatchObject({ symbol: 'BTCUSDT', side: 'long', product: 'linear', quantity: '' })
    expect(seen.close[0]?.key).toMatch(/^[0-9a-f]{32}$/)
    await passed(3000)
    expect(within(dialog()).getByText('asked, waiting for proof')).toBeTruthy()

    seen.gone.add('BTCUSDT')
    await passed(1500)
    expect(within(dialog()).getByText('proven')).toBeTruthy()
  })

  it('takes a new key each time it is opened', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    for (let n = 0; n < 2; n++) {
      await press('Close 0.010 BTC PAPER', row('BTCUSDT'))
      await press('Close 0.010 BTC PAPER')
      await press('Done')
    }
    expect(new Set(seen.close.map((one) => one.key)).size).toBe(2)
  })

  it('says when the program refused', async () => {
    const { prepare } = watching()
    await stage(Positions, '#/positions', { failing: ['Positions.Close'] }, prepare)
    await press('Close 0.010 BTC PAPER', row('BTCUSDT'))
    await press('Close 0.010 BTC PAPER')
    expect(within(dialog()).getByRole('alert').textContent).toMatch(/Not closed/)
  })

  it('closes a part exactly', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await press('Part of BTCUSDT', row('BTCUSDT'))
    await press('25 %')
    await press('Close 0.0025 BTC PAPER')
    expect(seen.close[0]?.quantity).toBe('0.0025')
  })

  it('refuses a part that is more than what is held, and says why', async () => {
    const { prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await press('Part of BTCUSDT', row('BTCUSDT'))
    await fireEvent.input(within(dialog()).getByRole('textbox'), { target: { value: '0.011' } })
    expect(within(dialog()).getByText(/only 0\.010 is held/)).toBeTruthy()
    const button = within(dialog()).getByRole('button', { name: /^Close .*PAPER/ })
    expect(button.hasAttribute('disabled')).toBe(true)
    expect(button.title).toMatch(/only 0\.010 is held/)
  })
})

describe('flatten', () => {
  it('lists exactly what will be closed and needs the typed word', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await fireEvent.click(screen.getByRole('button', { name: /^Flatten all/ }))
    await passed()
    for (const text of [/0\.010 BTC.*BTCUSDT long/s, /0\.50 ETH.*ETHUSDT short/s, /13\.5 SOL.*SOLUSDT long/s])
      expect(dialog().textContent).toMatch(text)

    const confirm = within(dialog()).getByRole('button', { name: /^Flatten 3 positions, \d+ orders? PAPER$/ })
    const box = within(dialog()).getByRole('textbox')
    for (const word of ['', 'flatten', 'FLATTE']) {
      await fireEvent.input(box, { target: { value: word } })
      expect(confirm.hasAttribute('disabled')).toBe(true)
    }
    await fireEvent.click(confirm)
    expect(seen.flatten).toEqual([])

    await fireEvent.input(box, { target: { value: 'FLATTEN' } })
    expect(confirm.hasAttribute('disabled')).toBe(false)
    await fireEvent.click(confirm)
    await passed()
    expect(seen.flatten[0]).toMatchObject({ exchange: '', confirm: 'FLATTEN' })
  })

  it('is asked for once by Enter, and what is proven is what was held then', async () => {
    const { seen, prepare } = watching()
    let answer = () => {}
    const { fake } = await stage(Positions, '#/positions', {}, (made) => {
      prepare(made)
      const { flatten } = made.api.positions
      made.api.positions.flatten = async (req) => {
        await new Promise<void>((done) => (answer = done))
        return flatten(req)
      }
    })
    await fireEvent.click(screen.getByRole('button', { name: /^Flatten all/ }))
    await passed()
    const enter = () => fireEvent.submit(dialog().querySelector('form') as HTMLFormElement)
    await enter()
    await fireEvent.input(within(dialog()).getByRole('textbox'), { target: { value: 'FLATTEN' } })
    await enter()
    seen.gone.add('BTCUSDT')
    fake.hint('positions')
    await passed(2000)
    await enter()
    answer()
    await passed(2000)
    expect(seen.flatten).toHaveLength(1)
    const lines = within(dialog()).getAllByRole('listitem')
    expect(lines.filter((line) => /Close/.test(line.textContent))).toHaveLength(3)
  })

  it('proves line by line what is gone', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await fireEvent.click(screen.getByRole('button', { name: /^Flatten all/ }))
    await passed()
    await fireEvent.input(within(dialog()).getByRole('textbox'), { target: { value: 'FLATTEN' } })
    await press(/^Flatten 3 positions, \d+ orders? PAPER$/)
    seen.gone.add('BTCUSDT')
    await passed(1500)
    const lines = () => within(within(dialog()).getAllByRole('list')[0]!).getAllByRole('listitem')
    expect(
      lines()
        .slice(0, 3)
        .map((line) => line.className.match(/proven|asked/)?.[0]),
    ).toEqual(['proven', 'asked', 'asked'])

    for (const symbol of ['ETHUSDT', 'SOLUSDT']) seen.gone.add(symbol)
    await passed(1500)
    const proofs = lines().map((line) => line.className.match(/proven|asked/)?.[0])
    expect(proofs.slice(0, 3)).toEqual(['proven', 'proven', 'proven'])
    // The made-up program never cancels: its open orders stay amber.
    expect(proofs.slice(3).every((proof) => proof === 'asked')).toBe(true)
    expect(dialog().textContent).toMatch(/BTCUSDT.*ETHUSDT.*SOLUSDT/s)
  })

  it('narrows to one exchange', async () => {
    const { seen, prepare } = watching()
    await stage(Positions, '#/positions', {}, prepare)
    await fireEvent.click(screen.getByRole('button', { name: /^Flatten all/ }))
    await passed()
    await fireEvent.click(within(dialog()).getByRole('radio', { name: 'Binance' }))
    await fireEvent.input(within(dialog()).getByRole('textbox'), { target: { value: 'FLATTEN' } })
    await press(/^Flatten 1 position, \d+ orders? PAPER$/)
    expect(seen.flatten[0]?.exchange).toBe('binance')
  })
})

describe('the bar', () => {
  const [long, short, bare] = positions({ bybit: 'paper', binance: 'paper', mexc: 'paper' }, 0)
  it('goes from the stop to the target', () => {
    const bar = barPixels(long!)
    expect([bar.stop, bar.target]).toEqual([0, 1])
    expect(bar.entry).toBeGreaterThan(0.3)
    expect(bar.mark).toBeGreaterThan(bar.entry!)
    expect(bar.liquidation).toBeUndefined()
  })
  it('mirrors a short', () => {
    const bar = barPixels(short!)
    expect(bar.stop).toBe(0)
    expect(bar.mark).toBeLessThan(bar.entry!)
  })
  it('goes from the liquidation without a stop', () => expect(barPixels(bare!).liquidation).toBe(0))
  it('is empty without a mark', () => expect(barPixels({ ...long!, markPrice: '' }).mark).toBeUndefined())
})
