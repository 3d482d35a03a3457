import type { AlarmID, AlarmPage, AlarmRow, Api } from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { PagedList } from './paged.svelte'
import { Resource } from './resource.svelte'

/** As many open alarms as anybody wants to see at once. */
const most = 100

/** What nobody has acknowledged yet, and what can be done about it. */
export class AlarmsStore {
  readonly open: Resource<AlarmPage>
  readonly acknowledge: Act<AlarmID, AlarmRow>
  readonly test: Act<void, AlarmRow>
  #api: Api
  #connection: Connection

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.#connection = connection
    this.open = new Resource({
      connection,
      read: () => api.alarms.list({ limit: most, cursor: '', openOnly: true }),
      topics: ['alarms'],
      // How a channel is doing comes without a hint.
      every: 10_000,
    })
    this.acknowledge = actAndRead(this.open, (req) => api.alarms.acknowledge(req))
    this.test = actAndRead(this.open, () => api.alarms.test())
  }

  /** How many are open, tests apart; more tells that there are more than were read. Undefined while it is not known. */
  get count(): { serious: number; tests: number; more: boolean } | undefined {
    const page = this.open.data
    if (page === undefined) return undefined
    const tests = page.items.filter((row) => row.kind === 'test').length
    return { serious: page.items.length - tests, tests, more: page.next !== '' }
  }

  /** What was acknowledged, newest first. */
  history(): PagedList<AlarmRow> {
    return new PagedList({
      connection: this.#connection,
      read: async (cursor, limit) => {
        const { items, next } = await this.#api.alarms.list({ limit, cursor, openOnly: false })
        return { items: items.filter((row) => row.acknowledgedAt !== ''), next }
      },
      id: (row) => row.id,
      topics: ['alarms'],
    })
  }
}
