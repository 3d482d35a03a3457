import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Canary, SaveKeys } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake } from '$lib/api/fake'
import { modeGroups } from '$lib/features/frame/modes'
import { byExchange } from '$lib/stores/accounts.svelte'
import Accounts from '../src/pages/Accounts.svelte'
import { passed, stage } from './stage'

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] }),
)
afterEach(() => vi.useRealTimers())

const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole('button', { name }))
  await passed(100)
}
const type = (label: string | RegExp, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } })
const dialog = () => screen.getByRole('dialog')
const said = () => document.body.textContent.replace(/\s+/g, ' ')

describe('the accounts', () => {
  it('says for each exchange where its alerts go', async () => {
    const { app } = await stage(Accounts, '#/accounts', { mixed: true })
    expect(app.modes).toEqual([
      { exchange: 'bybit', mode: 'live' },
      { exchange: 'binance', mode: 'paper' },
      { exchange: 'mexc', mode: 'paper' },
    ])
    const bybit = within(screen.getByRole('region', { name: 'Bybit' }))
    expect(bybit.getByText('alerts go here').closest('li')?.textContent).toContain('LIVE')
  })

  it('is loud about a key that may withdraw, a ban and a clock that is off', async () => {
    await stage(Accounts, '#/accounts')
    expect(screen.getByText('MAY WITHDRAW').closest('.loud')).toBeTruthy()
    expect(said()).toContain('banned until 12:14:00 UTC')
    expect(said()).toContain('−412 ms')
    expect(said()).toContain('0 of 2400')
  })

  it('offers no keys for a testnet that is not there', async () => {
    await stage(Accounts, '#/accounts', { empty: true })
    expect(screen.getByRole('button', { name: 'Add keys: Bybit TESTNET' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Add keys: MEXC TESTNET' })).toBeNull()
  })

  it('names the mode on every button that moves money', async () => {
    await stage(Accounts, '#/accounts', { mixed: true })
    const canaries = screen.getAllByRole('button', { name: /^Canary/ }).map((button) => button.textContent.trim())
    expect(canaries).toContain('Canary LIVE…')
    expect(canaries.every((text) => /PAPER|TESTNET|LIVE/.test(text))).toBe(true)
  })
})

describe('keys', () => {
  it('are typed unseen, stored, and forgotten by the page', async () => {
    const sent: SaveKeys[] = []
    const { called } = await stage(Accounts, '#/accounts', { empty: true }, (fake: Fake) => {
      const { saveKeys } = fake.api.accounts
      fake.api.accounts.saveKeys = (req) => (sent.push(req), saveKeys(req))
    })
    await press('Add keys: Bybit LIVE')
    const fields = [
      screen.getByLabelText<HTMLInputElement>('API key'),
      screen.getByLabelText<HTMLInputElement>('API secret'),
    ]
    expect(fields.map(({ type, value, autocomplete }) => [type, value, autocomplete])).toEqual([
      ['password', '', 'new-password'],
      ['password', '', 'new-password'],
    ])
    expect(dialog().textContent).toContain('BYBIT_API_SECRET')
    expect(screen.getByRole('button', { name: 'Store keys LIVE' })).toHaveProperty('disabled', true)

    await type('API key', 'a-key')
    await type('API secret', 'a-secret')
    const before = called('Accounts.List')
    await press('Store keys LIVE')
    expect(sent).toEqual([{ account: 'bybit:live', key: 'a-key', secret: 'a-secret' }])
    expect(screen.queryByLabelText('API key')).toBeNull()
    expect(called('Accounts.List')).toBeGreaterThan(before)

    await press('Test connection')
    expect(called('Accounts.Test')).toBe(1)
  })
})

describe('a test of the connection', () => {
  it('shows line by line what was asked, and what failed', async () => {
    await stage(Accounts, '#/accounts')
    await press('Test connection: Binance TESTNET')
    await passed(100)
    expect(dialog().textContent).toContain('38 ms')
    expect(dialog().textContent).toContain('the key may withdraw money')
    expect(dialog().textContent).toContain('Not in order')
  })
})

describe('switching the mode', () => {
  it('to live shows the checklist and wants the phrase', async () => {
    const { app, called } = await stage(Accounts, '#/accounts')
    await press('Switch mode of Bybit')
    await fireEvent.click(screen.getByRole('radio', { name: 'LIVE' }))
    await passed(100)
    expect(dialog().textContent).toContain('moves REAL money')
    const deed = () => screen.getByRole('button', { name: /^Switch Bybit to LIVE/ })
    expect(deed()).toHaveProperty('disabled', true)
    expect(deed().title).toContain('live bybit')

    await type(/^Type/, 'live bybit')
    await fireEvent.click(deed())
    await passed(100)
    expect(called('Accounts.SwitchMode')).toBe(1)
    expect(app.modes[0]).toEqual({ exchange: 'bybit', mode: 'live' })
  })

  it('forgets the phrase when another mode is chosen', async () => {
    await stage(Accounts, '#/accounts')
    await press('Switch mode of Bybit')
    await fireEvent.click(screen.getByRole('radio', { name: 'LIVE' }))
    await type(/^Type/, 'live bybit')
    await fireEvent.click(screen.getByRole('radio', { name: 'TESTNET' }))
    await passed(100)
    await fireEvent.click(screen.getByRole('radio', { name: 'LIVE' }))
    await passed(100)
    expect(screen.getByRole('button', { name: /^Switch Bybit to LIVE/ })).toHaveProperty('disabled', true)
  })

  it('explains itself where the configuration fixes it', async () => {
    const { called } = await stage(Accounts, '#/accounts')
    await press('Switch mode of Binance')
    expect(dialog().textContent).toContain('exchange.binance.mode')
    expect(within(dialog()).queryByRole('button', { name: /^Switch/ })).toBeNull()
    expect(called('Accounts.Checklist')).toBe(0)
  })
})

describe('the canary', () => {
  it('on live wants the word, and asks once for a doubtful answer', async () => {
    const sent: Canary[] = []
    await stage(Accounts, '#/accounts', { mixed: true }, (fake) => {
      const { canary } = fake.api.accounts
      const faults = ['unknown', 'refused']
      fake.api.accounts.canary = async (req) => {
        sent.push(req)
        const kind = faults.shift()
        if (kind) throw new ApiFault({ kind, message: 'not now', ref: '', field: '' })
        return canary(req)
      }
    })
    await press('Canary: Bybit LIVE')
    expect(screen.getByRole('button', { name: 'Send canary LIVE' })).toHaveProperty('disabled', true)
    await type(/^Type/, 'canary')
    await press('Send canary LIVE')
    await press('Send canary LIVE')
    await press('Send canary LIVE')
    expect(sent).toHaveLength(3)
    expect(sent[1]?.key).toBe(sent[0]?.key)
    expect(sent[2]?.key).not.toBe(sent[1]?.key)
    expect(dialog().textContent).toContain('3 % below the market')
    expect(dialog().textContent).toContain('works')
  })
})

describe('ledger and exchanges', () => {
  it('shows each difference with both sides, its meaning and its fixes', async () => {
    await stage(Accounts, '#/accounts')
    const rows = screen.getAllByRole('row').slice(1)
    expect(rows).toHaveLength(6)
    expect(rows[0]?.textContent.replace(/\s+/g, ' ')).toContain('Ledger long 0.010 Exchange long 0.006')
    expect(said()).toContain('5 differences to settle')
  })

  it('says what a fix will do, and does it only then', async () => {
    const { called } = await stage(Accounts, '#/accounts')
    await press('Take over: SOLUSDT on Binance LIVE')
    expect(called('Drift.Fix')).toBe(0)
    expect(dialog().textContent).toContain('The ledger says long 4.5; the exchange says flat.')
    expect(dialog().textContent).toContain('No order is sent')
    await press('Take over LIVE')
    await passed(1200)
    expect(called('Drift.Fix')).toBe(1)
    expect(screen.queryByRole('button', { name: 'Take over: SOLUSDT on Binance LIVE' })).toBeNull()
  })

  it('says that they agree, and when that was looked at', async () => {
    await stage(Accounts, '#/accounts', { agreed: true })
    expect(said()).toContain('Ledger and exchanges agree')
    expect(said()).toMatch(/Bybit TESTNET compared \d+ s ago/)
  })
})

describe('modes in the strip', () => {
  const at = (bybit: string, binance: string, mexc: string) => [
    { exchange: 'bybit', mode: bybit },
    { exchange: 'binance', mode: binance },
    { exchange: 'mexc', mode: mexc },
  ]

  it('are one word where they are the same, and named where they differ', () => {
    expect(modeGroups('paper', at('paper', 'paper', 'paper'))).toEqual([{ mode: 'paper', where: '' }])
    expect(modeGroups('live', at('live', 'paper', 'paper'))).toEqual([
      { mode: 'live', where: 'Bybit' },
      { mode: 'paper', where: 'rest' },
    ])
    expect(modeGroups('live', at('live', 'testnet', 'live'))).toEqual([
      { mode: 'live', where: 'Bybit, MEXC' },
      { mode: 'testnet', where: 'Binance' },
    ])
    expect(modeGroups('', [])).toEqual([{ mode: '', where: '' }])
  })

  it('follow the louder word while the parts do not fit together', async () => {
    const { app } = await stage(Accounts, '#/accounts', { mode: 'live' }, (fake) => {
      const { list } = fake.api.accounts
      fake.api.accounts.list = async () => ({
        items: (await list()).items.map((card) => ({ ...card, trades: card.mode === 'paper' })),
      })
    })
    expect(byExchange(app.accounts.cards).every(({ mode }) => mode === 'paper')).toBe(true)
    expect(app.mode).toBe('live')
    expect(app.modes).toEqual([])
  })
})
