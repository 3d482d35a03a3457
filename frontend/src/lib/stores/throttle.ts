/** Runs work at once, then at most once every gap; a call in between runs when the gap is over. */
export class Throttle {
  #work: () => void
  #gap: number
  #last = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(work: () => void, gap: number) {
    this.#work = work
    this.#gap = gap
  }

  ask(): void {
    if (this.#timer !== undefined) return
    const wait = this.#last + this.#gap - performance.now()
    if (wait <= 0) this.#run()
    else this.#timer = setTimeout(() => this.#run(), wait)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #run(): void {
    this.#timer = undefined
    this.#last = performance.now()
    this.#work()
  }
}
