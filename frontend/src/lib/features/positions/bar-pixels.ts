// Where things lie on the bar of a position. Floats are allowed here because a pixel may be off by one; nothing of it is
// shown as a number or sent.

import type { PositionRow } from '$lib/api'
import { plotNumber, plotShare } from '$lib/format/plot'

export interface BarPixels {
  /** Shares of the width, 0 at the bad end, 1 at the good end; undefined when not on the bar. */
  entry: number | undefined
  mark: number | undefined
  stop: number | undefined
  target: number | undefined
  liquidation: number | undefined
}

const nothing: BarPixels = {
  entry: undefined,
  mark: undefined,
  stop: undefined,
  target: undefined,
  liquidation: undefined,
}

/**
 * The bar goes from where it ends badly (the stop, or the liquidation without one) to where it ends well (the target,
 * or as far above the entry as the bad end is below it). A short is mirrored, so that right is always better.
 */
export function barPixels(row: PositionRow): BarPixels {
  const better = row.side === 'short' ? -1 : 1
  const [entry, mark, stop, target, liquidation] = [
    row.entryPrice,
    row.markPrice,
    row.stopLoss,
    row.takeProfit,
    row.liquidationPrice,
  ].map((price) => plotNumber(price) * better) as [number, number, number, number, number]
  const known = (value: number) => Number.isFinite(value)
  if (!known(entry) || !known(mark)) return nothing

  const low = [stop, liquidation, entry - Math.abs(entry) * 0.02].find(known) ?? entry
  const span = Math.max(Math.abs(entry - low), Math.abs(mark - entry), Math.abs(entry) * 0.001)
  const high = known(target) ? target : entry + span
  const from = Math.min(low, mark, entry, known(stop) ? stop : low)
  const to = Math.max(high, mark, entry)
  const place = (value: number) =>
    known(value) && value >= from && value <= to ? plotShare(String(value), String(from), String(to)) : undefined
  return {
    entry: place(entry),
    mark: place(mark),
    stop: place(stop),
    target: place(target),
    liquidation: place(liquidation),
  }
}
