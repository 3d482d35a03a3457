import { untrack } from 'svelte'
import type { Api, Overview, PositionPage, SignalPage } from '$lib/api'
import { pageRequest } from '$lib/api'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

export const spans = ['1d', '1w', '1m', 'all'] as const
export type Span = (typeof spans)[number]

/** The money of today for the strip, and the curve over a span that the page chooses. */
export class OverviewStore {
  readonly today: Resource<Overview>
  readonly curve: Resource<Overview>
  #span = $state<Span>('1d')

  constructor(api: Api, connection: Connection) {
    const topics = ['fills', 'positions', 'market', 'signals']
    this.today = new Resource({
      connection,
      read: () => api.analytics.overview({ span: '1d' }),
      topics,
      gap: 1000,
      every: 30_000,
    })
    this.curve = new Resource({
      connection,
      read: () => api.analytics.overview({ span: this.#span }),
      topics,
      gap: 5000,
      every: 60_000,
    })
  }

  get span(): Span {
    return this.#span
  }

  set span(span: Span) {
    if (span === untrack(() => this.#span)) return
    this.#span = span
    void this.curve.refresh()
  }
}

/** The newest signals, a short list for the first page. */
export function latestSignals(api: Api, connection: Connection, limit: number): Resource<SignalPage> {
  return new Resource({
    connection,
    read: () => api.signals.list(pageRequest({ limit })),
    topics: ['signals', 'orders', 'fills'],
  })
}

/** Every open position. */
export function openPositions(api: Api, connection: Connection): Resource<PositionPage> {
  return new Resource({
    connection,
    read: () => api.positions.list(pageRequest({ limit: 500 })),
    topics: ['positions', 'fills', 'market'],
    every: 15_000,
  })
}
