import type { FillRow, OrderRow, SignalRow, SignalStory, Stage } from '../types.gen'
import type { Market, Modes } from './seed'
import { at, begin, dice, markets, minute, pick } from './seed'

export interface Trades {
  signals: SignalRow[]
  orders: OrderRow[]
  fills: FillRow[]
}

type Outcome = readonly [status: string, reason: string, order: string]

const outcomes: readonly Outcome[] = [
  ['filled', '', 'filled'],
  ['filled', '', 'filled'],
  ['filled', '', 'filled'],
  ['filled', '', 'filled'],
  ['executing', '', 'accepted'],
  ['partial', 'half of it filled before the rest was cancelled', 'canceled'],
  ['refused', 'notional 2,696.50 USDT is above your limit of 2,500 USDT', ''],
  ['refused', 'the alert is 94 s old; your limit is 60 s', ''],
  ['blocked', 'trading was halted', ''],
  ['no_op', 'there was no position to close', ''],
  ['rejected', 'the exchange said: insufficient margin (110007)', 'rejected'],
  ['needs_review', 'the exchange did not answer; the order may be resting', 'needs_review'],
]

/** So many signals with what became of them, newest first. */
export function trades(amount: number, modes: Modes): Trades {
  const roll = dice(7)
  const all: Trades = { signals: [], orders: [], fills: [] }
  let when = begin - 12_000
  for (let n = amount; n > 0; n--) {
    const market = pick(roll, markets)
    const mode = modes[market.exchange] ?? 'paper'
    add(all, n, when, market, n === amount ? outcomes[0] : pick(roll, outcomes), roll, mode)
    when -= Math.floor((2 + roll() * 55) * minute)
  }
  return all
}

function add(
  all: Trades,
  n: number,
  when: number,
  market: Market,
  outcome: Outcome | undefined,
  roll: () => number,
  mode: string,
) {
  const [status, reason, order] = outcome ?? ['filled', '', 'filled']
  const id = `sig-${String(n).padStart(6, '0')}`
  const action = pick(roll, ['LONG', 'LONG', 'SHORT', 'CLOSE'])
  const side = action === 'LONG' || (action === 'CLOSE' && roll() > 0.5) ? 'buy' : 'sell'
  const price = (market.price * (1 + (roll() - 0.5) * 0.02)).toFixed(market.places)
  const signal: SignalRow = {
    requestId: id,
    source: pick(roll, ['webhook', 'webhook', 'webhook', 'window', 'telegram']),
    receivedAt: at(when),
    status,
    reason,
    deliveries: roll() > 0.93 ? 2 : 1,
    exchange: market.exchange,
    account: `${market.exchange}:${mode}`,
    symbol: market.symbol,
    action,
    quantity: market.size,
    mode,
    credential: 'webhook',
    keyLabel: 'master key',
    strategy: pick(roll, ['Trend 4h', 'Breakout', 'Mean reversion', '']),
    comment: roll() > 0.8 ? 'from TradingView: <b>EMA cross</b> 12/26' : '',
    warnings: roll() > 0.95 ? ['quantity was rounded down to the step of 0.001'] : [],
    orders: [],
    timeline: [],
    parent: '',
    children: [],
  }
  if (order !== '') {
    const row = orderOf(signal, n, side, order, price, when)
    signal.orders = [row]
    all.orders.push(row)
    if (row.filledQuantity !== '0') all.fills.push(fillOf(row, n, when, roll))
  }
  signal.timeline = timelineOf(signal, when)
  all.signals.push(signal)
}

function orderOf(signal: SignalRow, n: number, side: string, status: string, price: string, when: number): OrderRow {
  const market = n % 4 !== 0
  const filled = status === 'filled' ? signal.quantity : status === 'canceled' ? half(signal.quantity) : '0'
  return {
    id: `ord-${String(n).padStart(6, '0')}`,
    requestId: signal.requestId,
    exchange: signal.exchange,
    account: signal.account,
    symbol: signal.symbol,
    side,
    type: market && status !== 'accepted' ? 'market' : 'limit',
    reduceOnly: signal.action === 'CLOSE',
    quantity: signal.quantity,
    price: market && status !== 'accepted' ? '' : price,
    takeProfit: '',
    stopLoss: '',
    filledQuantity: filled,
    averagePrice: filled === '0' ? '' : price,
    status,
    clientOrderId: `hx${String(n * 7919).padStart(10, '0')}`,
    exchangeOrderId: status === 'rejected' || status === 'needs_review' ? '' : `1f3c9a${n}`,
    reason: signal.reason,
    mode: signal.mode,
    createdAt: at(when + 9),
    updatedAt: at(when + 51),
  }
}

function half(quantity: string): string {
  const places = quantity.split('.')[1]?.length ?? 0
  return (Number(quantity) / 2).toFixed(Math.max(places, 1))
}

function fillOf(order: OrderRow, n: number, when: number, roll: () => number): FillRow {
  const notional = Number(order.averagePrice) * Number(order.filledQuantity)
  return {
    id: `fil-${String(n).padStart(6, '0')}`,
    orderId: order.id,
    requestId: order.requestId,
    exchange: order.exchange,
    account: order.account,
    symbol: order.symbol,
    side: order.side,
    quantity: order.filledQuantity,
    price: order.averagePrice,
    fee: (notional * 0.00055).toFixed(4),
    feeAsset: 'USDT',
    liquidity: order.type === 'limit' ? 'maker' : 'taker',
    realizedPnl: order.reduceOnly ? ((roll() - 0.42) * notional * 0.04).toFixed(2) : '0',
    mode: order.mode,
    at: at(when + 48),
  }
}

function timelineOf(signal: SignalRow, when: number): Stage[] {
  const order = signal.orders[0]
  const steps: [string, string, number][] = [['received', `by ${signal.source}`, 0]]
  if (signal.status === 'refused' || signal.status === 'blocked') steps.push([signal.status, signal.reason, 812])
  else if (signal.status === 'no_op')
    steps.push(['admitted', 'every check passed', 640], ['no_op', signal.reason, 1_204])
  else steps.push(['admitted', 'every check passed', 731], ['queued', `lane ${signal.account}`, 1_180])
  if (order) {
    steps.push(['submitted', `${order.side} ${order.quantity} ${order.symbol} ${order.type}`, 9_420])
    if (order.status === 'rejected') steps.push(['rejected', signal.reason, 42_118])
    else if (order.status === 'needs_review')
      steps.push(['unknown', 'no answer in 10 s', 10_009_377], ['needs_review', signal.reason, 31_000_512])
    else steps.push(['accepted', `exchange id ${order.exchangeOrderId}`, 40_930])
    if (order.status === 'filled') steps.push(['filled', `${order.filledQuantity} at ${order.averagePrice}`, 48_377])
    if (order.status === 'canceled')
      steps.push(
        ['partially_filled', `${order.filledQuantity} at ${order.averagePrice}`, 48_377],
        ['canceled', signal.reason, 5_120_000],
      )
  }
  return steps.map(([stage, detail, micros]) => ({
    at: at(when + Math.round(micros / 1000)),
    stage,
    detail,
    micros,
    orderId: ['received', 'admitted', 'queued', 'refused', 'blocked', 'no_op'].includes(stage) ? '' : (order?.id ?? ''),
  }))
}

/** A signal with everything around it. */
export function storyOf(signal: SignalRow, fills: FillRow[]): SignalStory {
  const { exchange, symbol, action, quantity } = signal
  const over = signal.status === 'refused'
  return {
    ...signal,
    raw: JSON.stringify({ apiKey: '<cut>', exchange, symbol, action, quantity, comment: signal.comment }, null, 2),
    deadline: at(Date.parse(signal.receivedAt) + minute),
    decision: [
      {
        rule: 'trading state',
        asked: 'entry',
        allowed: signal.status === 'blocked' ? 'nothing (halted)' : 'everything',
        ok: signal.status !== 'blocked',
      },
      { rule: 'age of the alert', asked: '0.4 s', allowed: '60 s', ok: true },
      { rule: 'max order notional', asked: over ? '2,696.50 USDT' : '674.10 USDT', allowed: '2,500 USDT', ok: !over },
      { rule: 'max open positions', asked: '3', allowed: '5', ok: true },
    ],
    fills: fills.filter((fill) => fill.requestId === signal.requestId),
  }
}
