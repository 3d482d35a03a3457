import { createContext } from 'svelte'
import type { Api, Backend } from '$lib/api'
import { Clock } from './clock.svelte'
import { Connection } from './connection.svelte'
import { HealthStore } from './health.svelte'
import { KillStore } from './kill.svelte'
import { OverviewStore } from './overview.svelte'
import { SettingsStore } from './settings.svelte'
import { ThemeStore } from './theme.svelte'

/** Everything that lives as long as the page. Components get it with getApp(). */
export class App {
  readonly api: Api
  readonly connection: Connection
  readonly clock = new Clock()
  readonly theme = new ThemeStore()
  readonly kill: KillStore
  readonly health: HealthStore
  readonly overview: OverviewStore
  readonly settings: SettingsStore

  constructor({ api, listen }: Backend) {
    this.api = api
    this.connection = new Connection(listen)
    this.kill = new KillStore(api, this.connection)
    this.health = new HealthStore(api, this.connection, this.clock)
    this.overview = new OverviewStore(api, this.connection)
    this.settings = new SettingsStore(api, this.connection)
  }

  /** Starts what the frame needs on every page; the returned function stops it. */
  start(): () => void {
    const stops = [
      this.connection.start(),
      this.clock.start(),
      this.theme.start(),
      this.kill.state.watch(),
      this.health.report.watch(),
      this.overview.today.watch(),
    ]
    return () => stops.forEach((stop) => stop())
  }

  /** paper, testnet, live, or "" while it is not known. */
  get mode(): string {
    return this.health.mode || (this.overview.today.data?.mode ?? '')
  }
}

const [getApp, setApp] = createContext<App>()
export { getApp, setApp }
