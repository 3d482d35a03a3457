import type { Hint } from './types.gen'

export type Link = 'connecting' | 'open' | 'lost' | 'signed-out'

/** What differs between the window and the browser: how a call travels and how hints arrive. */
export interface Transport {
  call<Answer>(service: string, method: string, req: object): Promise<Answer>
  /** Calls hint for every hint and link for every change of the connection, until the returned function is called. */
  listen(hint: (hint: Hint) => void, link: (state: Link) => void): () => void
}
