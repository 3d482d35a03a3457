import Bell from '@lucide/svelte/icons/bell'
import HeartPulse from '@lucide/svelte/icons/heart-pulse'
import Info from '@lucide/svelte/icons/info'
import KeyRound from '@lucide/svelte/icons/key-round'
import Landmark from '@lucide/svelte/icons/landmark'
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard'
import ListOrdered from '@lucide/svelte/icons/list-ordered'
import Radio from '@lucide/svelte/icons/radio'
import ReceiptText from '@lucide/svelte/icons/receipt-text'
import Route from '@lucide/svelte/icons/route'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import Send from '@lucide/svelte/icons/send'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Vault from '@lucide/svelte/icons/vault'
import Wallet from '@lucide/svelte/icons/wallet'
import Waypoints from '@lucide/svelte/icons/waypoints'
import type { Component } from 'svelte'

export interface Place {
  name: string
  label: string
  /** Goes there after g. */
  key: string
  icon: Component<{ size?: number }>
}

/** The pages in the order of the side navigation. */
export const places: readonly Place[] = [
  { name: 'overview', label: 'Overview', key: 'o', icon: LayoutDashboard },
  { name: 'signals', label: 'Signals', key: 's', icon: Radio },
  { name: 'positions', label: 'Positions', key: 'p', icon: Wallet },
  { name: 'orders', label: 'Orders', key: 'r', icon: ListOrdered },
  { name: 'fills', label: 'Fills', key: 'f', icon: ReceiptText },
  { name: 'alerts', label: 'Alerts', key: 'a', icon: Bell },
  { name: 'tunnel', label: 'Tunnel', key: 'u', icon: Waypoints },
  { name: 'strategies', label: 'Strategies', key: 'y', icon: Route },
  { name: 'accounts', label: 'Accounts', key: 'c', icon: Landmark },
  { name: 'access', label: 'Access', key: 'k', icon: KeyRound },
  { name: 'secrets', label: 'Secrets', key: 'v', icon: Vault },
  { name: 'telegram', label: 'Telegram', key: 'm', icon: Send },
  { name: 'health', label: 'Health', key: 'h', icon: HeartPulse },
  { name: 'audit', label: 'Audit', key: 'd', icon: ScrollText },
  { name: 'settings', label: 'Settings', key: 't', icon: SlidersHorizontal },
  { name: 'about', label: 'About', key: 'b', icon: Info },
]
