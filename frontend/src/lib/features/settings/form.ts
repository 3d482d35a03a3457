import type { SettingRow } from '$lib/api'
import { decimal } from '$lib/format/decimal'

const isNumber = (row: SettingRow) => row.type === 'integer' || row.type === 'decimal'

/** A list as a person writes it, with commas; what is no list of plain texts stays as it is. */
export function listText(value: string): string {
  try {
    const items: unknown = JSON.parse(value)
    if (!Array.isArray(items)) return value
    const plain = items.filter((item): item is string => typeof item === 'string' && !item.includes(','))
    return plain.length === items.length ? plain.join(', ') : value
  } catch {
    return value
  }
}

/** What stands in the control. */
export function editable(row: SettingRow): string {
  return row.type === 'list' ? listText(row.value) : row.value
}

/** A value as a person reads it. */
export function shown(row: SettingRow, value: string): string {
  if (value === '') return 'empty'
  if (row.type === 'boolean') return value === 'true' ? 'on' : 'off'
  if (row.type === 'list') return listText(value) || 'empty'
  const text = isNumber(row) ? decimal(value) : value
  return row.unit ? `${text} ${row.unit}` : text
}

/** What is allowed, without what the control shows anyway. */
export function bounds(row: SettingRow): string {
  if (row.type === 'boolean' || row.type === 'enum') return ''
  return isNumber(row) ? row.bounds.replace(/\d{4,}/g, decimal) : row.bounds
}

/** Whether it takes more than one line. */
export function isLong(row: SettingRow): boolean {
  return row.type === 'json' || row.type === 'list'
}
