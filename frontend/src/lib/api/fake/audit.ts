import type { Api } from '../index'
import type { AuditRow, ListAudit } from '../types.gen'
import type { Answer } from './made'
import { found } from './made'
import { at, begin, dice, minute, pick } from './seed'

type Deed = Pick<AuditRow, 'actor' | 'action' | 'subject'> & Partial<AuditRow>

const browser = 'browser 1a2b3c4d (Firefox on Linux)'

const deeds: readonly Deed[] = [
  { actor: 'window', action: 'setting.set', subject: 'trade:default_leverage', before: '5', after: '7' },
  { actor: 'window', action: 'setting.set', subject: 'risk:max_notional', before: '2500', after: '5000' },
  {
    ...{ actor: browser, action: 'setting.set', subject: 'trade:default_leverage', before: '7', after: '500' },
    ...{ decision: 'refused', detail: '500 is above 125, the most an exchange takes' },
  },
  {
    ...{ actor: 'window', action: 'kill.set', subject: 'trading', before: 'active', after: 'halted' },
    detail: 'drawdown, <b>looking</b> into it',
  },
  {
    ...{ actor: 'window', action: 'kill.set', subject: 'trading', before: 'halted', after: 'active' },
    detail: 'looked into it',
  },
  {
    ...{ actor: 'automatic: trip', action: 'kill.set', subject: 'trading', before: 'active', after: 'halted' },
    detail: '3 orders without an answer within 60 s',
  },
  { actor: 'cli', action: 'secret.set', subject: 'BYBIT_API_KEY' },
  { actor: 'window', action: 'position.close', subject: 'bybit:paper linear BTCUSDT long', after: 'filled' },
  { actor: 'token grafana', action: 'order.cancel', subject: 'ord-000231', after: 'canceled' },
  {
    ...{ actor: 'token grafana', action: 'call.refuse', subject: 'Settings.Set', decision: 'refused' },
    detail: 'the token may not do that',
  },
  {
    ...{ actor: 'stranger', origin: '203.0.113.9', action: 'alert.refuse', subject: 'wrong key', decision: 'refused' },
    detail: '1204 more like it within 1m0s; the last: from 203.0.113.9',
  },
  { actor: 'cli', action: 'backup', subject: 'core-20261121T030000Z.db' },
  {
    ...{ actor: 'window', action: 'account.test', subject: 'binance:testnet', decision: 'failed' },
    detail: 'signed call: -2015 invalid API key, IP, or permissions',
  },
  { actor: 'window', action: 'strategy.save', subject: 'Breakout', before: 'version 3', after: 'version 4' },
  {
    actor: 'window',
    action: 'alarm.acknowledge',
    subject: '4 disk data',
    detail: 'happened 2 times: 200 MiB are free',
  },
]

/** The hash of a made-up line. */
const hashOf = (line: number) => (line === 0 ? '0'.repeat(64) : dicedHex(line))

function dicedHex(seed: number): string {
  const roll = dice(seed)
  return Array.from({ length: 64 }, () => Math.floor(roll() * 16).toString(16)).join('')
}

/** So many lines, newest first; the first is a start of the program. */
function lines(amount: number): AuditRow[] {
  const roll = dice(11)
  const rows: AuditRow[] = []
  let when = begin - 40_000
  for (let n = amount; n > 0; n--) {
    const deed: Deed =
      n === 1
        ? { actor: 'automatic', action: 'boot', subject: 'version 1.0.0', detail: 'commit 59bd8e8, clock 2026-11-13' }
        : // What is newest shows one of each.
          (deeds[amount - n] ?? pick(roll, deeds))
    rows.push({
      ...{ line: n, at: at(when), origin: 'this computer', decision: 'done', before: '', after: '', detail: '' },
      ...deed,
      ...{ prevHash: hashOf(n - 1), hash: hashOf(n) },
    })
    when -= Math.floor((2 + roll() * 200) * minute)
  }
  return rows
}

function matches(row: AuditRow, ask: Pick<ListAudit, 'actor' | 'action' | 'decision' | 'from' | 'to'>): boolean {
  const since = ask.from === '' ? -Infinity : Date.parse(ask.from)
  const until = ask.to === '' ? Infinity : Date.parse(ask.to)
  const when = Date.parse(row.at)
  return (
    row.actor.startsWith(ask.actor) &&
    ['', row.action].includes(ask.action) &&
    ['', row.decision].includes(ask.decision) &&
    when >= since &&
    when < until
  )
}

/** Who did what, made up; broken: a line was changed behind the program's back. */
export function auditFake(answer: Answer, empty: boolean, broken: boolean): Api['audit'] {
  const written = empty ? [] : lines(140)
  const piece = 60
  return {
    list: (req) =>
      answer('Audit.List', () => {
        const kept = written.filter((row) => matches(row, req) && (req.cursor === '' || row.line < +req.cursor))
        const items = kept.slice(0, req.limit || 50)
        return { items, next: items.length < kept.length ? String(items.at(-1)?.line) : '' }
      }),
    get: (req) =>
      answer('Audit.Get', () =>
        found(
          written.find((one) => one.line === req.line),
          `line ${req.line}`,
        ),
      ),
    verify: () =>
      answer('Audit.Verify', () => {
        const since = written.at(-1)?.at ?? ''
        if (!broken) return { ok: true, detail: '', line: 0, lines: written.length, since }
        const detail = 'line 57 of the audit does not follow from the line before'
        return { ok: false, detail, line: 57, lines: 56, since }
      }),
    export: (req) =>
      answer('Audit.Export', () => {
        const rest = written.filter((row) => matches(row, req) && row.line > req.after).reverse()
        const rows = rest.slice(0, piece)
        const text = rows.map((row) => (req.format === 'csv' ? `${row.line},${row.at}\n` : `${JSON.stringify(row)}\n`))
        const head = req.after === 0 && req.format === 'csv' ? 'line,at\n' : ''
        return {
          text: head + text.join(''),
          lines: rows.length,
          next: rows.length < rest.length ? (rows.at(-1)?.line ?? 0) : 0,
        }
      }),
  }
}
