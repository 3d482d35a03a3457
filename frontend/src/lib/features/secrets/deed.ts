import type { SecretRow } from '$lib/api'

/** What a person asked for; set without a row is a secret that is still to be named. */
export type Deed = { what: 'set'; row?: SecretRow } | { what: 'delete'; row: SecretRow } | { what: 'export' | 'import' }
