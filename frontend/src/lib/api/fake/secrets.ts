import type { Api } from '../index'
import type { ImportedSecret, SecretRow, VaultState } from '../types.gen'
import type { Answer } from './made'
import { done, fault } from './made'

/** How the made-up vault is sealed; locked is one that is sealed by a passphrase, and shut. */
export type VaultStory = 'file' | 'keychain' | 'passphrase' | 'locked'

/** What opens the made-up vault and every made-up export. */
export const madeUpWords = 'four random words here'

const atOnce = 'at once'
const atTunnelStart = 'when the tunnel starts next; `hoox tunnel retry` has one that is down try now'
const unused = 'never: nothing in this version uses a secret of this name'

const row = (name: string, help: string, hint = '', source = ''): SecretRow => ({
  ...{ name, help, hint, fixed: name === 'INSTALL_KEY' },
  ...{ set: source !== '' || hint !== '', source: source || (hint === '' ? '' : 'vault') },
  takesEffect:
    source === 'environment' ? `after a restart without HOOX_SECRET_${name} in the environment` : effectOf(name),
})

function effectOf(name: string): string {
  if (name === 'INSTALL_KEY') return 'never: it is made once'
  if (name === 'INTERNAL_KEY_BINDING') return 'after a restart'
  if (name.startsWith('TUNNEL_')) return atTunnelStart
  return name.includes('_API_') ? atOnce : unused
}

const known = (): SecretRow[] => [
  row('WEBHOOK_API_KEY', 'the key that every alert must carry', '9f2c'),
  row(
    'INTERNAL_KEY_BINDING',
    'the key of the control interface; `hoox token rotate` makes another at once',
    '',
    'vault',
  ),
  row('INSTALL_KEY', 'seeds every order id; made once', '', 'vault'),
  row('BYBIT_TESTNET_API_KEY', 'API key of bybit, testnet', 'k3vf'),
  row('BYBIT_TESTNET_API_SECRET', 'secret of the API key of bybit, testnet', '', 'vault'),
  row('BYBIT_API_KEY', 'API key of bybit, live', 'Qz81', 'environment'),
  row('BYBIT_API_SECRET', 'secret of the API key of bybit, live', '', 'environment'),
  row('BINANCE_TESTNET_API_KEY', 'API key of binance, testnet'),
  row('BINANCE_TESTNET_API_SECRET', 'secret of the API key of binance, testnet'),
  row('BINANCE_API_KEY', 'API key of binance, live'),
  row('BINANCE_API_SECRET', 'secret of the API key of binance, live'),
  row('MEXC_API_KEY', 'API key of mexc, live'),
  row('MEXC_API_SECRET', 'secret of the API key of mexc, live'),
  row('TUNNEL_CLOUDFLARED_TOKEN', 'token of a cloudflared tunnel that has a hostname', '', 'vault'),
  row('TUNNEL_NGROK_AUTHTOKEN', 'authtoken of an ngrok tunnel'),
  row('TUNNEL_SSH_KEY', 'private key of an ssh tunnel, unless ssh_key_file names one'),
  row('TUNNEL_SSH_PASSPHRASE', 'passphrase of that private key, if it has one'),
  row('TUNNEL_COMMAND_TOKEN', "what a tunnel's command gets in the variable that token_env names"),
  row('BYBIT_API_KEY_SWING', 'API key of bybit, live, account swing', 'm0Pt'),
  row('NEWSLETTER_TOKEN', '', '', 'vault'),
]

const words: Record<string, string> = {
  file: 'sealed by a random key in vault.key beside the vault, readable by you only: whoever copies both files has the secrets',
  keychain: 'sealed by a key in the keychain of this system',
  passphrase: 'sealed by your passphrase (Argon2id)',
}

const better =
  'seal it by the keychain of this system or by a passphrase, on the Secrets page or with `hoox vault seal keychain` or `hoox vault seal passphrase`'

const stateOf = (kind: string, locked = false): VaultState => ({
  ...{ kind, locked, waitSeconds: 0 },
  detail: locked ? `locked; it is ${words[kind]}` : (words[kind] ?? ''),
  fix: locked ? 'unlock it, here or with `hoox vault unlock`' : kind === 'file' ? better : '',
})

const imported = (): ImportedSecret[] => [
  { name: 'BINANCE_API_KEY', what: 'new' },
  { name: 'BINANCE_API_SECRET', what: 'new' },
  { name: 'BYBIT_TESTNET_API_KEY', what: 'same' },
  { name: 'INSTALL_KEY', what: 'kept' },
  { name: 'WEBHOOK_API_KEY', what: 'differs' },
]

/** The vault, made up: names, and never a value. */
export function secretsFake(
  answer: Answer,
  empty: boolean,
  story: VaultStory,
  changed: () => void,
): Pick<Api, 'secrets'> {
  let state = story === 'locked' ? stateOf('passphrase', true) : stateOf(story)
  let items = known().map((one, n) => (empty && n > 2 ? { ...one, set: false, source: '', hint: '' } : one))
  let wrong = 0

  const open = () => {
    if (state.locked)
      throw fault('unavailable', 'the vault is locked: unlock it on the Secrets page or with `hoox vault unlock`')
  }
  const became = (next: VaultState) => {
    state = next
    changed()
    return state
  }
  const long = (passphrase: string) => {
    if (passphrase.length < 8)
      throw fault(
        'invalid',
        'passphrase: a passphrase has at least 8 characters; four random words are a good one',
        'passphrase',
      )
  }
  const prove = (passphrase: string) => {
    if (state.kind !== 'passphrase' || passphrase === madeUpWords) return
    wrong += 1
    throw wrong > 5
      ? fault('limited', `${wrong} wrong passphrases: wait 5s before the next try`)
      : fault('unauthorized', 'the passphrase does not open the vault')
  }
  const put = (name: string, source: string, hint: string) => {
    const was = items.find((one) => one.name === name) ?? row(name, '')
    const next = { ...was, set: source !== '', source, hint }
    items = items.includes(was) ? items.map((one) => (one === was ? next : one)) : [...items, next]
    changed()
  }

  return {
    secrets: {
      list: () =>
        answer('Secrets.List', () => ({
          items: state.locked ? items.map((one) => ({ ...one, hint: '' })) : items,
          vault: state,
        })),
      set: ({ name, value }) =>
        answer('Secrets.Set', () => {
          open()
          if (!/^[A-Z][A-Z0-9_]{1,63}$/.test(name))
            throw fault('invalid', "name: a secret's name has capitals, digits and _, such as BYBIT_API_KEY", 'name')
          if (value.length > 8192) throw fault('invalid', 'value: a secret has 1 to 8192 bytes', 'value')
          put(name, 'vault', name.includes('API_KEY') ? value.slice(-4) : '')
          return done(`${name} is in the vault`)
        }),
      delete: ({ name }) =>
        answer('Secrets.Delete', () => {
          open()
          put(name, '', '')
          return done(`${name} is deleted`)
        }),
      lock: () => answer('Secrets.Lock', () => became(stateOf(state.kind, true))),
      unlock: ({ passphrase }) => answer('Secrets.Unlock', () => (prove(passphrase), became(stateOf(state.kind)))),
      seal: ({ kind, passphrase, current }) =>
        answer('Secrets.Seal', () => {
          open()
          if (kind === 'passphrase') long(passphrase)
          prove(current)
          return became(stateOf(kind))
        }),
      rotate: ({ current }) => answer('Secrets.Rotate', () => (open(), prove(current), became(state))),
      export: ({ passphrase, current }) =>
        answer('Secrets.Export', () => {
          long(passphrase)
          prove(current)
          open()
          const text = '-----BEGIN AGE ENCRYPTED FILE-----\nbWFkZSB1cA==\n-----END AGE ENCRYPTED FILE-----\n'
          return { file: 'hoox-secrets-20261122-120000.age', text, count: items.filter((one) => one.set).length }
        }),
      import: ({ text, passphrase, merge }) =>
        answer('Secrets.Import', () => {
          open()
          if (!text.startsWith('-----BEGIN AGE'))
            throw fault(
              'invalid',
              'text: this is no export of a vault: it begins with "-----BEGIN AGE ENCRYPTED FILE-----"',
              'text',
            )
          if (passphrase !== madeUpWords)
            throw fault('unauthorized', 'the passphrase does not open this export, or the export is damaged')
          const all = imported()
          const stored = all.filter(({ what }) => what === 'new' || (merge === 'replace' && what === 'differs'))
          if (merge !== 'look')
            for (const { name } of stored) put(name, 'vault', name.includes('API_KEY') ? 'x9Lm' : '')
          return { items: all, changed: merge === 'look' ? 0 : stored.length }
        }),
    },
  }
}
