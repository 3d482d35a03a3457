import type { Api } from '../index'
import type { SecretRow, VaultState } from '../types.gen'
import type { Answer } from './made'
import { done, fault } from './made'

const row = (name: string, hint: string, help: string): SecretRow => ({
  ...{ name, set: hint !== '', source: hint === '' ? '' : 'vault', hint, help, fixed: false, takesEffect: 'at once' },
})

/** The vault, made up: names, and never a value. */
export function secretsFake(answer: Answer, empty: boolean): Pick<Api, 'secrets'> {
  let state: VaultState = {
    kind: 'file',
    locked: false,
    detail: 'sealed by a random key beside the vault',
    fix: '',
    waitSeconds: 0,
  }
  let items = empty
    ? []
    : [row('WEBHOOK_API_KEY', '8lx0', 'opens the gateway'), row('BYBIT_API_KEY', 'k3vf', 'the key at Bybit')]
  const open = () => {
    if (state.locked) throw fault('unavailable', 'the vault is locked')
  }
  const became = (change: Partial<VaultState>) => (state = { ...state, ...change })

  return {
    secrets: {
      list: () => answer('Secrets.List', () => ({ items, vault: state })),
      set: (req) =>
        answer('Secrets.Set', () => {
          open()
          items = [...items.filter((s) => s.name !== req.name), row(req.name, req.value.slice(-4), '')]
          return done()
        }),
      delete: (req) =>
        answer('Secrets.Delete', () => (open(), (items = items.filter((s) => s.name !== req.name)), done())),
      lock: () => answer('Secrets.Lock', () => became({ locked: true })),
      unlock: () => answer('Secrets.Unlock', () => became({ locked: false })),
      seal: (req) => answer('Secrets.Seal', () => (open(), became({ kind: req.kind }))),
      rotate: () => answer('Secrets.Rotate', () => (open(), state)),
      export: () => answer('Secrets.Export', () => (open(), { file: 'secrets.age', text: '', count: items.length })),
      import: () => answer('Secrets.Import', () => (open(), { items: [], changed: 0 })),
    },
  }
}
