import type { Component } from 'svelte'
import About from './pages/About.svelte'
import Access from './pages/Access.svelte'
import Accounts from './pages/Accounts.svelte'
import Alerts from './pages/Alerts.svelte'
import Audit from './pages/Audit.svelte'
import Fills from './pages/Fills.svelte'
import Health from './pages/Health.svelte'
import Missing from './pages/Missing.svelte'
import Orders from './pages/Orders.svelte'
import Overview from './pages/Overview.svelte'
import Positions from './pages/Positions.svelte'
import Secrets from './pages/Secrets.svelte'
import Settings from './pages/Settings.svelte'
import Setup from './pages/Setup.svelte'
import Signals from './pages/Signals.svelte'
import Strategies from './pages/Strategies.svelte'
import Telegram from './pages/Telegram.svelte'
import Tunnel from './pages/Tunnel.svelte'

/** The page of each route name; a page reads the rest of the address with route(). */
const pages: Record<string, Component> = {
  overview: Overview,
  signals: Signals,
  positions: Positions,
  orders: Orders,
  fills: Fills,
  alerts: Alerts,
  tunnel: Tunnel,
  strategies: Strategies,
  accounts: Accounts,
  access: Access,
  secrets: Secrets,
  telegram: Telegram,
  health: Health,
  audit: Audit,
  settings: Settings,
  setup: Setup,
  about: About,
}

export function pageOf(name: string): Component {
  return pages[name] ?? Missing
}
