import type { AskSupport, Api, SavedSupport, SaveSupport, SupportBundle } from '$lib/api'
import { Act } from './act.svelte'

/** A support bundle: looked at first, then saved. */
export class SupportStore {
  readonly preview: Act<AskSupport, SupportBundle>
  readonly save: Act<SaveSupport, SavedSupport>

  constructor(api: Api) {
    this.preview = new Act((req) => api.support.preview(req))
    this.save = new Act((req) => api.support.save(req))
  }

  /** Forgets both: another bundle is wanted. */
  clear(): void {
    this.preview.clear()
    this.save.clear()
  }
}
