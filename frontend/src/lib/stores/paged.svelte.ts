import { untrack } from 'svelte'
import type { ApiFault } from '$lib/api/fault'
import { faultOf } from '$lib/api/fault'
import type { Cause, Connection } from './connection.svelte'
import { Throttle } from './throttle'

export interface Page<T> {
  items: T[]
  next: string
}

export interface PagedOptions<T> {
  connection: Connection
  read: (cursor: string, limit: number) => Promise<Page<T>>
  id: (row: T) => string
  topics: readonly string[]
  pageSize?: number
}

const largest = 500
const settle = 2000

/**
 * A list that is read page by page, newest first. Rows that were loaded stay loaded: a refresh reads the newest page
 * and merges it by id, so whoever has scrolled down keeps the place.
 */
export class PagedList<T> {
  items = $state.raw<T[]>([])
  error = $state.raw<ApiFault | undefined>()
  busy = $state(false)
  loadingMore = $state(false)
  /** Whether the first answer came. */
  ready = $state(false)
  at = $state(0)
  #next = $state('')

  #options: PagedOptions<T>
  #throttle: Throttle
  #users = 0
  #off: (() => void) | undefined
  #settling: ReturnType<typeof setTimeout> | undefined
  #turn = 0
  #again = false
  #deep = false

  constructor(options: PagedOptions<T>) {
    this.#options = options
    this.#throttle = new Throttle(() => void this.refresh(), 250)
  }

  /** The rows once the first answer came: the shape the Async component wants. */
  get data(): T[] | undefined {
    return this.ready ? this.items : undefined
  }

  get hasMore(): boolean {
    return this.#next !== ''
  }

  get stale(): boolean {
    return this.ready && (this.error !== undefined || this.#options.connection.down)
  }

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

  /** Reads the newest page, or (deep) everything that is loaded, and merges it. */
  async refresh(deep = this.#deep): Promise<void> {
    // An effect that refreshes must not run again when the answer comes.
    if (untrack(() => this.busy || this.loadingMore)) {
      this.#again = true
      this.#deep ||= deep
      return
    }
    this.#deep = false
    const loaded = untrack(() => this.items.length)
    const limit = deep ? Math.min(largest, Math.max(this.#pageSize, loaded)) : this.#pageSize
    this.busy = true
    await this.#reading(async (turn) => {
      const page = await this.#options.read('', limit)
      if (turn === this.#turn) this.#merge(page)
    })
    this.busy = false
    this.#followUp()
  }

  /** Reads the next older page and adds it. */
  async more(): Promise<void> {
    if (untrack(() => this.busy || this.loadingMore || !this.hasMore)) return
    this.loadingMore = true
    await this.#reading(async (turn) => {
      const page = await this.#options.read(this.#next, this.#pageSize)
      if (turn !== this.#turn) return
      const known = new Set(this.items.map(this.#options.id))
      this.items = [...this.items, ...page.items.filter((row) => !known.has(this.#options.id(row)))]
      this.#next = page.next
    })
    this.loadingMore = false
    this.#followUp()
  }

  /** Forgets every row: the question has changed. */
  reset(): void {
    this.#turn += 1
    this.items = []
    this.#next = ''
    this.ready = false
    this.error = undefined
    if (this.#users > 0) void this.refresh()
  }

  get #pageSize(): number {
    return this.#options.pageSize ?? 50
  }

  #merge(page: Page<T>): void {
    const id = this.#options.id
    const fresh = new Set(page.items.map(id))
    let last = -1
    this.items.forEach((row, index) => {
      if (fresh.has(id(row))) last = index
    })
    // Without an overlap there may be rows in between that nobody has read: what is older is read again by scrolling.
    const older = page.next === '' || last < 0 ? [] : this.items.slice(last + 1)
    this.items = [...page.items, ...older]
    if (older.length === 0) this.#next = page.next
  }

  async #reading(work: (turn: number) => Promise<void>): Promise<void> {
    const turn = this.#turn
    try {
      await work(turn)
      if (turn !== this.#turn) return
      this.error = undefined
      this.ready = true
      this.at = Date.now()
    } catch (thrown) {
      if (turn !== this.#turn) return
      this.error = faultOf(thrown)
      if (this.error.kind === 'unauthorized') this.#options.connection.signedOut()
    } finally {
      if (turn !== this.#turn) this.#again = true
    }
  }

  #followUp(): void {
    if (!this.#again || this.#users === 0) return
    this.#again = false
    this.#throttle.ask()
  }

  /** Rows further down may have changed too: they are read again once the hints pause. */
  #heard(cause: Cause): void {
    this.#deep ||= cause === 'all'
    this.#throttle.ask()
    if (cause === 'all' || this.items.length <= this.#pageSize) return
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => void this.refresh(true), settle)
  }

  #begin(): void {
    const off = this.#options.connection.on(this.#options.topics, (cause) => this.#heard(cause))
    this.#off = () => {
      off()
      this.#throttle.cancel()
      clearTimeout(this.#settling)
    }
    void this.refresh()
  }

  #end(): void {
    this.#off?.()
    this.#off = undefined
  }
}
