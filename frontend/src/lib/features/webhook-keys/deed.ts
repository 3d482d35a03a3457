import type { WebhookKeyRow } from '$lib/api'

/** What a person asked to do with a key. */
export type Deed = { what: 'make' } | { what: 'look' | 'change' | 'rotate' | 'revoke'; row: WebhookKeyRow }
