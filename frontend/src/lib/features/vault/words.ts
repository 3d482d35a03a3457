import type { ImportedSecret, VaultState } from '$lib/api'

const seals: Record<string, string> = {
  keychain: 'the keychain of this system',
  passphrase: 'your passphrase',
  file: 'a key file beside it',
}

/** What seals the vault: "the keychain of this system". */
export function sealWords(kind: string): string {
  return seals[kind] ?? kind
}

/** What a copy of the vault that was made before opens by, once the vault has new keys under the same seal. */
export function oldCopies(kind: string): string[] {
  if (kind === 'passphrase')
    return ['An old copy of vault.json still opens with this passphrase: if somebody may know it, seal by another one.']
  return [
    'An old copy of vault.json opens no more with the key that is kept then.',
    'A copy that was made together with its key still opens: if you fear that, change the keys at the exchange.',
  ]
}

/** Whether somebody could read the secrets: no, only so far, or yes. */
export interface Reader {
  who: string
  tone: 'good' | 'warn' | 'bad'
  could: string
}

const folder: Record<string, Reader['tone']> = { keychain: 'good', passphrase: 'good', file: 'bad' }
const copied: Record<string, string> = {
  keychain: 'Has nothing: the key is in the keychain, not in the folder.',
  passphrase: 'Must guess your passphrase; every guess takes 64 MiB of memory and a moment.',
  file: 'Has every secret: the key lies beside the vault, in vault.key. Seal it another way.',
}

/** Who could come near the secrets, and what each of them would have. */
export function readers({ kind, locked }: Pick<VaultState, 'kind' | 'locked'>): Reader[] {
  return [
    { who: 'Whoever copies the data folder', tone: folder[kind] ?? 'bad', could: copied[kind] ?? 'Not known.' },
    { who: 'Whoever sits at this window', ...atTheWindow(kind, locked) },
    {
      who: 'A program that runs as you',
      tone: 'bad',
      could: 'Reads what you can read, the memory of this program included. No seal helps against it.',
    },
    {
      who: 'Logs, backups, support bundles',
      tone: 'good',
      could: 'Hold none. Pages show a name, where it comes from, and of an API key its last four characters.',
    },
  ]
}

function atTheWindow(kind: string, locked: boolean): Omit<Reader, 'who'> {
  if (kind === 'passphrase')
    return locked
      ? { tone: 'good', could: 'Sees names, and no value, until your passphrase is typed.' }
      : {
          tone: 'warn',
          could: 'Can read the webhook key on Alerts. Export, new keys and another seal want your passphrase.',
        }
  return locked
    ? { tone: 'warn', could: 'Sees names, and no value. Unlock asks the keychain, which may open without a word.' }
    : {
        tone: 'warn',
        could: 'Can read the webhook key on Alerts, and export the rest under a passphrase of their own.',
      }
}

/** What an import would do to a secret; with done, what it did. replace is whether what differs is replaced. */
export function importWords(
  { what }: ImportedSecret,
  replace: boolean,
  done = false,
): { tone: 'good' | 'warn' | 'neutral'; text: string } {
  switch (what) {
    case 'new':
      return { tone: 'good', text: done ? 'was added' : 'is added' }
    case 'differs':
      return replace
        ? { tone: 'warn', text: done ? 'was replaced' : 'is replaced: another value is set here' }
        : { tone: 'neutral', text: 'stays: another value is set here' }
    case 'same':
      return { tone: 'neutral', text: 'is the same already' }
    case 'kept':
      return { tone: 'neutral', text: 'stays: every order id so far came from it' }
    default:
      return { tone: 'warn', text: what }
  }
}

/** How many secrets an import would store. */
export function stores(items: readonly ImportedSecret[], replace: boolean): number {
  return items.filter(({ what }) => what === 'new' || (replace && what === 'differs')).length
}

/** What the program said about one field of a form, "" for nothing. A wrong passphrase names no field. */
export function faultAt(
  fault: { kind: string; message: string; field: string } | undefined,
  field: string,
  passphrase = '',
): string {
  if (!fault) return ''
  if (fault.field === field) return fault.message.replace(`${field}: `, '')
  const wrong = fault.field === '' && ['unauthorized', 'limited'].includes(fault.kind)
  return wrong && field === passphrase ? fault.message : ''
}
