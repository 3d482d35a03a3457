/** What a scope lets a token do, in a few words and in full. */
export const scopes = {
  read: {
    label: 'Read',
    may: 'looks',
    full: 'It reads every page and the metrics: positions, orders, fills, settings. It changes nothing.',
  },
  trade: {
    label: 'Read and trade',
    may: 'looks and trades',
    full: 'It also sends alerts, which trade, closes and cancels, repairs what differs, and halts.',
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
