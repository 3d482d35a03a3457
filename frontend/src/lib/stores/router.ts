import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

/** Where the page is: "#/signals/sig-1?symbol=BTCUSDT" is {name: 'signals', id: 'sig-1', query}. */
export interface Route {
  name: string
  id: string
  query: URLSearchParams
}

const subscribe = createSubscriber((update) => on(window, 'hashchange', update))

/** The current route; reading it in a component follows it. */
export function route(): Route {
  subscribe()
  return parseRoute(window.location.hash)
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [name = '', id = ''] = path.split('/', 2).map(decoded)
  return { name: name || 'overview', id, query: new URLSearchParams(query) }
}

/** The address of a page, for links. */
export function href(name: string, id = '', query: Record<string, string> = {}): string {
  const wanted = Object.entries(query).filter(([, value]) => value !== '')
  const search = wanted.length > 0 ? `?${new URLSearchParams(wanted)}` : ''
  return `#/${name}${id && `/${encodeURIComponent(id)}`}${search}`
}

export function go(name: string, id = '', query: Record<string, string> = {}): void {
  window.location.hash = href(name, id, query)
}

/** Goes there in the place of the page that is open: back does not lead to that one again. */
export function goInstead(name: string, id = ''): void {
  window.location.replace(href(name, id))
}

/** The address asks for no page. */
export function atRest(): boolean {
  return ['', '#', '#/'].includes(window.location.hash)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
