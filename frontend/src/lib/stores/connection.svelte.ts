import type { Hint, Link, Transport } from '$lib/api'

/** Why a store is told to read again: one subject changed, or something may have been missed. */
export type Cause = 'hint' | 'all'

interface Listener {
  topics: readonly string[]
  read: (cause: Cause) => void
}

/**
 * The line to the program. Hints carry no truth: a store that listens reads its subject again. After a gap in the
 * numbers, a reconnect or the window coming back to the front, every store reads again.
 */
export class Connection {
  link = $state<Link>('connecting')
  /** How often numbers were missing since the page opened. */
  gaps = $state(0)

  #listen: Transport['listen']
  #listeners = new Set<Listener>()
  #seq: number | undefined

  constructor(listen: Transport['listen']) {
    this.#listen = listen
  }

  get down(): boolean {
    return this.link === 'lost' || this.link === 'signed-out'
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    const stop = this.#listen(
      (hint) => this.#heard(hint),
      (link) => this.#linked(link),
    )
    const back = () => {
      if (document.visibilityState === 'visible') this.readAll()
    }
    window.addEventListener('focus', back)
    document.addEventListener('visibilitychange', back)
    return () => {
      stop()
      window.removeEventListener('focus', back)
      document.removeEventListener('visibilitychange', back)
    }
  }

  /** Calls read when one of the topics changed or anything may have been missed. */
  on(topics: readonly string[], read: (cause: Cause) => void): () => void {
    const listener = { topics, read }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The program said that this browser is not signed in. */
  signedOut(): void {
    this.link = 'signed-out'
  }

  readAll(): void {
    for (const { read } of [...this.#listeners]) read('all')
  }

  #heard(hint: Hint): void {
    const before = this.#seq
    if (hint.seq === before) return
    this.#seq = hint.seq
    if (before !== undefined && hint.seq !== before + 1) {
      this.gaps += 1
      this.readAll()
      return
    }
    for (const { topics, read } of [...this.#listeners]) if (topics.includes(hint.topic)) read('hint')
  }

  #linked(link: Link): void {
    if (this.link === 'signed-out') return
    this.link = link
    if (link !== 'open') return
    this.#seq = undefined
    this.readAll()
  }
}
