import type { Api } from '../index'
import type { AccountCard, AccountCheck } from '../types.gen'
import type { Answer } from './made'
import { done, fault, found } from './made'
import { cards, secretNames } from './cards'

const line = (name: string, ok: boolean, detail: string, micros: number): AccountCheck => ({ name, ok, detail, micros })

/** The accounts at the made-up exchanges, and what can be done to them. */
export function accountsFake(
  answer: Answer,
  modes: Record<string, string>,
  empty: boolean,
  changed: (topic: string) => void,
): Api['accounts'] {
  const rows = cards(modes, empty)

  const card = (account: string): AccountCard =>
    found(
      rows.find((one) => one.account === account),
      `account ${account}: add it first`,
    )

  const put = (account: string, change: Partial<AccountCard>, detail: string, state = 'off') => {
    const row = card(account)
    Object.assign(row, change, { health: { ...row.health, state, detail, fix: '' } })
    changed('health')
  }

  return {
    list: () => answer('Accounts.List', () => ({ items: rows })),
    saveKeys: ({ account, key, secret }) =>
      answer('Accounts.SaveKeys', () => {
        if (key.trim() === '' || secret.trim() === '')
          throw fault('invalid', 'secret: both halves of the key are needed: the key and its secret', 'secret')
        const { exchange, mode } = card(account)
        put(account, { hasKeys: true }, `keys are kept; it connects when ${exchange} is switched to ${mode}`)
        return done('the keys are in the vault')
      }),
    removeKeys: ({ account }) =>
      answer('Accounts.RemoveKeys', () => {
        if (card(account).trades)
          throw fault(
            'refused',
            `account ${account} still holds positions or orders: close them first, or nobody could`,
          )
        put(account, { hasKeys: false, connected: false, known: false }, 'no keys')
        return done('the keys are forgotten; delete them at the exchange too')
      }),
    add: ({ exchange, mode, name, label }) =>
      answer('Accounts.Add', () => {
        if (!/^[a-z][a-z0-9]{0,15}$/.test(name))
          throw fault('invalid', `name: "${name}" is no name: 1 to 16 small letters and digits, a letter first`, 'name')
        const first = card(`${exchange}:${mode}`)
        const account = `${exchange}:${mode}:${name}`
        const names = secretNames(account)
        const blank = { ...first, ...names, account, name, label, trades: false, hasKeys: false, connected: false }
        rows.splice(rows.indexOf(first) + 1, 0, { ...blank, known: false, money: [] })
        put(account, {}, 'no keys')
        return done(`account ${account} waits for its keys`)
      }),
    enable: ({ account, enabled }) =>
      answer('Accounts.Enable', () => {
        const says = enabled ? 'signed call and stream both answer' : 'switched off'
        put(account, { enabled, connected: enabled, known: enabled }, says, enabled ? 'ok' : 'off')
        return done()
      }),
    setUp: ({ account, positionMode, marginMode }) =>
      answer('Accounts.SetUp', () => {
        const row = card(account)
        if (positionMode) row.positionMode = positionMode
        if (marginMode) row.marginMode = marginMode
        changed('health')
        return done('read back from the exchange')
      }),
    test: ({ account }) => answer('Accounts.Test', () => checked(tested(card(account)))),
    canary: ({ account, phrase }) =>
      answer('Accounts.Canary', () => {
        if (card(account).mode === 'live' && phrase !== 'canary')
          throw fault('invalid', 'phrase: this is a real order: type the word canary to send it', 'phrase')
        return checked([
          line('Send', true, 'buy 0.001 BTCUSDT at 65390.1, 3 % below the market', 0),
          line('Rests', true, 'accepted', 48_200),
          line('Cancel', true, 'canceled: canceled on request', 41_900),
        ])
      }),
    checklist: ({ exchange, mode }) =>
      answer('Accounts.Checklist', () => ({ items: items(card(`${exchange}:${mode}`)) })),
    switchMode: ({ exchange, mode, phrase }) =>
      answer('Accounts.SwitchMode', () => {
        if (mode === 'live' && phrase !== `live ${exchange}`)
          throw fault('invalid', `phrase: type "live ${exchange}" to switch`, 'phrase')
        const to = card(`${exchange}:${mode}`)
        if (!to.hasKeys)
          throw fault('refused', `there are no keys of ${exchange} for ${mode} yet: add ${to.keyName} first`)
        if (to.rights.withdraw === 'yes')
          throw fault('refused', `the API key of ${to.account} may withdraw money: make one that may only trade`)
        for (const row of rows) if (row.exchange === exchange && row.name === '') row.trades = row === to
        modes[exchange] = mode
        changed('settings')
        return done(`${exchange} trades in mode ${mode} now`)
      }),
  }
}

function checked(items: AccountCheck[]) {
  return { ok: items.every((one) => one.ok), items }
}

function tested(row: AccountCard): AccountCheck[] {
  const reach = line('Reach the exchange', true, 'answered in 38 ms', 38_100)
  const withdraw = 'the key may withdraw money: make one that may only trade, and delete this one'
  if (row.rights.withdraw === 'yes') return [reach, line('What the key may do', false, withdraw, 44_000)]
  return [
    reach,
    line('What the key may do', true, 'perpetuals and spot; no withdrawal; bound to your address', 44_000),
    line('How the account is set up', true, 'position mode one_way, margin cross', 51_300),
    line('Clock', true, '+3 ms', 12),
    line('Balance', true, '2514.88 USDT', 46_700),
    line('Positions', true, '1 held', 47_900),
    line('Resting orders', true, '2 resting', 49_100),
  ]
}

function items(row: AccountCard) {
  const live = row.mode === 'live'
  const what = live ? `every alert for ${row.exchange} moves REAL money from now on` : 'no real money moves'
  const first = { name: 'What changes', ok: true, detail: what }
  if (row.mode === 'paper') return [first]
  return [
    first,
    { name: 'Keys', ok: row.hasKeys, detail: row.hasKeys ? 'in the vault' : 'missing: add them first' },
    { name: 'Connection', ok: row.connected, detail: row.health.detail },
    { name: 'Rights of the key', ok: row.rights.withdraw !== 'yes', detail: 'perpetuals and spot; no withdrawal' },
    {
      name: 'Caps',
      ok: true,
      detail: 'one order at most 5000 USDT, one position 10000, everything 25000, leverage 20×',
    },
    { name: 'Kill switch', ok: true, detail: 'hold HALT in the strip, or run hoox kill on' },
  ]
}
