import type { About, Api, UpdateState } from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** What this program is, and what is known of newer versions. */
export class AboutStore {
  readonly about: Resource<About>
  readonly update: Resource<UpdateState>
  readonly check: Act<void, UpdateState>

  constructor(api: Api, connection: Connection) {
    this.about = new Resource({ connection, read: () => api.desktop.about(), topics: [] })
    this.update = new Resource({ connection, read: () => api.desktop.update(), topics: ['settings'] })
    this.check = actAndRead(this.update, () => api.desktop.checkUpdate())
  }
}
