import { untrack } from 'svelte'
import type { Api, FillRow, Filter, JobID, JobPage, OrderRow, Receipt, SignalRow, SignalStory } from '$lib/api'
import { pageRequest } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import type { Page } from './paged.svelte'
import { PagedList } from './paged.svelte'
import { Resource } from './resource.svelte'

/** A paged list with a filter; a new filter forgets the rows and reads again. */
export class FilteredList<T, F extends object = Partial<Filter>> extends PagedList<T> {
  #filter: () => F
  #setFilter: (filter: F) => void

  constructor(
    connection: Connection,
    read: (req: { cursor: string; limit: number; filter: F }) => Promise<Page<T>>,
    id: (row: T) => string,
    topics: readonly string[],
    /** The filter that does not narrow. */
    everything: F,
  ) {
    let filter = $state.raw<F>(everything)
    super({ connection, read: (cursor, limit) => read({ cursor, limit, filter }), id, topics })
    this.#filter = () => filter
    this.#setFilter = (value) => (filter = value)
  }

  get filter(): F {
    return this.#filter()
  }

  set filter(filter: F) {
    if (JSON.stringify(filter) === JSON.stringify(untrack(() => this.filter))) return
    this.#setFilter(filter)
    this.reset()
  }
}

export function signalList(api: Api, connection: Connection): FilteredList<SignalRow> {
  return new FilteredList(
    connection,
    (req) => api.signals.list(pageRequest(req)),
    (row) => row.requestId,
    ['signals', 'orders', 'fills'],
    {},
  )
}

export function orderList(api: Api, connection: Connection): FilteredList<OrderRow> {
  return new FilteredList(
    connection,
    (req) => api.orders.list(pageRequest(req)),
    (row) => row.id,
    ['orders', 'fills'],
    {},
  )
}

export function fillList(api: Api, connection: Connection): FilteredList<FillRow> {
  return new FilteredList(
    connection,
    (req) => api.fills.list(pageRequest(req)),
    (row) => row.id,
    ['fills'],
    {},
  )
}

/** Everything about one signal. */
export function signalStory(api: Api, connection: Connection, requestId: string): Resource<SignalStory> {
  return new Resource({
    connection,
    read: () => api.signals.get({ requestId }),
    topics: ['signals', 'orders', 'fills'],
  })
}

/** The work that waits, and the dead letters with what can be done about them. */
export class QueueStore {
  readonly jobs: Resource<JobPage>
  readonly retry: Act<JobID, Receipt>
  readonly discard: Act<JobID, Receipt>

  constructor(api: Api, connection: Connection) {
    this.jobs = new Resource({
      connection,
      read: () => api.queue.list(pageRequest({ limit: 50 })),
      topics: ['queue'],
      gap: 1000,
    })
    const reread = async (answer: Promise<Receipt>) => {
      const receipt = await answer
      void this.jobs.refresh()
      return receipt
    }
    this.retry = new Act((req) => reread(api.queue.retry(req)))
    this.discard = new Act((req) => reread(api.queue.discard(req)))
  }
}
