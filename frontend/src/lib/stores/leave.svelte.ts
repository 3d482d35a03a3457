import type { Api, LeaveWindow, QuitSummary, Receipt, Shell, Wish } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** What happens when the window is to be closed: what stays at the exchanges, and the person's answer. */
export class LeaveStore {
  /** What was wanted of the window while nobody has answered, else "". */
  wish = $state<Wish | ''>('')
  readonly summary: Resource<QuitSummary>
  readonly answer: Act<LeaveWindow, Receipt>
  readonly shell: Shell | undefined

  constructor(api: Api, connection: Connection, shell: Shell | undefined) {
    this.shell = shell
    this.summary = new Resource({
      connection,
      read: () => api.desktop.quitSummary(),
      topics: ['positions', 'orders', 'settings'],
      every: 5000,
    })
    this.answer = new Act((req) => api.desktop.leave(req))
  }

  /** Listens to the window; the returned function stops it. */
  start(): () => void {
    return this.shell?.onLeave((wish) => this.#ask(wish)) ?? (() => undefined)
  }

  #ask(wish: Wish): void {
    this.answer.clear()
    this.summary.reset()
    this.wish = wish
  }

  stay(): void {
    this.wish = ''
    void this.answer.run({ how: 'stay', remember: false })
  }

  async hide(remember: boolean): Promise<void> {
    if (await this.answer.run({ how: 'hide', remember })) this.wish = ''
  }

  quit(remember: boolean): void {
    void this.answer.run({ how: 'quit', remember })
  }
}
