import type {
  Api,
  ExportedSecrets,
  ExportSecrets,
  ImportReport,
  ImportSecrets,
  Receipt,
  RotateVault,
  SealVault,
  SecretList,
  SecretName,
  SecretRow,
  SetSecret,
  UnlockVault,
  VaultState,
} from '$lib/api'
import type { Act } from './act.svelte'
import { actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The vault and what is in it, never a value. Each deed reads it again and keeps nothing of what it was given. */
export class SecretsStore {
  readonly list: Resource<SecretList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.secrets.list(),
      topics: ['health'],
      gap: 1000,
      // Another command may change the vault without a hint.
      every: 10_000,
    })
  }

  get vault(): VaultState | undefined {
    return this.list.data?.vault
  }

  /** Those that are set first, each in the order of the program. */
  get rows(): SecretRow[] | undefined {
    const items = this.list.data?.items
    return items && [...items.filter((row) => row.set), ...items.filter((row) => !row.set)]
  }

  set(): Act<SetSecret, Receipt> {
    return actAndRead(this.list, (req) => this.#api.secrets.set(req))
  }

  delete(): Act<SecretName, Receipt> {
    return actAndRead(this.list, (req) => this.#api.secrets.delete(req))
  }

  lock(): Act<void, VaultState> {
    return actAndRead(this.list, () => this.#api.secrets.lock())
  }

  unlock(): Act<UnlockVault, VaultState> {
    return actAndRead(this.list, (req) => this.#api.secrets.unlock(req))
  }

  seal(): Act<SealVault, VaultState> {
    return actAndRead(this.list, (req) => this.#api.secrets.seal(req))
  }

  rotate(): Act<RotateVault, VaultState> {
    return actAndRead(this.list, (req) => this.#api.secrets.rotate(req))
  }

  export(): Act<ExportSecrets, ExportedSecrets> {
    return actAndRead(this.list, (req) => this.#api.secrets.export(req))
  }

  import(): Act<ImportSecrets, ImportReport> {
    return actAndRead(this.list, (req) => this.#api.secrets.import(req))
  }
}
