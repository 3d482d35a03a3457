import { untrack } from 'svelte'
import type { ApiFault } from '$lib/api/fault'
import { faultOf } from '$lib/api/fault'
import type { Connection } from './connection.svelte'
import { Throttle } from './throttle'

export interface ResourceOptions<T> {
  connection: Connection
  read: () => Promise<T>
  /** Hints that make it read again. */
  topics: readonly string[]
  /** The least time between two reads after hints, in ms. */
  gap?: number
  /** Read again this often even without a hint, in ms; 0 never. */
  every?: number
}

/** One answer of the program, kept current while somebody looks at it. */
export class Resource<T> {
  data = $state.raw<T | undefined>()
  error = $state.raw<ApiFault | undefined>()
  busy = $state(false)
  /** When data came, by this page's clock in ms. */
  at = $state(0)

  #options: ResourceOptions<T>
  #throttle: Throttle
  #users = 0
  #off: (() => void) | undefined
  #turn = 0
  #again = false

  constructor(options: ResourceOptions<T>) {
    this.#options = options
    this.#throttle = new Throttle(() => void this.refresh(), options.gap ?? 250)
  }

  /** What is shown may no longer be true. */
  get stale(): boolean {
    return this.data !== undefined && (this.error !== undefined || this.#options.connection.down)
  }

  /** Starts reading; the returned function stops it again. For `$effect(() => resource.watch())`. */
  watch(): () => void {
    this.#users += 1
    if (this.#users === 1) untrack(() => this.#begin())
    let left = false
    return () => {
      if (left) return
      left = true
      this.#users -= 1
      if (this.#users === 0) this.#end()
    }
  }

  /** Reads now. A call while one is on its way makes one more read after it. */
  async refresh(): Promise<void> {
    // An effect that refreshes must not run again when the answer comes.
    if (untrack(() => this.busy)) {
      this.#again = true
      return
    }
    const turn = this.#turn
    this.busy = true
    try {
      const data = await this.#options.read()
      if (turn === this.#turn) this.put(data)
    } catch (thrown) {
      if (turn === this.#turn) this.#fail(faultOf(thrown))
    }
    if (turn !== this.#turn) return
    this.busy = false
    if (!this.#again) return
    this.#again = false
    this.#throttle.ask()
  }

  /** Takes an answer that came another way, such as the one of a change. */
  put(data: T): void {
    this.data = data
    this.error = undefined
    this.at = Date.now()
  }

  /** Forgets everything, also an answer on its way: the question has changed. */
  reset(): void {
    this.#turn += 1
    this.#again = false
    this.busy = false
    this.data = undefined
    this.error = undefined
    if (this.#users > 0) void this.refresh()
  }

  #fail(fault: ApiFault): void {
    this.error = fault
    if (fault.kind === 'unauthorized') this.#options.connection.signedOut()
  }

  #begin(): void {
    const { connection, topics, every = 0 } = this.#options
    const off = connection.on(topics, () => this.#throttle.ask())
    const timer = every > 0 ? setInterval(() => this.#throttle.ask(), every) : undefined
    this.#off = () => {
      off()
      clearInterval(timer)
      this.#throttle.cancel()
    }
    void this.refresh()
  }

  #end(): void {
    this.#off?.()
    this.#off = undefined
  }
}
