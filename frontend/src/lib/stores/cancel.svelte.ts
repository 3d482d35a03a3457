import type { Api, OrderRow, Receipt } from '$lib/api'
import { pageRequest } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The cancel of one order: asked, and then read again until the exchange's word is there. */
export class CancelStore {
  readonly ask: Act<void, Receipt>
  readonly now: Resource<OrderRow | undefined>

  constructor(api: Api, connection: Connection, order: OrderRow) {
    this.now = new Resource({
      connection,
      read: async () => {
        const filter = { requestId: order.requestId }
        const { items } = await api.orders.list(pageRequest({ limit: 500, filter }))
        return items.find((one) => one.id === order.id)
      },
      topics: ['orders', 'fills'],
      every: 2000,
    })
    this.ask = new Act(async () => {
      const receipt = await api.orders.cancel({ id: order.id })
      void this.now.refresh()
      return receipt
    })
  }
}
