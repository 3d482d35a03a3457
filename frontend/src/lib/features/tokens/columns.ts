import type { TokenRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { makerWords, mayWords } from './words'

export const columns: Column<TokenRow>[] = [
  {
    key: 'name',
    label: 'Token',
    help: 'What it is called in the audit',
    track: 'minmax(136px, 2fr)',
    text: (row) => row.name,
  },
  {
    key: 'scope',
    label: 'May',
    help: 'What whoever holds it may do',
    track: 'minmax(120px, 1fr)',
    text: (row) => mayWords(row.scope),
  },
  {
    key: 'made',
    label: 'Made',
    help: 'When it was made',
    track: '88px',
    text: (row) => absolute(row.createdAt),
  },
  { key: 'by', label: 'By', help: 'Where it was made', track: '88px', from: 560, text: (row) => makerWords(row.actor) },
  {
    key: 'seen',
    label: 'Last used',
    help: 'When it was last used since the program started',
    track: '112px',
    text: (row) => (row.lastSeen === '' ? 'not in this run' : absolute(row.lastSeen)),
  },
  { key: 'deeds', label: '', help: '', track: '96px', end: true, text: () => '' },
]
