import type { AutoscaleInfo, SeriesMarker, Time, UTCTimestamp } from 'lightweight-charts'
import type { EquityPoint, FillRow } from '$lib/api'
import { add, isDecimal } from '$lib/format/decimal'
import { plotNumber } from '$lib/format/plot'
import { millis } from '$lib/format/time'

export interface CurvePoint {
  time: UTCTimestamp
  value: number
}

const seconds = (at: string) => Math.floor((millis(at) ?? 0) / 1000) as UTCTimestamp

/** Points for the chart: one a second at most, oldest first, without those that have no value. */
export function curvePoints(curve: EquityPoint[]): CurvePoint[] {
  const points: CurvePoint[] = []
  for (const { at, equity } of curve) {
    if (!isDecimal(equity)) continue
    const point = { time: seconds(at), value: plotNumber(equity) }
    const last = points.at(-1)
    if (last && point.time < last.time) continue
    if (last && point.time === last.time) points.pop()
    points.push(point)
  }
  return points
}

/** How many seconds the curve spans. */
export function curveReach(points: CurvePoint[]): number {
  return (points.at(-1)?.time ?? 0) - (points[0]?.time ?? 0)
}

/** How many places the axis needs: cents only where the curve moves by less than some units. */
export function places(points: CurvePoint[]): number {
  const values = points.map((point) => point.value)
  return Math.max(...values) - Math.min(...values) > 8 ? 0 : 2
}

/** The scale of the axis: never finer than a thousandth of the money, so that a flat curve looks flat. */
export function roomy(base: () => AutoscaleInfo | null): AutoscaleInfo | null {
  const info = base()
  if (!info?.priceRange) return info
  const { minValue, maxValue } = info.priceRange
  const lacking = Math.max(0, Math.abs(maxValue) / 1000 - (maxValue - minValue)) / 2
  return { ...info, priceRange: { minValue: minValue - lacking, maxValue: maxValue + lacking } }
}

/** Last minus first, exactly. */
export function curveChange(curve: EquityPoint[]): string {
  const [first, last] = [curve[0]?.equity ?? '', curve.at(-1)?.equity ?? '']
  return add(last, first.startsWith('-') ? first.slice(1) : `-${first}`)
}

/**
 * One mark for each point that has fills: a buy below the line pointing up, a sell above it pointing down. Several fills
 * of one side at one point are one mark.
 */
export function fillMarkers(fills: FillRow[], points: CurvePoint[], up: string, down: string): SeriesMarker<Time>[] {
  const marks = new Map<string, SeriesMarker<Time>>()
  for (const fill of fills) {
    const time = nearest(points, seconds(fill.at))
    if (time === undefined) continue
    const buy = fill.side === 'buy'
    marks.set(`${time}${fill.side}`, {
      time,
      position: buy ? 'belowBar' : 'aboveBar',
      shape: buy ? 'arrowUp' : 'arrowDown',
      color: buy ? up : down,
      size: 0.4,
    })
  }
  return [...marks.values()].sort((a, b) => (a.time as number) - (b.time as number))
}

function nearest(points: CurvePoint[], time: number): UTCTimestamp | undefined {
  let low = 0
  let high = points.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.time ?? 0) < time) low = middle + 1
    else high = middle
  }
  return points[low]?.time
}
