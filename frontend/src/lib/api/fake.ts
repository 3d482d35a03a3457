import { ApiFault } from './fault'
import type { Api, Backend, Link } from './index'
import { accessFake } from './fake/access'
import { accountsFake } from './fake/accounts'
import { alertsFake } from './fake/alerts'
import { desktopFake } from './fake/desktop'
import { driftFake } from './fake/drift'
import { guardFake } from './fake/guard'
import { secretsFake } from './fake/secrets'
import { healthReport, jobs, overview, positions } from './fake/house'
import { page, remove, stateOf } from './fake/lists'
import { fault, found } from './fake/made'
import type { FakeOptions } from './fake/options'
import { at, begin } from './fake/seed'
import { historyOf, refusal, settings } from './fake/settings'
import { setupFake } from './fake/setup'
import { requeued, strategiesFake } from './fake/strategies'
import { storyOf, trades } from './fake/trades'
import { telegramFake } from './fake/telegram'
import { tunnelFake } from './fake/tunnel'
import { webhookKeysFake } from './fake/webhook-keys'
import type { FlattenStep, Hint, Receipt } from './types.gen'

export type { FakeOptions }

/** A made-up program for tests and screenshots. The page behind it is never told that it is one. */
export interface Fake extends Backend {
  /** Every call so far, such as "Signals.List". */
  calls: string[]
  hint(topic: string, seq?: number): void
  link(state: Link): void
  fail(method: string, fault?: ApiFault): void
  mend(): void
}

const faultFor = (method: string) =>
  new ApiFault({
    kind: 'unavailable',
    message: `${method}: the ledger is locked by another program`,
    ref: 'e-7f3a',
    field: '',
  })

export function fakeBackend(options: FakeOptions = {}): Fake {
  const { mixed = false, empty = false, troubled = false, delay = 0 } = options
  const mode = mixed ? 'live' : (options.mode ?? 'paper')
  const modes = { bybit: mode, binance: mixed ? 'paper' : mode, mexc: mixed ? 'paper' : mode }
  const all = empty ? trades(0, modes) : trades(options.signals ?? 240, modes)
  const rows = settings()
  const valueOf = (key: string) => rows.find((row) => row.key === key)?.value ?? ''
  const dead = empty ? [] : jobs()
  const calls: string[] = []
  const failing = new Map((options.failing ?? []).map((method) => [method, faultFor(method)]))
  const hearers = new Set<(hint: Hint) => void>()
  const linkers = new Set<(link: Link) => void>()
  let seq = 0
  let tick = 0
  let kill = stateOf(options.state ?? 'active', options.state === 'halted' ? 'drawdown, looking into it' : '')

  const hint = (topic: string, number = seq + 1) => {
    seq = number
    hearers.forEach((hear) => hear({ topic, seq }))
  }

  async function answer<T>(method: string, make: () => T): Promise<T> {
    calls.push(method)
    await new Promise((done) => setTimeout(done, delay))
    const wrong = failing.get(method) ?? failing.get('all')
    if (wrong) throw wrong
    return structuredClone(make())
  }

  const receipt = (status: string, reason = ''): Receipt => ({ requestId: `sig-${900000 + seq}`, status, reason })

  const api: Api = {
    signals: {
      list: (req) => answer('Signals.List', () => page(all.signals, req, (row) => row.requestId)),
      get: (req) =>
        answer('Signals.Get', () => {
          const row = found(
            all.signals.find((one) => one.requestId === req.requestId),
            `signal ${req.requestId}`,
          )
          return storyOf(row, all.fills)
        }),
    },
    orders: {
      list: (req) => answer('Orders.List', () => page(all.orders, req, (row) => row.id)),
      cancel: (req) =>
        answer('Orders.Cancel', () => {
          const row = found(
            all.orders.find((one) => one.id === req.id),
            `order ${req.id}`,
          )
          if (row.status !== 'accepted') throw fault('conflict', `the order is ${row.status} already`)
          row.status = 'canceled'
          hint('orders')
          return receipt('accepted')
        }),
      settle: (req) =>
        answer('Orders.Settle', () => {
          const row = found(
            all.orders.find((one) => one.id === req.id),
            `order ${req.id}`,
          )
          row.status = req.as
          hint('orders')
          return receipt(req.as, req.reason)
        }),
    },
    fills: { list: (req) => answer('Fills.List', () => page(all.fills, req, (row) => row.id)) },
    positions: {
      list: () => answer('Positions.List', () => ({ items: empty ? [] : positions(modes, tick), next: '' })),
      close: (req) =>
        answer('Positions.Close', () => receipt('enqueued', `close ${req.quantity || 'all'} of ${req.symbol}`)),
      flatten: (req) =>
        answer('Positions.Flatten', () => {
          if (req.confirm !== 'FLATTEN') throw fault('invalid', 'type FLATTEN', 'confirm')
          const items: FlattenStep[] = positions(modes, tick)
            .filter((row) => req.exchange === '' || row.exchange === req.exchange)
            .map((row) => ({
              what: `close ${row.quantity} ${row.symbol} ${row.side} on ${row.exchange} (${row.mode.toUpperCase()})`,
              state: 'proven',
              detail: '',
            }))
          return { items }
        }),
    },
    kill: {
      get: () => answer('Kill.Get', () => kill),
      set: (req) =>
        answer('Kill.Set', () => {
          if (req.reason.trim() === '') throw fault('invalid', 'say why', 'reason')
          kill = stateOf(req.state, req.reason, at(begin + tick * 1000))
          hint('kill')
          return kill
        }),
      checklist: () =>
        answer('Kill.Checklist', () => ({
          items: [
            { name: 'Why it was halted', ok: true, detail: kill.reason || 'no reason was given' },
            { name: 'Resting entries cancelled', ok: true, detail: 'bybit 3 of 3 proven, binance 1 of 1 proven' },
            {
              name: 'Positions reconciled',
              ok: !troubled,
              detail: troubled ? 'binance was last read 40 s ago and refuses the key' : 'all read in the last 21 s',
            },
            {
              name: 'Mode',
              ok: true,
              detail: `${mode.toUpperCase()}: ${mode === 'live' ? 'orders use real money' : 'no real money moves'}`,
            },
          ],
        })),
    },
    health: { get: () => answer('Health.Get', () => healthReport(mode, troubled, tick, empty)) },
    settings: {
      list: () => answer('Settings.List', () => ({ items: rows, next: '' })),
      set: (req) =>
        answer('Settings.Set', () => {
          const row = found(
            rows.find((one) => one.key === req.key),
            req.key,
          )
          const message = refusal(row, req.value)
          if (message !== '') throw fault('invalid', message, 'value')
          Object.assign(row, { value: req.value, updatedAt: at(begin + tick * 1000), actor: 'window' })
          hint('settings')
          return row
        }),
      history: (req) =>
        answer('Settings.History', () => ({
          items: historyOf(
            found(
              rows.find((one) => one.key === req.key),
              req.key,
            ),
          ),
        })),
    },
    queue: {
      list: () => answer('Queue.List', () => ({ items: dead, next: '', waiting: 0, dead: dead.length })),
      retry: (req) => answer('Queue.Retry', () => (remove(dead, req.id), hint('queue'), receipt('enqueued'))),
      discard: (req) => answer('Queue.Discard', () => (remove(dead, req.id), hint('queue'), receipt('no_op'))),
      requeue: (req) => answer('Queue.Requeue', () => requeued(req.preview, mode)),
    },
    alerts: alertsFake(answer, empty),
    analytics: {
      overview: (req) => answer('Analytics.Overview', () => overview(modes, req.span, all.fills, tick, empty)),
    },
    accounts: accountsFake(answer, modes, empty, (topic) => hint(topic)),
    strategies: strategiesFake(answer, empty),
    drift: driftFake(answer, empty, options.agreed ?? false, () => hint('positions')),
    ...desktopFake(answer, mode, empty),
    setup: setupFake(answer, mode, empty, () => hint('settings')),
    ...guardFake(answer, { empty, troubled, broken: options.broken ?? false }, () => hint('alarms')),
    ...accessFake(answer, empty),
    ...secretsFake(answer, empty, options.vault ?? 'file', () => hint('health')),
    tunnel: tunnelFake(answer, options.tunnel ?? (empty ? 'off' : 'up'), valueOf, () => hint('health')),
    telegram: telegramFake(answer, options.telegram ?? (empty ? 'none' : 'polling'), valueOf, (topic) => hint(topic)),
    webhookKeys: webhookKeysFake(answer, empty, () => hint('settings')),
  }

  return {
    api,
    calls,
    hint,
    link: (state) => linkers.forEach((tell) => tell(state)),
    fail: (method, fault = faultFor(method)) => void failing.set(method, fault),
    mend: () => failing.clear(),
    listen(hear, link) {
      hearers.add(hear)
      linkers.add(link)
      link('open')
      const timer = options.live ? setInterval(() => ((tick += 1), hint('market')), 1000) : undefined
      return () => {
        clearInterval(timer)
        hearers.delete(hear)
        linkers.delete(link)
      }
    },
  }
}
