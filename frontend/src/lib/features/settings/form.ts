import type { SettingRow } from '$lib/api'
import { decimal } from '$lib/format/decimal'

/** A value as a person reads it. */
export function shown(row: SettingRow, value: string): string {
  if (value === '') return 'empty'
  if (row.type === 'boolean') return value === 'true' ? 'on' : 'off'
  const text = row.type === 'integer' || row.type === 'decimal' ? decimal(value) : value
  return row.unit ? `${text} ${row.unit}` : text
}

/** What is allowed, without what the control shows anyway. */
export function bounds(row: SettingRow): string {
  return row.type === 'boolean' || row.type === 'enum' ? '' : row.bounds
}

/** Whether it takes more than one line. */
export function isLong(row: SettingRow): boolean {
  return row.type === 'json' || row.type === 'list'
}
