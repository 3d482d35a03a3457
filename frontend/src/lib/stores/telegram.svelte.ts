import type {
  Api,
  Authenticator,
  OfferPairing,
  PairingCode,
  Receipt,
  SecretList,
  SetSetting,
  SettingRow,
  SetTelegramRole,
  TelegramLine,
  TelegramState,
  TelegramUser,
  UploadContent,
  UploadID,
  UploadRow,
} from '$lib/api'
import { pageRequest } from '$lib/api'
import { Act, actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { PagedList } from './paged.svelte'
import { Resource } from './resource.svelte'
import type { SettingsStore } from './settings.svelte'

/** The vault's name of the bot's token. */
export const tokenName = 'TG_BOT_TOKEN_BINDING'

const impatient = 3000

/** The bot: how it is, who may talk to it, what was said, what was sent to it. Each deed reads again what it is about. */
export class TelegramStore {
  readonly state: Resource<TelegramState>
  /** Whether a token can be read and stored at all. */
  readonly secrets: Resource<SecretList>
  readonly log: PagedList<TelegramLine>
  readonly uploads: PagedList<UploadRow>
  #api: Api
  #settings: SettingsStore

  constructor(api: Api, connection: Connection, settings: SettingsStore) {
    this.#api = api
    this.#settings = settings
    this.state = new Resource({
      connection,
      read: () => api.telegram.get(),
      topics: ['chats', 'health', 'settings'],
      gap: 1000,
      every: 30_000,
    })
    this.secrets = new Resource({ connection, read: () => api.secrets.list(), topics: ['health'], gap: 5000 })
    this.log = new PagedList({
      connection,
      read: (cursor, limit) => api.telegram.log(pageRequest({ cursor, limit })),
      id: (line) => line.id,
      topics: ['chats'],
    })
    this.uploads = new PagedList({
      connection,
      read: (cursor, limit) => api.telegram.uploads(pageRequest({ cursor, limit })),
      id: (row) => row.id,
      topics: ['chats'],
    })
  }

  /** Starts reading all of it; the returned function stops it again. */
  watch(): () => void {
    const stops = [this.state.watch(), this.secrets.watch(), this.log.watch(), this.uploads.watch()]
    return () => stops.forEach((stop) => stop())
  }

  /** Reads how it is often: while a code waits to be used or the bot is on its way, every second counts. */
  hurry(): () => void {
    const timer = setInterval(() => void this.state.refresh(), impatient)
    return () => clearInterval(timer)
  }

  pair(): Act<OfferPairing, PairingCode> {
    return actAndRead(this.state, (req) => this.#api.telegram.pair(req))
  }

  withdraw(): Act<void, Receipt> {
    return actAndRead(this.state, () => this.#api.telegram.withdraw())
  }

  setRole(): Act<SetTelegramRole, Receipt> {
    return actAndRead(this.state, (req) => this.#api.telegram.setRole(req))
  }

  remove(): Act<TelegramUser, Receipt> {
    return actAndRead(this.state, (req) => this.#api.telegram.remove(req))
  }

  test(): Act<void, Receipt> {
    return actAndRead(this.log, () => this.#api.telegram.test())
  }

  /** Makes a secret for codes; the answer is the only time it is seen. */
  authenticator(): Act<void, Authenticator> {
    return actAndRead(this.state, () => this.#api.telegram.setUpAuthenticator())
  }

  open(): Act<UploadID, UploadContent> {
    return new Act((req) => this.#api.telegram.open(req))
  }

  drop(): Act<UploadID, Receipt> {
    return actAndRead(this.uploads, (req) => this.#api.telegram.drop(req))
  }

  /** Puts the token of the bot into the vault. */
  storeToken(): Act<string, Receipt> {
    return actAndRead(this.state, async (value) => {
      const receipt = await this.#api.secrets.set({ name: tokenName, value })
      void this.secrets.refresh()
      return receipt
    })
  }

  /** A change of one setting, which the list of settings shows at once. */
  set(): Act<SetSetting, SettingRow> {
    return actAndRead(this.state, async (req) => {
      const act = this.#settings.change()
      const row = await act.run(req)
      if (row) return row
      throw act.fault ?? new Error('no answer')
    })
  }
}
