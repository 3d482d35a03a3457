import type { AcceptTerms, Api, SetupState, SignalRow } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'
import { atRest, goInstead } from './router'

/** How far the first steps are, by what the program knows, and what a person says of them. */
export class SetupStore {
  readonly state: Resource<SetupState>
  #api: Api
  #connection: Connection

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.#connection = connection
    this.state = new Resource({
      connection,
      read: () => api.setup.get(),
      topics: ['settings', 'health', 'signals', 'orders', 'fills', 'audit'],
      gap: 1000,
      every: 10_000,
    })
  }

  /** Shows the first steps once if the program says so, unless the address asks for a page or somebody went to one. */
  openOnce(): () => void {
    if (!atRest()) return () => undefined
    const stops = [
      this.state.watch(),
      $effect.root(() => {
        $effect(() => {
          const { data } = this.state
          if (!data) return
          if (data.opens && atRest()) goInstead('setup')
          stop()
        })
      }),
    ]
    const stop = () => stops.splice(0).forEach((end) => end())
    return stop
  }

  /** The newest alert that came in through the gateway, undefined while none did; the steps are read with it. */
  newest(): Resource<{ row: SignalRow | undefined }> {
    return new Resource({
      connection: this.#connection,
      read: async () => {
        const state = await this.#api.setup.get()
        this.state.put(state)
        const { requestId } = state.arrival
        return { row: requestId === '' ? undefined : await this.#api.signals.get({ requestId }) }
      },
      topics: ['signals', 'orders', 'fills'],
    })
  }

  accept(): Act<AcceptTerms, SetupState> {
    return this.#said((req) => this.#api.setup.accept(req))
  }

  finish(): Act<void, SetupState> {
    return this.#said(() => this.#api.setup.finish())
  }

  putOff(): Act<void, SetupState> {
    return this.#said(() => this.#api.setup.putOff())
  }

  /** The answer of each is how the steps stand then. */
  #said<Request>(work: (req: Request) => Promise<SetupState>): Act<Request, SetupState> {
    return new Act(async (req) => {
      const state = await work(req)
      this.state.put(state)
      return state
    })
  }
}
