import type { Api, Receipt, SessionID, SessionList, SessionRow } from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The browsers that are signed in, and what shuts them out. Each deed reads the list again. */
export class SessionsStore {
  readonly list: Resource<SessionList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.sessions.list(),
      topics: [],
      // Nobody hints at a browser that comes or goes.
      every: 10_000,
    })
  }

  /** This browser first, then the newest. */
  get rows(): SessionRow[] | undefined {
    const items = this.list.data?.items
    return items && [...items.filter((row) => row.current), ...items.filter((row) => !row.current)]
  }

  get others(): SessionRow[] {
    return (this.list.data?.items ?? []).filter((row) => !row.current)
  }

  revoke(): Act<SessionID, Receipt> {
    return actAndRead(this.list, (req) => this.#api.sessions.revoke(req))
  }

  revokeOthers(): Act<void, Receipt> {
    return actAndRead(this.list, () => this.#api.sessions.revokeOthers())
  }

  rotateKey(): Act<void, Receipt> {
    return actAndRead(this.list, () => this.#api.sessions.rotateKey())
  }
}
