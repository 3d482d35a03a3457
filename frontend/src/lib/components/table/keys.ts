/** The row that a key leads to from the row at here (-1: none yet); undefined for a key that does not move. */
export function placeAfter(key: string, here: number, rows: number, page: number): number | undefined {
  const step = Math.max(1, page)
  const places: Record<string, number> = {
    ArrowDown: here + 1,
    ArrowUp: here - 1,
    PageDown: here + step,
    PageUp: here - step,
    Home: 0,
    End: rows - 1,
  }
  const place = places[key]
  return place === undefined || rows === 0 ? undefined : Math.min(rows - 1, Math.max(0, place))
}
