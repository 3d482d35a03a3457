import type {
  AccountRow,
  EquityPoint,
  FillRow,
  HealthReport,
  JobRow,
  Overview,
  PartHealth,
  PositionRow,
} from '../types.gen'
import type { Modes } from './seed'
import { at, begin, day, dice, hour, markets, minute, overallOf } from './seed'

/** Three positions; where an exchange is live among others on paper, its paper twin holds the same beside it. */
export function positions(modes: Modes, tick: number): PositionRow[] {
  const rows = heldIn(modes, tick)
  if (new Set(Object.values(modes)).size < 2) return rows
  return rows.flatMap((row) =>
    row.mode === 'live' ? [row, { ...row, mode: 'paper', account: `${row.exchange}:paper` }] : [row],
  )
}

function heldIn(modes: Modes, tick: number): PositionRow[] {
  const sides = ['long', 'short', 'long']
  return markets.slice(0, 3).map((market, n) => {
    const mode = modes[market.exchange] ?? 'paper'
    const drift = 1 + [0.0112, 0.0041, -0.0236][n]! + Math.sin(tick / 3 + n) * 0.0006
    const entry = market.price.toFixed(market.places)
    const mark = (market.price * drift).toFixed(market.places)
    const size = Number(market.size) * (n + 1)
    const way = sides[n] === 'long' ? 1 : -1
    return {
      exchange: market.exchange,
      account: `${market.exchange}:${mode}`,
      symbol: market.symbol,
      product: 'linear',
      side: sides[n]!,
      quantity: size.toFixed(market.size.split('.')[1]?.length ?? 0),
      baseAsset: market.base,
      quoteAsset: 'USDT',
      entryPrice: entry,
      markPrice: mark,
      markAt: at(begin - 800 + tick * 1000),
      notional: (Number(mark) * size).toFixed(2),
      unrealizedPnl: ((Number(mark) - market.price) * size * way).toFixed(2),
      realizedPnl: '0.00',
      leverage: String([5, 3, 2][n]),
      liquidationPrice: (market.price * (1 - way * [0.19, 0.32, 0.48][n]!)).toFixed(market.places),
      stopLoss: n === 2 ? '' : (market.price * (1 - way * 0.02)).toFixed(market.places),
      takeProfit: n === 0 ? (market.price * 1.04).toFixed(market.places) : '',
      trailingStop: n === 1 ? '1.5 %' : '',
      mode,
      openedAt: at(begin - [3 * hour, 27 * hour, 6 * day][n]!),
      reconciledAt: at(begin - 21_000 + tick * 1000),
    }
  })
}

const part = (
  name: string,
  state: string,
  detail: string,
  latencyMicros: number,
  age: number,
  fix = '',
): PartHealth => ({
  name,
  state,
  detail,
  latencyMicros,
  checkedAt: at(begin - age),
  fix,
})

export function parts(troubled: boolean): PartHealth[] {
  return [
    part('ledger', 'ok', 'last write 12 s ago; 18.4 MB', 310, 2_000),
    part('queue', 'ok', '0 waiting, 1 dead letter', 120, 2_000),
    part('gateway', 'ok', 'listening on 127.0.0.1:8787; last alert answered in 41 ms', 4_100, 12_000),
    part('market', 'ok', 'bybit 14 prices/s, binance 11 prices/s', 8_000, 1_000),
    part('bybit', 'ok', 'signed call and stream both answer', 41_200, 6_000),
    troubled
      ? part(
          'binance',
          'down',
          'signed call refused: -2015 invalid API key, IP, or permissions',
          212_000,
          40_000,
          'Check that the key allows your address and futures, then enter it again under Settings › Exchanges.',
        )
      : part('binance', 'ok', 'signed call and stream both answer', 58_700, 6_000),
    part('mexc', 'off', 'no key yet', -1, 60_000, 'Add a key under Settings › Exchanges.'),
    part('vault', 'ok', 'sealed with the system keyring', 900, 30_000),
    part('settings', 'ok', '52 values, 3 changed', 80, 30_000),
    troubled
      ? part(
          'tunnel',
          'degraded',
          'reachable, but the last probe took 4.2 s',
          4_200_000,
          15_000,
          'Nothing yet: if it stays slow for 5 minutes, restart the tunnel.',
        )
      : part('tunnel', 'ok', 'probe came back through the public address', 182_000, 15_000),
    part('telegram', 'ok', 'paired with @hoox_bot', 96_000, 20_000),
    part('email', 'off', 'no mailbox set', -1, 60_000),
    part('assistant', 'off', 'no provider set', -1, 60_000),
    part('disk', 'ok', '214 GB free', 60, 60_000),
    part('clock', 'ok', '+3 ms against the exchange', 3_000, 60_000),
  ]
}

export function healthReport(mode: string, troubled: boolean, tick: number, empty: boolean): HealthReport {
  const items = parts(troubled).map((row) => ({
    ...row,
    checkedAt: at(Date.parse(row.checkedAt) + Math.floor(tick / 5) * 5000),
  }))
  return {
    items,
    mode,
    version: '1.0.0',
    lastAlertAt: empty ? '' : at(begin - 12_000),
    answerMicros: empty ? 0 : 41_200,
    queueDepth: 0,
    now: at(begin + tick * 1000),
  }
}

const spans: Record<string, number> = { '1d': day, '1w': 7 * day, '1m': 30 * day, all: 140 * day }

/** The money of the mode with most of it; the accounts are all of them. */
export function overview(modes: Modes, span: string, all: FillRow[], tick: number, empty: boolean): Overview {
  const mode = overallOf(modes)
  const fills = all.filter((fill) => fill.mode === mode)
  const length = spans[span] ?? day
  const equity = (10_412.18 + Math.sin(tick / 4) * 1.7).toFixed(2)
  const curve = empty ? [] : curveOf(length, equity)
  const today = begin - (begin % day)
  const todays = fills.filter((fill) => Date.parse(fill.at) >= today)
  return {
    mode,
    currency: 'USDT',
    equity: empty ? '10000.00' : equity,
    balance: empty ? '10000.00' : '10376.04',
    unrealizedPnl: empty ? '0' : (Number(equity) - 10_376.04).toFixed(2),
    todayPnl: empty ? '0' : (Number(equity) - 10_284.61).toFixed(2),
    todayRealized: empty ? '0' : '91.43',
    todayPercent: empty ? '0' : (((Number(equity) - 10_284.61) / 10_284.61) * 100).toFixed(2),
    todayFees: empty ? '0' : todays.reduce((sum, fill) => sum + Number(fill.fee), 0).toFixed(2),
    todayFills: empty ? 0 : todays.length,
    todaySignals: empty ? 0 : 23,
    todayRefused: empty ? 0 : 4,
    curve,
    ticks: empty ? [] : fills.filter((fill) => Date.parse(fill.at) >= begin - length),
    accounts: empty ? [] : accounts(modes),
  }
}

function curveOf(length: number, last: string): EquityPoint[] {
  const roll = dice(length / minute)
  const points = 240
  let value = Number(last)
  const back: EquityPoint[] = []
  for (let n = 0; n < points; n++) {
    back.push({ at: at(begin - Math.floor((n * length) / points)), equity: value.toFixed(2) })
    value -= (roll() - 0.46) * 9 * Math.sqrt(length / day)
  }
  return back.reverse()
}

function accounts(modes: Modes): AccountRow[] {
  const row = (exchange: string, balance: string, equity: string, open: string, margin: string): AccountRow => ({
    account: `${exchange}:${modes[exchange]}`,
    exchange,
    mode: modes[exchange] ?? 'paper',
    currency: 'USDT',
    balance,
    equity,
    unrealizedPnl: open,
    margin,
  })
  const own = [
    row('bybit', '7204.11', '7258.47', '54.36', '681.70'),
    row('binance', '3171.93', '3153.71', '-18.22', '770.10'),
  ]
  if (new Set(Object.values(modes)).size < 2) return own
  const twins = own.filter(({ mode }) => mode === 'live')
  return [...own, ...twins.map((one) => ({ ...one, account: `${one.exchange}:paper`, mode: 'paper' }))]
}

export function jobs(): JobRow[] {
  return [
    {
      id: 'job-000031',
      kind: 'resolve',
      lane: 'binance-paper',
      requestId: 'sig-000236',
      orderId: 'ord-000236',
      state: 'dead',
      attempts: 8,
      runAt: at(begin - 2 * hour),
      deadline: at(begin - hour),
      lastError: 'the exchange does not know this client order id and the window to ask has closed',
      createdAt: at(begin - 3 * hour),
    },
  ]
}
