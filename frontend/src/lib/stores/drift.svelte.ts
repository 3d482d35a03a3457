import type { Api, DriftList, FixDrift, Receipt } from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** Where the ledger and the exchanges do not agree, and what a person may ask for. */
export class DriftStore {
  readonly list: Resource<DriftList>
  readonly fix: Act<FixDrift, Receipt>

  constructor(api: Api, connection: Connection) {
    this.list = new Resource({
      connection,
      read: () => api.drift.list(),
      topics: ['positions', 'orders', 'health'],
      gap: 1000,
      every: 10_000,
    })
    this.fix = actAndRead(this.list, (req) => api.drift.fix(req))
  }
}
