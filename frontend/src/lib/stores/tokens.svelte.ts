import type { Api, CreateToken, NewToken, Receipt, TokenList, TokenName } from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The keys of dashboards and scripts, and what can be done with one. Each deed reads the list again. */
export class TokensStore {
  readonly list: Resource<TokenList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.tokens.list(),
      topics: [],
      // Nobody hints at a token that is used.
      every: 10_000,
    })
  }

  create(): Act<CreateToken, NewToken> {
    return actAndRead(this.list, (req) => this.#api.tokens.create(req))
  }

  revoke(): Act<TokenName, Receipt> {
    return actAndRead(this.list, (req) => this.#api.tokens.revoke(req))
  }
}
