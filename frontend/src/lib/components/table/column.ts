/** One column of a data table. */
export interface Column<T> {
  key: string
  /** The header, with the unit when all rows share one: "Fee USDT". */
  label: string
  /** What the column means, shown when the header is hovered. */
  help: string
  /** A grid track without a content size, so that every row gets the same: "88px", "minmax(88px, 1fr)". */
  track: string
  /** Numbers stand at the right. */
  end?: boolean
  /** Shown only when the table is at least so wide, in px. */
  from?: number
  /** Shown only when the table is narrower than this, in px: another column takes its place. */
  until?: number
  /** The cell as plain text. */
  text: (row: T) => string
}

/** The columns that fit into so many px; 0 is a table that was not measured yet and gets them all. */
export function fitting<T>(columns: readonly Column<T>[], width: number): Column<T>[] {
  return columns.filter(({ from = 0, until = Infinity }) =>
    width === 0 ? until === Infinity : width >= from && width < until,
  )
}

/** What a table shows: the newest rows first, read page by page. PagedList is one. */
export interface Rows<T> {
  readonly data: T[] | undefined
  readonly error: { message: string; ref: string } | undefined
  readonly stale: boolean
  readonly at: number
  readonly busy: boolean
  readonly loadingMore: boolean
  readonly hasMore: boolean
  more(): unknown
  refresh(): unknown
}
