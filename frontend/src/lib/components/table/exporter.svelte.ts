import type { CsvColumn } from './csv'
import { csvHead, csvRows } from './csv'

export interface ExportPage<T> {
  items: T[]
  next: string
}

/** One part of a file, and where the next begins; "" after the last. */
export interface Piece {
  text: string
  rows: number
  next: string
}

export type ReadPiece = (cursor: string) => Promise<Piece>

/** The pieces of a file of comma-separated text, one a page of rows. */
export function csvPieces<T>(
  read: (cursor: string) => Promise<ExportPage<T>>,
  columns: readonly CsvColumn<T>[],
): ReadPiece {
  return async (cursor) => {
    const { items, next } = await read(cursor)
    return { text: (cursor === '' ? csvHead(columns) : '') + csvRows(columns, items), rows: items.length, next }
  }
}

/** Reads a file piece by piece, shows how far it is, and can be stopped. */
export class Exporter {
  busy = $state(false)
  /** How many rows were read. */
  rows = $state(0)
  error = $state('')
  file = $state.raw<Blob | undefined>()
  #turn = 0

  /** The file, or undefined when it failed or was stopped. */
  async run(read: ReadPiece, type: string): Promise<Blob | undefined> {
    const turn = ++this.#turn
    this.busy = true
    this.rows = 0
    this.error = ''
    this.file = undefined
    const parts: string[] = []
    try {
      let cursor = ''
      do {
        const piece = await read(cursor)
        if (turn !== this.#turn) return undefined
        parts.push(piece.text)
        this.rows += piece.rows
        cursor = piece.next
      } while (cursor !== '')
      this.file = new Blob(parts, { type: `${type};charset=utf-8` })
      return this.file
    } catch (thrown) {
      if (turn === this.#turn) this.error = thrown instanceof Error ? thrown.message : 'no answer'
      return undefined
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }

  cancel(): void {
    this.#turn += 1
    this.busy = false
    this.rows = 0
  }
}

/** Hands a file to the person, as the browser does it. */
export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
