import { title } from '$lib/format/words'

const kinds: Record<string, string> = {
  size: 'Another size',
  position_size: 'Another size',
  external: 'Not opened here',
  external_position: 'Not opened here',
  missing: 'Gone at the exchange',
  missing_position: 'Gone at the exchange',
  lost_order: 'Order not found',
  missing_order: 'Order not found',
  recovered_order: 'Ours, not in the ledger',
  foreign_order: 'Somebody else’s order',
}

/** What a difference is, in a few words; a kind of a newer program is shown as it is. */
export function kindWords(kind: string): string {
  return kinds[kind] ?? title(kind)
}
