import type { AccountCard } from '$lib/api'

/** What a person asked to do with an account. */
export interface Deed {
  what: 'keys' | 'test' | 'canary' | 'setup' | 'enable' | 'remove'
  card: AccountCard
}
