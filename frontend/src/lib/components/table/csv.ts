// Comma-separated text after RFC 4180, safe to open in a spreadsheet.

export interface CsvColumn<T> {
  name: string
  text: (row: T) => string
}

const number = /^-?\d+(\.\d+)?$/
// What a spreadsheet may take for a formula, also behind blanks and as full-width letters.
const formula = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/

/** One cell: text that could start a formula gets an apostrophe in front; a plain number stays a number. */
export function csvCell(text: string): string {
  const safe = formula.test(text) && !number.test(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csvHead<T>(columns: readonly CsvColumn<T>[]): string {
  return `${columns.map((column) => csvCell(column.name)).join(',')}\r\n`
}

export function csvRows<T>(columns: readonly CsvColumn<T>[], rows: readonly T[]): string {
  return rows.map((row) => `${columns.map((column) => csvCell(column.text(row))).join(',')}\r\n`).join('')
}
