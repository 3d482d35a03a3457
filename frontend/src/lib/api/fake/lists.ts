import type { Filter, PageRequest, TradingState } from '../types.gen'
import { at, begin } from './seed'

export function stateOf(state: string, reason: string, since = at(begin - 130_000)): TradingState {
  const stopped = state === 'halted'
  const exchanges = [
    { name: 'bybit', cancelled: stopped ? 3 : 0, confirmed: stopped ? 3 : 0 },
    { name: 'binance', cancelled: stopped ? 2 : 0, confirmed: stopped ? 1 : 0 },
  ]
  return { state, reason, actor: 'window', since, exchanges }
}

export function remove(from: { id: string }[], id: string): void {
  const index = from.findIndex((row) => row.id === id)
  if (index >= 0) from.splice(index, 1)
}

interface Listed {
  exchange: string
  symbol: string
  status?: string
  requestId: string
  side?: string
}

const open = ['created', 'submitted', 'accepted', 'partially_filled', 'unknown', 'needs_review']

export function page<T extends Listed>(
  rows: T[],
  req: PageRequest,
  id: (row: T) => string,
): { items: T[]; next: string } {
  const kept = rows.filter((row) => matches(row, req.filter))
  const start = req.cursor === '' ? 0 : kept.findIndex((row) => id(row) === req.cursor) + 1
  const items = kept.slice(start, start + (req.limit || 50))
  const last = items.at(-1)
  return { items, next: last && start + items.length < kept.length ? id(last) : '' }
}

function matches(row: Listed, filter: Filter): boolean {
  const same = (wanted: string, had: string | undefined) => wanted === '' || wanted === had
  return (
    same(filter.exchange, row.exchange) &&
    same(filter.symbol, row.symbol) &&
    same(filter.status, row.status) &&
    same(filter.requestId, row.requestId) &&
    same(filter.side, row.side) &&
    (!filter.openOnly || open.includes(row.status ?? ''))
  )
}
