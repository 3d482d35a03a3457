/** What a scope lets a token do, in a few words and in full. */
export const scopes = {
  read: {
    label: 'Read',
    may: 'looks',
    full: 'It looks at everything but secrets, sessions and tokens, reads the metrics, and changes nothing.',
  },
  trade: {
    label: 'Read and trade',
    may: 'looks and trades',
    full: 'It looks too, and closes, cancels, repairs what differs, halts, and sends alerts, which trade.',
  },
} as const

export type Scope = keyof typeof scopes

export function mayWords(scope: string): string {
  return scope in scopes ? scopes[scope as Scope].may : scope
}

/** What no token may do. */
export const never = 'Limits, settings, modes, secrets, keys, strategies and releasing a halt are for neither.'

/** Who made it. */
export function makerWords(actor: string): string {
  return { cli: 'terminal', '': 'window' }[actor] ?? actor
}
