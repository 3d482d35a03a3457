import type {
  AccountCard,
  AccountChecks,
  AccountID,
  AccountList,
  AddAccount,
  Api,
  Canary,
  Checklist,
  EnableAccount,
  ModeQuestion,
  Receipt,
  SaveKeys,
  SetAccount,
  SwitchMode,
} from '$lib/api'
import { Act, actAndRead } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** Where the alerts for one exchange go now. */
export interface ExchangeMode {
  exchange: string
  mode: string
}

/** The accounts of one exchange, the paper twin first. */
export interface ExchangeAccounts extends ExchangeMode {
  fixed: boolean
  cards: AccountCard[]
}

const order = ['paper', 'testnet', 'live']

/** The modes among these, the one with real money first. */
export function byMoney(modes: readonly string[]): string[] {
  return order.filter((mode) => modes.includes(mode)).reverse()
}

/** "LIVE and PAPER". */
export function modeList(modes: readonly string[]): string {
  const words = byMoney(modes).map((mode) => mode.toUpperCase())
  return [words.slice(0, -1).join(', '), words.at(-1) ?? ''].filter(Boolean).join(' and ')
}

/** The exchanges that have a mode, each with its accounts; the general paper account belongs to none of them. */
export function byExchange(cards: AccountCard[]): ExchangeAccounts[] {
  const names = [...new Set(cards.map((card) => card.exchange))].filter((name) => name !== 'paper')
  return names.map((exchange) => {
    const own = cards.filter((card) => card.exchange === exchange)
    const rank = (card: AccountCard) => order.indexOf(card.mode)
    return {
      exchange,
      mode: own.find((card) => card.trades)?.mode ?? '',
      fixed: own.some((card) => card.modeFixed),
      cards: [...own].sort((a, b) => rank(a) - rank(b)),
    }
  })
}

/** Every account, and the deeds on one. Each deed reads the list again; nothing is shown as done before that. */
export class AccountsStore {
  readonly list: Resource<AccountList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.accounts.list(),
      topics: ['health', 'settings', 'kill'],
      gap: 2000,
      every: 10_000,
    })
  }

  get cards(): AccountCard[] {
    return this.list.data?.items ?? []
  }

  /** The mode of every exchange; empty while it is not known. */
  get modes(): ExchangeMode[] {
    return byExchange(this.cards).flatMap(({ exchange, mode }) => (mode === '' ? [] : [{ exchange, mode }]))
  }

  saveKeys(): Act<SaveKeys, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.saveKeys(req))
  }

  removeKeys(): Act<AccountID, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.removeKeys(req))
  }

  add(): Act<AddAccount, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.add(req))
  }

  enable(): Act<EnableAccount, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.enable(req))
  }

  setUp(): Act<SetAccount, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.setUp(req))
  }

  test(): Act<AccountID, AccountChecks> {
    return actAndRead(this.list, (req) => this.#api.accounts.test(req))
  }

  canary(): Act<Canary, AccountChecks> {
    return actAndRead(this.list, (req) => this.#api.accounts.canary(req))
  }

  checklist(): Act<ModeQuestion, Checklist> {
    return new Act((req) => this.#api.accounts.checklist(req))
  }

  switchMode(): Act<SwitchMode, Receipt> {
    return actAndRead(this.list, (req) => this.#api.accounts.switchMode(req))
  }
}
