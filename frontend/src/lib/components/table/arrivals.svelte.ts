const slideTime = 150

/**
 * What a re-read changed above the rows that stayed: how many rows are new there, and by how many rows the old ones
 * moved. Nothing when the list is another one.
 */
export function arrived<T>(
  old: readonly T[],
  now: readonly T[],
  id: (row: T) => string,
): { fresh: number; shift: number } {
  const places = new Map(now.slice(0, 1000).map((row, place) => [id(row), place]))
  for (const [was, row] of old.slice(0, 50).entries()) {
    const place = places.get(id(row))
    if (place !== undefined) return { fresh: place, shift: place - was }
  }
  return { fresh: 0, shift: 0 }
}

/** Follows a list that grows at its top, so that rows slide in at the top and nothing moves further down. */
export class Arrivals<T> {
  /** How many rows came since the reader left the top. */
  fresh = $state(0)
  /** Rows are on their way to their new places. */
  sliding = $state(false)
  #id: (row: T) => string
  #before: readonly T[] = []
  #shift = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(id: (row: T) => string) {
    this.#id = id
  }

  notice(now: readonly T[], atTop: boolean): void {
    const { fresh, shift } = arrived(this.#before, now, this.#id)
    this.#before = now
    if (now.length === 0) this.fresh = 0
    if (fresh === 0 && shift === 0) return
    if (!atTop) {
      this.fresh += fresh
      this.#shift += shift
      return
    }
    this.sliding = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.sliding = false), slideTime)
  }

  /** By how many rows the old rows moved since the last call. */
  takeShift(): number {
    const shift = this.#shift
    this.#shift = 0
    return shift
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
