import type { Api, Receipt, Requeued, SettleOrder } from '$lib/api'
import { Act } from './act.svelte'

/** Ends an order that waits for a person, by that person's word. */
export function settling(api: Api): Act<SettleOrder, Receipt> {
  return new Act((req) => api.orders.settle(req))
}

/** An old alert that is traded anew: first what it would do now, then the deed. */
export class RequeueStore {
  readonly look: Act<void, Requeued>
  readonly send: Act<void, Requeued>

  constructor(api: Api, id: string) {
    this.look = new Act(() => api.queue.requeue({ id, preview: true }))
    this.send = new Act(() => api.queue.requeue({ id, preview: false }))
  }
}
