import type { Api, ConfirmAddress, Receipt, SetSetting, TrustHost, TunnelState } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'
import type { SettingsStore } from './settings.svelte'

const impatient = 5000

/** The way from the internet to the gateway, and what a person can do about it. Each deed reads it again. */
export class TunnelStore {
  readonly state: Resource<TunnelState>
  #api: Api
  #settings: SettingsStore

  constructor(api: Api, connection: Connection, settings: SettingsStore) {
    this.#api = api
    this.#settings = settings
    this.state = new Resource({
      connection,
      read: () => api.tunnel.get(),
      topics: ['health', 'settings'],
      gap: 1000,
      every: 30_000,
    })
  }

  /** Reads it often: for as long as it is not up, when every second counts. */
  hurry(): () => void {
    const timer = setInterval(() => void this.state.refresh(), impatient)
    return () => clearInterval(timer)
  }

  confirm(): Act<ConfirmAddress, Receipt> {
    return actAndRead(this.state, (req) => this.#api.tunnel.confirm(req))
  }

  trust(): Act<TrustHost, Receipt> {
    return actAndRead(this.state, (req) => this.#api.tunnel.trustHost(req))
  }

  forget(): Act<void, Receipt> {
    return actAndRead(this.state, () => this.#api.tunnel.forgetHost())
  }

  retry(): Act<void, Receipt> {
    return actAndRead(this.state, () => this.#api.tunnel.retry())
  }

  /** Sets one after the other and stops at the first that is refused: its key is the field of the fault, which also says what was saved before. */
  save(): Act<SetSetting[], { reason: string }> {
    return actAndRead(this.state, async (changes) => {
      for (const [n, change] of changes.entries()) await this.#set(change, changes.slice(0, n))
      return { reason: '' }
    })
  }

  async #set(change: SetSetting, saved: SetSetting[]): Promise<void> {
    const act = this.#settings.change()
    await act.run(change)
    if (!act.fault) return
    const { kind, message, ref } = act.fault
    const before = saved.map((one) => `${one.key} is ${one.value || 'empty'}`).join(', ')
    throw new ApiFault({
      kind,
      message: before ? `${message}. Saved before that: ${before}` : message,
      ref,
      field: change.key,
    })
  }
}
