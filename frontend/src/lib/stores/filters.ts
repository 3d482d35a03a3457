import type { Api, FillRow, Filter, OrderRow, SignalRow } from '$lib/api'
import { pageRequest } from '$lib/api'
import type { Page } from './paged.svelte'

/** The exchanges the program can trade on. */
export const exchanges = ['bybit', 'binance', 'mexc', 'paper'] as const

const keys = ['exchange', 'symbol', 'status', 'side'] as const
type Key = (typeof keys)[number]

/** The filter that an address asks for: "?exchange=bybit&side=buy&signal=sig-1&open=1". */
export function filterOf(query: URLSearchParams, allowed: readonly Key[] = keys): Partial<Filter> {
  const filter: Partial<Filter> = {}
  for (const key of allowed) {
    const value = query.get(key)
    if (value) filter[key] = value
  }
  const signal = query.get('signal')
  if (signal) filter.requestId = signal
  if (query.get('open')) filter.openOnly = true
  return filter
}

/** The same query with one part changed; "" takes it out. */
export function withPart(query: URLSearchParams, key: string, value: string): Record<string, string> {
  return { ...Object.fromEntries(query), [key]: value }
}

const largest = 500
type Read<T> = (cursor: string) => Promise<Page<T>>

/** Reads everything under a filter in large pages, for a file. */
export function allSignals(api: Api, filter: Partial<Filter>): Read<SignalRow> {
  return (cursor) => api.signals.list(pageRequest({ limit: largest, cursor, filter }))
}

export function allOrders(api: Api, filter: Partial<Filter>): Read<OrderRow> {
  return (cursor) => api.orders.list(pageRequest({ limit: largest, cursor, filter }))
}

export function allFills(api: Api, filter: Partial<Filter>): Read<FillRow> {
  return (cursor) => api.fills.list(pageRequest({ limit: largest, cursor, filter }))
}
