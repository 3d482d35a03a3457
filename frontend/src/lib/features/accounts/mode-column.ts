import type { Column } from '$lib/components/table/column'

const track = 76
const gap = 16

/**
 * These columns with the mode right behind the time, whatever the width: where modes differ no row leaves its own out. The
 * others need so much more room; spare names those that give way below a width of their own.
 */
export function withMode<T extends { mode: string }>(
  columns: readonly Column<T>[],
  spare: Readonly<Record<string, number>> = {},
): Column<T>[] {
  const mode: Column<T> = {
    key: 'mode',
    label: 'Mode',
    help: 'Whose money: live is real, paper and testnet are not',
    track: `${track}px`,
    text: (row) => row.mode.toUpperCase(),
  }
  const later = (px: number | undefined) => (px === undefined ? undefined : px + track + gap)
  const rest = columns
    .filter(({ key }) => key !== 'mode')
    .map((column) => ({
      ...column,
      from: spare[column.key] ?? later(column.from),
      until: later(column.until),
    }))
  return [...rest.slice(0, 1), mode, ...rest.slice(1)]
}
