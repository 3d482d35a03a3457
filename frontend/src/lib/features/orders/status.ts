import type { OrderRow } from '$lib/api'
import { decimal } from '$lib/format/decimal'
import { baseOf } from '$lib/format/instrument'

export type Tone = 'neutral' | 'good' | 'bad' | 'warn' | 'busy'

const words: Record<string, { word: string; tone: Tone }> = {
  created: { word: 'Created', tone: 'busy' },
  submitted: { word: 'Sent', tone: 'busy' },
  accepted: { word: 'Resting', tone: 'busy' },
  partially_filled: { word: 'Partly filled', tone: 'busy' },
  filled: { word: 'Filled', tone: 'good' },
  canceled: { word: 'Cancelled', tone: 'neutral' },
  rejected: { word: 'Rejected', tone: 'bad' },
  expired: { word: 'Expired', tone: 'warn' },
  denied: { word: 'Refused', tone: 'warn' },
  blocked: { word: 'Blocked', tone: 'warn' },
  unknown: { word: 'Asking the exchange', tone: 'warn' },
  not_placed: { word: 'Not placed', tone: 'warn' },
  needs_review: { word: 'Needs a look', tone: 'bad' },
}

/** The statuses of an order in the order of its life. */
export const orderStatuses = Object.keys(words)

/** A status in words and with a tone; one from a newer program is shown as it is. */
export function orderStatus(status: string): { word: string; tone: Tone } {
  return words[status] ?? { word: status.replaceAll('_', ' '), tone: 'neutral' }
}

const final = ['filled', 'canceled', 'rejected', 'expired', 'denied', 'blocked', 'not_placed']

/** Whether nothing more can happen to it, so that there is nothing to cancel. */
export function ended(status: string): boolean {
  return final.includes(status)
}

/** "Buy" or "Sell". */
export function sideWord(side: string): string {
  return side === 'buy' ? 'Buy' : side === 'sell' ? 'Sell' : side
}

/** "Sell 4.5 SOL of SOLUSDT, limit 169.95". */
export function orderWords(row: OrderRow): string {
  const size = `${decimal(row.quantity)} ${baseOf(row.symbol)}`.trim()
  return `${sideWord(row.side)} ${size} of ${row.symbol}, ${row.price ? `${row.type} ${decimal(row.price)}` : row.type}`
}
