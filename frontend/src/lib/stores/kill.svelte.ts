import type { Api, Checklist, TradingState } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The trading state and the acts that change it. Halting works also when the state could not be read. */
export class KillStore {
  readonly state: Resource<TradingState>
  readonly set: Act<{ state: string; reason: string }, TradingState>
  readonly checklist: Act<void, Checklist>

  #asked = $state('')

  constructor(api: Api, connection: Connection) {
    this.state = new Resource({
      connection,
      read: () => api.kill.get(),
      topics: ['kill'],
      every: 10_000,
    })
    this.set = new Act(async (req) => {
      this.#asked = req.state
      const state = await api.kill.set(req)
      this.state.put(state)
      void this.state.refresh()
      return state
    })
    this.checklist = new Act(() => api.kill.checklist())
  }

  /** active, reducing, halted, or "" while it is not known. */
  get current(): string {
    return this.state.data?.state ?? ''
  }

  /** A change that was asked for and is not proven: it failed, and the state does not show it either. */
  get unproven(): boolean {
    return this.set.fault !== undefined && this.current !== this.#asked
  }

  halt(reason: string): Promise<TradingState | undefined> {
    return this.set.run({ state: 'halted', reason })
  }
}
