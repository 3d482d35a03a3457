import type {
  Api,
  CreateWebhookKey,
  NewWebhookKey,
  RotateWebhookKey,
  UpdateWebhookKey,
  WebhookKeyID,
  WebhookKeyList,
  WebhookKeyRow,
} from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The keys that let alerts in, and what can be done with one. Each deed reads the list again. */
export class WebhookKeysStore {
  readonly list: Resource<WebhookKeyList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.webhookKeys.list(),
      topics: ['settings', 'signals'],
      gap: 1000,
      // An alert that a key may not send leaves no signal, only its use.
      every: 10_000,
    })
  }

  /** The master key first, the revoked ones last. */
  get rows(): WebhookKeyRow[] | undefined {
    const items = this.list.data?.items
    return items && [...items.filter((row) => row.revokedAt === ''), ...items.filter((row) => row.revokedAt !== '')]
  }

  create(): Act<CreateWebhookKey, NewWebhookKey> {
    return actAndRead(this.list, (req) => this.#api.webhookKeys.create(req))
  }

  update(): Act<UpdateWebhookKey, WebhookKeyRow> {
    return actAndRead(this.list, (req) => this.#api.webhookKeys.update(req))
  }

  rotate(): Act<RotateWebhookKey, NewWebhookKey> {
    return actAndRead(this.list, (req) => this.#api.webhookKeys.rotate(req))
  }

  revoke(): Act<WebhookKeyID, WebhookKeyRow> {
    return actAndRead(this.list, (req) => this.#api.webhookKeys.revoke(req))
  }
}
