import type { CsvColumn } from './csv'
import { csvHead, csvRows } from './csv'

export interface ExportPage<T> {
  items: T[]
  next: string
}

/** Reads a list page by page into one file, shows how far it is, and can be stopped. */
export class Exporter<T> {
  busy = $state(false)
  /** How many rows were read. */
  rows = $state(0)
  error = $state('')
  file = $state.raw<Blob | undefined>()
  #turn = 0

  /** The file, or undefined when it failed or was stopped. */
  async run(
    read: (cursor: string) => Promise<ExportPage<T>>,
    columns: readonly CsvColumn<T>[],
  ): Promise<Blob | undefined> {
    const turn = ++this.#turn
    this.busy = true
    this.rows = 0
    this.error = ''
    this.file = undefined
    const parts = [csvHead(columns)]
    try {
      let cursor = ''
      do {
        const page = await read(cursor)
        if (turn !== this.#turn) return undefined
        parts.push(csvRows(columns, page.items))
        this.rows += page.items.length
        cursor = page.next
      } while (cursor !== '')
      this.file = new Blob(parts, { type: 'text/csv;charset=utf-8' })
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
