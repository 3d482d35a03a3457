import { untrack } from 'svelte'
import type {
  Api,
  FillRow,
  Filter,
  JobID,
  JobPage,
  OrderRow,
  PageRequest,
  Receipt,
  SignalRow,
  SignalStory,
} from '$lib/api'
import { pageRequest } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import type { Page } from './paged.svelte'
import { PagedList } from './paged.svelte'
import { Resource } from './resource.svelte'

/** A paged list with a filter; a new filter forgets the rows and reads again. */
export class FilteredList<T> extends PagedList<T> {
  #filter: () => Partial<Filter>
  #setFilter: (filter: Partial<Filter>) => void

  constructor(
    connection: Connection,
    read: (req: PageRequest) => Promise<Page<T>>,
    id: (row: T) => string,
    topics: readonly string[],
  ) {
    let filter = $state.raw<Partial<Filter>>({})
    super({
      connection,
      read: (cursor, limit) => read(pageRequest({ cursor, limit, filter })),
      id,
      topics,
    })
    this.#filter = () => filter
    this.#setFilter = (value) => (filter = value)
  }

  get filter(): Partial<Filter> {
    return this.#filter()
  }

  set filter(filter: Partial<Filter>) {
    if (JSON.stringify(filter) === JSON.stringify(untrack(() => this.filter))) return
    this.#setFilter(filter)
    this.reset()
  }
}

export function signalList(api: Api, connection: Connection): FilteredList<SignalRow> {
  return new FilteredList(
    connection,
    (req) => api.signals.list(req),
    (row) => row.requestId,
    ['signals', 'orders', 'fills'],
  )
}

export function orderList(api: Api, connection: Connection): FilteredList<OrderRow> {
  return new FilteredList(
    connection,
    (req) => api.orders.list(req),
    (row) => row.id,
    ['orders', 'fills'],
  )
}

export function fillList(api: Api, connection: Connection): FilteredList<FillRow> {
  return new FilteredList(
    connection,
    (req) => api.fills.list(req),
    (row) => row.id,
    ['fills'],
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
