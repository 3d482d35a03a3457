import type { Api } from '../index'
import type { WebhookKeyRow, WebhookKeyScope, WebhookKeyText } from '../types.gen'
import type { Answer } from './made'
import { fault, found } from './made'
import { at, begin, day, hour, minute } from './seed'

const open: WebhookKeyScope = { strategy: '', accounts: [], symbols: [], entries: 'both', maxOrder: '', rateLimit: 0 }

const text = (hint: string, made: number, seen = 0, ends = 0): WebhookKeyText => ({
  ...{ hint, createdAt: at(made), expiresAt: ends ? at(ends) : '', lastSeenAt: seen ? at(seen) : '' },
})

interface Use {
  uses?: number
  seen?: number
  from?: string
}

function key(id: string, label: string, scope: Partial<WebhookKeyScope>, texts: WebhookKeyText[], use: Use = {}) {
  const { uses = 0, seen = 0, from = '' } = use
  const row: WebhookKeyRow = {
    ...{ id, label, master: id === 'webhook', scope: { ...open, ...scope }, texts, revokedAt: '' },
    ...{ createdAt: texts.at(-1)?.createdAt ?? '', lastSeenAt: seen ? at(seen) : '', lastSeenFrom: from, uses },
    ...{ version: 1, actor: 'window' },
  }
  return row
}

const tradingView = '52.32.178.7'

function madeUp(): WebhookKeyRow[] {
  const breakout = { strategy: 'Breakout', symbols: ['BTCUSDT.P', 'ETHUSDT.P'], maxOrder: '500', rateLimit: 30 }
  const trend = { accounts: ['bybit:paper', 'binance:paper'], entries: 'long', maxOrder: '2500' }
  const closes = { entries: 'none', symbols: ['BYBIT:BTCUSDT.P'], rateLimit: 6 }
  const gone = { strategy: 'Grid', accounts: ['mexc:paper'] }
  const revoked = key('k1c9d8e7f6a5', 'Shared with Ana', { symbols: ['SOLUSDT'], maxOrder: '100' }, [], {
    ...{ uses: 12, seen: begin - 8 * day, from: '84.115.20.9' },
  })
  return [
    key('k7f3a9c2m4tq', 'Breakout, 15 min chart', breakout, [text('9Kd2', begin - 21 * day, begin - 12_000)], {
      ...{ uses: 1204, seen: begin - 12_000, from: tradingView },
    }),
    key(
      'kq2w8e5r1t6y',
      'Trend 4h',
      trend,
      [
        text('Xp0A', begin - 37 * minute, begin - 26 * minute),
        text('m3Zs', begin - 60 * day, begin - 41 * minute, begin + 23 * minute),
      ],
      { uses: 318, seen: begin - 26 * minute, from: '34.212.75.30' },
    ),
    key('kb5n6m7v8c9x', 'Only closes', closes, [text('u7Qe', begin - 3 * day)]),
    key('kz1x2c3v4b5n', 'Old grid bot', gone, [text('h4Tt', begin - 200 * day, begin - 90 * day)], {
      ...{ uses: 87, seen: begin - 90 * day, from: tradingView },
    }),
    { ...revoked, createdAt: at(begin - 40 * day), revokedAt: at(begin - 6 * day), version: 2, actor: 'browser' },
  ]
}

/** The master key, and keys of every state: used, overlapping, never used, without their strategy, revoked. */
export function webhookKeysFake(answer: Answer, empty: boolean, changed: () => void): Api['webhookKeys'] {
  const used = empty ? {} : { uses: 2671, seen: begin - 4 * minute, from: tradingView }
  const master = key('webhook', 'master key', {}, [{ ...text('9f2c', begin), createdAt: '' }], used)
  let rows: WebhookKeyRow[] = [{ ...master, createdAt: '', actor: '' }, ...(empty ? [] : madeUp())]
  let made = 0

  const stored = (id: string): WebhookKeyRow =>
    found(
      rows.find((one) => one.id === id),
      `webhook key "${id}"`,
    )

  const live = (id: string): WebhookKeyRow => {
    const row = stored(id)
    if (row.revokedAt !== '') throw fault('refused', `the key "${row.label}" is revoked: make another one`)
    return row
  }

  const put = (row: WebhookKeyRow): WebhookKeyRow => {
    const next = { ...row, version: row.version + 1, actor: 'window' }
    rows = rows.some((one) => one.id === row.id) ? rows.map((one) => (one.id === row.id ? next : one)) : [...rows, next]
    changed()
    return next
  }

  const newText = () => `hxw_made-up-for-tests-only-${String((made += 1)).padStart(4, '0')}`

  return {
    list: () => answer('WebhookKeys.List', () => ({ items: rows })),
    create: ({ label, scope }) =>
      answer('WebhookKeys.Create', () => {
        check(rows, '', label, scope)
        const fresh = newText()
        const row = key(`k${fresh.slice(-4)}`, label, checked(scope), [text(fresh.slice(-4), begin)])
        return { key: fresh, row: put({ ...row, version: 0 }) }
      }),
    update: ({ id, version, label, scope }) =>
      answer('WebhookKeys.Update', () => {
        const row = live(id)
        if (row.version !== version) throw fault('conflict', `the key "${row.label}" was changed meanwhile`)
        check(rows, id, label, scope)
        return put({ ...row, label, scope: checked(scope) })
      }),
    rotate: ({ id, overlapMinutes }) =>
      answer('WebhookKeys.Rotate', () => {
        const row = live(id)
        const fresh = newText()
        const ends = begin + overlapMinutes * minute
        const old = overlapMinutes > 0 ? row.texts.map((one) => ({ ...one, expiresAt: one.expiresAt || at(ends) })) : []
        return { key: fresh, row: put({ ...row, texts: [text(fresh.slice(-4), begin), ...old] }) }
      }),
    revoke: ({ id }) =>
      answer('WebhookKeys.Revoke', () => {
        const row = stored(id)
        if (row.master) throw fault('refused', 'the master key is not revoked: rotate it with an overlap of 0')
        return put({ ...row, revokedAt: at(begin + hour), texts: [] })
      }),
  }
}

function checked(scope: WebhookKeyScope): WebhookKeyScope {
  return { ...scope, symbols: scope.symbols.map((one) => one.toUpperCase().replace('/', '')) }
}

function check(rows: WebhookKeyRow[], id: string, label: string, scope: WebhookKeyScope): void {
  const same = (one: WebhookKeyRow) => one.id !== id && one.revokedAt === '' && one.label === label
  if (rows.some(same)) throw fault('invalid', `label: there is a key "${label}" already`, 'label')
  const odd = scope.symbols.find((one) => !/^([A-Za-z]+:)?[A-Za-z0-9/]{2,30}(\.P)?$/.test(one))
  if (odd !== undefined)
    throw fault('invalid', `symbols: "${odd}" is no symbol: want BTCUSDT, or BTCUSDT.P for the perpetual`, 'symbols')
  if (scope.maxOrder !== '' && !/^\d+(\.\d+)?$/.test(scope.maxOrder))
    throw fault('invalid', `maxOrder: "${scope.maxOrder}" is no amount: want dollars above 0 such as "250"`, 'maxOrder')
}
