import { atLeast, decimal, fixed, signOf, trimmed } from './decimal'

const placesOf = (text: string) => text.split('.')[1]?.length ?? 0

/** The most places that any of these has. */
export function mostPlaces(...prices: string[]): number {
  return Math.max(0, ...prices.map(placesOf))
}

interface Priced {
  exchange: string
  symbol: string
}

const keyOf = ({ exchange, symbol }: Priced) => `${exchange} ${symbol}`

/**
 * How many places the prices of each instrument have: the program leaves out zeros at the end, so that one price of it
 * tells less than many. The newest rows are enough.
 */
export function pricePlaces<T extends Priced>(rows: readonly T[], prices: (row: T) => string[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const row of rows.slice(0, 500)) {
    const key = keyOf(row)
    places.set(key, Math.max(places.get(key) ?? 0, mostPlaces(...prices(row))))
  }
  return places
}

/** A price with the places its instrument has, as far as they are known. */
export function price(value: string, row: Priced, places: ReadonlyMap<string, number>): string {
  return atLeast(value, places.get(keyOf(row)) ?? 0)
}

/** Money in four places; every digit when less would be left than a few. */
export function small(value: string): string {
  if (signOf(value) === 0) return value === '' ? decimal(value) : '0'
  const short = fixed(value, 4)
  return /^\D?0\.000/.test(short) ? decimal(value) : short
}

/** A sentence of the program with its numbers as a person reads them: separators, at most eight places. */
export function readable(text: string): string {
  return text.replace(/(?<![\w.:-])\d+(?:\.\d+)?(?![\w.:-]*\w)/g, (number) =>
    mostPlaces(number) > 8 ? trimmed(fixed(number, 8)) : decimal(number),
  )
}
