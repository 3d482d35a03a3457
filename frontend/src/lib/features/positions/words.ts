import type { PositionRow } from '$lib/api'
import { partLabel } from '$lib/features/health/part'
import { decimal } from '$lib/format/decimal'
import { baseOf } from '$lib/format/instrument'

export function base(row: PositionRow): string {
  return row.baseAsset || baseOf(row.symbol)
}

/** "0.010 BTC". */
export function size(row: PositionRow, quantity = row.quantity): string {
  return `${decimal(quantity)} ${base(row)}`.trim()
}

/** "PAPER". */
export function modeWord(row: PositionRow): string {
  return row.mode.toUpperCase()
}

/** "long", or "spot" for what is simply held. */
export function sideWord(row: PositionRow): string {
  return row.product === 'spot' ? 'spot' : row.side
}

/** What closing does at the exchange: "Sell 0.010 BTC at market on Bybit (PAPER), only reduces". */
export function closing(row: PositionRow, quantity = row.quantity): string {
  const verb = row.side === 'short' ? 'Buy' : 'Sell'
  const only = row.product === 'spot' ? '' : ', can only reduce the position'
  return `${verb} ${size(row, quantity)} at market on ${partLabel(row.exchange)} (${modeWord(row)})${only}`
}

/** "Close 0.010 BTC of BTCUSDT long on Bybit (PAPER)". */
export function close(row: PositionRow, quantity = row.quantity): string {
  return `Close ${size(row, quantity)} of ${row.symbol} ${sideWord(row)} on ${partLabel(row.exchange)} (${modeWord(row)})`
}
