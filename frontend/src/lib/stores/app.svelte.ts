import { createContext } from 'svelte'
import type { Api, Backend } from '$lib/api'
import type { ExchangeMode } from './accounts.svelte'
import { AccountsStore, byMoney } from './accounts.svelte'
import { AlarmsStore } from './alarms.svelte'
import { Clock } from './clock.svelte'
import { Connection } from './connection.svelte'
import { HealthStore } from './health.svelte'
import { KillStore } from './kill.svelte'
import { LeaveStore } from './leave.svelte'
import { OverviewStore } from './overview.svelte'
import { SettingsStore } from './settings.svelte'
import { SetupStore } from './setup.svelte'
import { StrategiesStore } from './strategies.svelte'
import { ThemeStore } from './theme.svelte'

/** Everything that lives as long as the page. Components get it with getApp(). */
export class App {
  readonly api: Api
  readonly connection: Connection
  readonly clock = new Clock()
  readonly theme = new ThemeStore()
  readonly kill: KillStore
  readonly health: HealthStore
  readonly alarms: AlarmsStore
  readonly overview: OverviewStore
  readonly settings: SettingsStore
  readonly accounts: AccountsStore
  readonly strategies: StrategiesStore
  readonly setup: SetupStore
  readonly leave: LeaveStore

  constructor({ api, listen, shell }: Backend) {
    this.api = api
    this.connection = new Connection(listen)
    this.kill = new KillStore(api, this.connection)
    this.health = new HealthStore(api, this.connection, this.clock)
    this.alarms = new AlarmsStore(api, this.connection)
    this.overview = new OverviewStore(api, this.connection)
    this.settings = new SettingsStore(api, this.connection)
    this.accounts = new AccountsStore(api, this.connection)
    this.strategies = new StrategiesStore(api, this.connection)
    this.setup = new SetupStore(api, this.connection)
    this.leave = new LeaveStore(api, this.connection, shell)
  }

  /** Starts what the frame needs on every page; the returned function stops it. */
  start(): () => void {
    const stops = [
      this.connection.start(),
      this.clock.start(),
      this.theme.start(),
      this.kill.state.watch(),
      this.health.report.watch(),
      this.alarms.open.watch(),
      this.overview.today.watch(),
      this.accounts.list.watch(),
      this.leave.start(),
    ]
    return () => stops.forEach((stop) => stop())
  }

  /** paper, testnet, live, or "" while it is not known. */
  get mode(): string {
    return this.health.mode || (this.overview.today.data?.mode ?? '')
  }

  /** The mode of every exchange, or none while what the parts say does not fit together. */
  get modes(): ExchangeMode[] {
    const { modes } = this.accounts
    return modes.some(({ mode }) => mode === this.mode) ? modes : []
  }

  /** More than one mode is in use. */
  get mixed(): boolean {
    return new Set(this.accounts.modes.map(({ mode }) => mode)).size > 1
  }

  /** Every mode in use, the one with real money first. */
  get used(): string[] {
    return byMoney([this.mode, ...this.accounts.modes.map(({ mode }) => mode)])
  }

  /** Whether each of these rows has to say its mode: the strip alone would mistake one of them. */
  marks(rows: readonly { mode: string }[]): boolean {
    if (this.mixed) return true
    if (this.mode === '') return this.health.report.error !== undefined
    return rows.some(({ mode }) => mode !== this.mode)
  }
}

const [getApp, setApp] = createContext<App>()
export { getApp, setApp }
