import { ApiFault, faultOf } from './fault'
import type { Transport } from './transport'
import type { Hint } from './types.gen'

const slowest = 30_000

type Bound = Record<string, Record<string, (req: object) => Promise<unknown>>>

/** What the window puts on `window`. */
export interface WindowHost {
  go: { app: Bound }
  runtime: {
    EventsOn<Data = Hint>(name: string, fn: (data: Data) => void): () => void
    EventsEmit(name: string, ...data: string[]): void
  }
}

/** The window's bindings, or undefined in a browser. */
export function windowHost(): WindowHost | undefined {
  const host = window as unknown as Partial<WindowHost>
  return host.go?.app && host.runtime ? (host as WindowHost) : undefined
}

export function wailsTransport(host: WindowHost): Transport {
  return {
    async call<Answer>(service: string, method: string, req: object): Promise<Answer> {
      const bound = host.go.app[service]?.[method]
      if (!bound) throw faultOf(`this window does not know ${service}.${method}`)
      try {
        return (await inTime(bound(req))) as Answer
      } catch (thrown) {
        throw faultOf(thrown)
      }
    },

    listen(hint, link) {
      const off = host.runtime.EventsOn('hint', hint)
      link('open')
      return off
    },
  }
}

/** A call whose answer is lost would never settle, and its store would wait for ever. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const fault = { kind: 'unknown', message: 'the program did not answer in 30 s', ref: '', field: '' }
    timer = setTimeout(() => reject(new ApiFault(fault)), slowest)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Sends errors of the page to the program's log: nobody sees the console of a window. */
export function forwardErrors(host: WindowHost): void {
  const log = (what: unknown) =>
    host.runtime.EventsEmit('page-error', what instanceof Error ? `${what.message}\n${what.stack ?? ''}` : String(what))
  window.addEventListener('error', (event) => log(event.error ?? event.message))
  window.addEventListener('unhandledrejection', (event) => log(event.reason))
}

/** Tells the program once the page is on the screen: two frames after it was mounted. */
export function tellPainted(host: WindowHost): void {
  requestAnimationFrame(() => requestAnimationFrame(() => host.runtime.EventsEmit('painted')))
}
