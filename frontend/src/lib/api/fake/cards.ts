import type { AccountCard } from '../types.gen'
import { at, begin, minute } from './seed'

const noRights = { linear: '', spot: '', withdraw: '', transfer: '', bound: '', expiresAt: '', notes: [] as string[] }
const trading = { ...noRights, linear: 'yes', spot: 'yes', withdraw: 'no', transfer: 'no', bound: 'yes' }

/** The vault's names of both halves of an account's key. */
export function secretNames(account: string): { keyName: string; secretName: string } {
  const [exchange = '', mode = '', name = ''] = account.split(':')
  if (mode === 'paper') return { keyName: '', secretName: '' }
  const parts = [exchange, mode === 'live' ? '' : mode, name].filter(Boolean).join('_').toUpperCase()
  return { keyName: `${parts}_API_KEY`, secretName: `${parts}_API_SECRET` }
}

type Change = Partial<AccountCard>

function card(account: string, state: string, detail: string, change: Change = {}, fix = ''): AccountCard {
  const [exchange = '', mode = '', name = ''] = account.split(':')
  return {
    ...{ account, exchange, mode, name, label: '' },
    ...{ trades: false, enabled: true, hasKeys: mode === 'paper', connected: mode === 'paper', modeFixed: false },
    health: {
      ...{ name: account, state, detail, fix },
      latencyMicros: state === 'off' ? 0 : 41_200,
      checkedAt: at(begin - 6_000),
    },
    rights: { ...noRights },
    ...{ positionMode: '', marginMode: '', known: false, streamLive: false, skewMillis: '', bannedUntil: '' },
    ...{ requestsLeft: 0, requestsLimit: 0, money: [] },
    ...secretNames(account),
    ...change,
  }
}

const usdt = (balance: string, equity: string): Change => ({ money: [{ currency: 'USDT', balance, equity }] })

const connected = (balance: string, equity: string): Change => ({
  ...{ hasKeys: true, connected: true, known: true, streamLive: true, skewMillis: '3' },
  ...{ requestsLeft: 571, requestsLimit: 600, positionMode: 'one_way', marginMode: 'cross' },
  rights: { ...trading, expiresAt: at(begin + 61 * 24 * 60 * minute) },
  ...usdt(balance, equity),
})

const ending =
  'The exchange ends a key that is not bound to an address after 90 days, and says nothing on the day it does: bind it, or make a new one in time.'
const well = 'signed call and stream both answer'
const paper = 'paper: no real money moves'

/** The accounts: on paper, connected, kept but off, with a key that may withdraw, banned, without keys. */
export function cards(modes: Record<string, string>, empty: boolean): AccountCard[] {
  const none = (account: string) => card(account, 'off', 'no keys')
  const bybitLive =
    modes.bybit === 'live'
      ? card('bybit:live', 'ok', well, {
          ...connected('2514.88', '2569.24'),
          rights: { ...trading, bound: 'no', notes: [ending] },
        })
      : card('bybit:live', 'off', 'keys are kept; it connects when bybit is switched to live', { hasKeys: true })
  const rows = [
    card('bybit:paper', 'ok', paper, usdt('7204.11', '7258.47')),
    empty ? none('bybit:testnet') : card('bybit:testnet', 'ok', well, connected('9871.20', '9884.02')),
    empty ? none('bybit:live') : bybitLive,
    card('binance:paper', 'ok', paper, usdt('3171.93', '3153.71')),
    empty
      ? none('binance:testnet')
      : card(
          'binance:testnet',
          'down',
          'the key may withdraw money',
          {
            ...connected('15000', '15000'),
            connected: false,
            streamLive: false,
            requestsLimit: 0,
            positionMode: 'hedge',
            marginMode: '',
            rights: { ...trading, withdraw: 'yes', bound: 'no', notes: ['the key works from any address'] },
          },
          'Make a key that may only trade, add it here and delete this one at Binance.',
        ),
    empty
      ? none('binance:live')
      : card(
          'binance:live',
          'degraded',
          'banned for too many requests; nothing is asked until then',
          {
            ...connected('3171.93', '3153.71'),
            streamLive: false,
            skewMillis: '-412',
            bannedUntil: at(begin + 14 * minute),
            requestsLeft: 0,
            requestsLimit: 2400,
            modeFixed: true,
          },
          'Wait; other programs on this address may use up the limit.',
        ),
    card('mexc:paper', 'ok', paper, usdt('10000', '10000')),
    none('mexc:testnet'),
    none('mexc:live'),
    card('paper:paper', 'ok', paper, usdt('10000', '10000')),
  ]
  if (!empty) rows.splice(3, 0, card('bybit:live:swing', 'off', 'switched off', { hasKeys: true, enabled: false }))
  for (const row of rows) {
    row.trades = row.name === '' && row.mode === (modes[row.exchange] ?? 'paper')
    if (row.exchange === 'binance' && !empty) row.modeFixed = true
    if (row.account === 'bybit:live:swing') row.label = 'Swing trades'
  }
  return rows
}
