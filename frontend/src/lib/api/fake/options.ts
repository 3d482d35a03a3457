import type { TelegramStory } from './telegram'
import type { TunnelStory } from './tunnel'
import type { VaultStory } from './secrets'

/** How the made-up program is. */
export interface FakeOptions {
  state?: 'active' | 'reducing' | 'halted'
  mode?: 'paper' | 'testnet' | 'live'
  /** Bybit is live with a position on its paper twin beside it, the others are on paper. */
  mixed?: boolean
  /** Nothing happened yet: no signals, no positions, no curve. */
  empty?: boolean
  /** Two parts are not green, and alarms are open. */
  troubled?: boolean
  /** A line of the audit is not what it was. */
  broken?: boolean
  /** Ledger and exchanges do not differ. */
  agreed?: boolean
  /** How the tunnel is; up, or off while empty, when it is not said. */
  tunnel?: TunnelStory
  /** How the vault is sealed; by a file when it is not said. */
  vault?: VaultStory
  /** How the bot is; polling, or none while empty, when it is not said. */
  telegram?: TelegramStory
  /** The methods ("Signals.List") that fail; "all" fails every one. */
  failing?: string[]
  /** Every answer takes so long, in ms. */
  delay?: number
  /** Time passes: prices move and hints come once a second. */
  live?: boolean
  signals?: number
}
