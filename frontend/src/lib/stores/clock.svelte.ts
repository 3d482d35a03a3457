import { millis } from '$lib/format/time'

/** The program's clock, so that ages are right even when the browser's is not. Ticks once a second. */
export class Clock {
  now = $state(Date.now())
  #offset = 0

  /** The program said what time it is. */
  set(at: string): void {
    const theirs = millis(at)
    if (theirs === undefined) return
    const offset = theirs - Date.now()
    if (Math.abs(offset - this.#offset) > 500) this.#offset = offset
    this.#tick()
  }

  /** A time of this page's clock on the program's. */
  fromPage(ms: number): number {
    return ms + this.#offset
  }

  start(): () => void {
    const timer = setInterval(() => this.#tick(), 1000)
    return () => clearInterval(timer)
  }

  #tick(): void {
    this.now = Date.now() + this.#offset
  }
}
