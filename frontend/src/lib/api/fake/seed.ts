// Deterministic numbers and texts for the made-up data of tests and screenshots.

/** Numbers between 0 and 1 that are the same on every run. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function pick<T>(roll: () => number, from: readonly T[]): T {
  return from[Math.floor(roll() * from.length)] as T
}

/** The moment the made-up world starts at. */
export const begin = Date.parse('2026-11-22T12:00:00.000Z')

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

export function at(ms: number): string {
  return new Date(ms).toISOString()
}

/** The mode of each exchange. */
export type Modes = Readonly<Record<string, string>>

/** The mode with most money in it. */
export function overallOf(modes: Modes): string {
  return ['live', 'testnet'].find((mode) => Object.values(modes).includes(mode)) ?? 'paper'
}

export interface Market {
  exchange: string
  symbol: string
  base: string
  price: number
  places: number
  size: string
}

export const markets: readonly Market[] = [
  { exchange: 'bybit', symbol: 'BTCUSDT', base: 'BTC', price: 67_412.5, places: 1, size: '0.010' },
  { exchange: 'bybit', symbol: 'ETHUSDT', base: 'ETH', price: 3_284.17, places: 2, size: '0.25' },
  { exchange: 'binance', symbol: 'SOLUSDT', base: 'SOL', price: 171.46, places: 2, size: '4.5' },
  { exchange: 'binance', symbol: 'BTCUSDT', base: 'BTC', price: 67_409.8, places: 1, size: '0.005' },
  { exchange: 'mexc', symbol: 'XRPUSDT', base: 'XRP', price: 0.5913, places: 4, size: '850' },
]
