import type { WebhookKeyRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { mayWords } from './words'

export const columns: Column<WebhookKeyRow>[] = [
  {
    key: 'label',
    label: 'Key',
    help: 'What it is called wherever its alerts are shown',
    track: 'minmax(136px, 1.8fr)',
    text: (row) => row.label,
  },
  {
    key: 'strategy',
    label: 'Strategy',
    help: 'The only strategy that its alerts may follow, and the one they follow when they name none',
    track: 'minmax(88px, 1fr)',
    from: 620,
    text: (row) => row.scope.strategy,
  },
  {
    key: 'may',
    label: 'May',
    help: 'What its alerts may do. Within its accounts and symbols they may always close.',
    track: 'minmax(160px, 6fr)',
    text: (row) => mayWords(row, true),
  },
  {
    key: 'rate',
    label: 'In 60 s',
    help: 'How many alerts come through in any 60 s, with as many closes on top',
    track: '64px',
    end: true,
    from: 760,
    text: (row) => (row.scope.rateLimit > 0 ? String(row.scope.rateLimit) : ''),
  },
  {
    key: 'seen',
    label: 'Last alert',
    help: 'When an alert last came with it, also one that it may not send',
    track: '88px',
    text: (row) => (row.lastSeenAt === '' ? 'never' : absolute(row.lastSeenAt)),
  },
  {
    key: 'uses',
    label: 'Uses',
    help: 'How many alerts came with it',
    track: '56px',
    end: true,
    from: 940,
    text: (row) => row.uses.toLocaleString('en-US'),
  },
  {
    key: 'state',
    label: 'State',
    help: 'Whether it opens the door',
    track: '136px',
    text: (row) => (row.revokedAt === '' ? 'open' : 'revoked'),
  },
  { key: 'deeds', label: '', help: '', track: '32px', text: () => '' },
]
