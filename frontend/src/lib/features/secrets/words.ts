import type { SecretRow } from '$lib/api'

/** The one that is a text of several lines. */
export const severalLines = (name: string) => name === 'TUNNEL_SSH_KEY'

/** The variable that wins for one run. */
export const variable = (name: string) => `HOOX_SECRET_${name}`

/** The shortest webhook key that cannot be guessed. The program takes no shorter internal key at all. */
const shortest = 24

/** When another value of it counts, short enough for a column: "at once", "after a restart", "never". */
export function counts({ takesEffect }: Pick<SecretRow, 'takesEffect'>): string {
  return takesEffect.split(/[:;]| without /, 1)[0] ?? ''
}

/** What uses a secret. */
type Use = 'webhook' | 'control' | 'exchange' | 'tunnel' | 'nothing' | 'other'

function useOf({ name, help }: Pick<SecretRow, 'name' | 'help'>): Use {
  if (name === 'WEBHOOK_API_KEY') return 'webhook'
  if (name === 'INTERNAL_KEY_BINDING') return 'control'
  // The program has words for whatever it uses.
  if (help === '') return 'nothing'
  if (/_API_(KEY|SECRET)(_|$)/.test(name)) return 'exchange'
  return name.startsWith('TUNNEL_') ? 'tunnel' : 'other'
}

/** It is a key that an account signs its orders with. */
export const isExchange = (row: Pick<SecretRow, 'name' | 'help'>) => useOf(row) === 'exchange'

/** Where it comes from. */
export function sourceWords({ set, source }: Pick<SecretRow, 'set' | 'source'>): string {
  return set ? source : 'not set'
}

/** Why it can be neither set nor deleted, "" when it can. */
export function noSet(row: Pick<SecretRow, 'fixed'>, locked: boolean): string {
  if (row.fixed) return 'It is made once and seeds every order id'
  return locked ? 'Unlock the vault first' : ''
}

export function noDelete(row: SecretRow, locked: boolean): string {
  if (row.source === 'environment') return `This run has it from ${variable(row.name)}`
  return noSet(row, locked)
}

/** What stops once it is deleted, line by line. */
export function stops(row: Pick<SecretRow, 'name' | 'help'>): string[] {
  switch (useOf(row)) {
    case 'webhook':
      return [
        'Alerts that carry it are refused, closes too. Keys that you made on Access go on.',
        'Another master key is made at once; the Alerts page shows it. To change it without losing alerts, rotate it on Access.',
      ]
    case 'exchange':
      return [
        'Its account is disconnected: alerts for it are not carried out any more.',
        'While the account still holds positions or orders this is refused: nobody could close them.',
        'The key goes on working at the exchange. Delete it there too.',
      ]
    case 'tunnel':
      return ['A tunnel that is up goes on, and cannot start anew without it: then no alert comes in.']
    case 'control':
      return [
        'Another one is made, which counts after a restart. Until then everybody goes on with the one they have.',
        'To shut somebody out now, rotate it on Access.',
      ]
    case 'other':
      return [`Whatever it is for goes without it: ${row.help}.`]
    case 'nothing':
      return ['Nothing in this program uses it, so nothing stops.']
  }
}

/** What is odd about a secret that cannot be seen, "" for nothing. */
export function oddness(text: string, name: string): string {
  if (text === '') return ''
  if (text.trim() === '') return 'It has nothing but blanks.'
  if (/^[ \t]|[ \t]$/.test(text)) return 'It begins or ends with a blank.'
  if (name === 'WEBHOOK_API_KEY' && text.length < shortest)
    return 'So short it can be guessed by whoever finds the address: use 32 random characters or more.'
  return ''
}

/** What is sent: without the line break at its end, which an editor adds. */
export function sent(text: string): string {
  return text.replace(/\r?\n$/, '')
}
