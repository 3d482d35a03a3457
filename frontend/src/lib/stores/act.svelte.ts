import { untrack } from 'svelte'
import type { ApiFault } from '$lib/api/fault'
import { faultOf } from '$lib/api/fault'

/** One deed that a person asked for: on its way, done or failed. Nothing is shown as done before the answer. */
export class Act<Request, Answer> {
  busy = $state(false)
  fault = $state.raw<ApiFault | undefined>()
  answer = $state.raw<Answer | undefined>()
  #work: (req: Request) => Promise<Answer>

  constructor(work: (req: Request) => Promise<Answer>) {
    this.#work = work
  }

  /** Does it, once at a time; undefined when it failed or one is on its way. */
  async run(req: Request): Promise<Answer | undefined> {
    // An effect that runs it must not run again when it ends.
    if (untrack(() => this.busy)) return undefined
    this.busy = true
    this.fault = undefined
    this.answer = undefined
    try {
      this.answer = await this.#work(req)
      return this.answer
    } catch (thrown) {
      this.fault = faultOf(thrown)
      return undefined
    } finally {
      this.busy = false
    }
  }

  clear(): void {
    this.fault = undefined
    this.answer = undefined
  }
}

/** A deed after which what it was about is read again, whatever became of it. */
export function actAndRead<Request, Answer>(
  of: { refresh: () => unknown },
  work: (req: Request) => Promise<Answer>,
): Act<Request, Answer> {
  return new Act(async (req) => {
    try {
      return await work(req)
    } finally {
      void of.refresh()
    }
  })
}
