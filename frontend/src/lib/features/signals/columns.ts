import type { SignalRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import type { CsvColumn } from '$lib/components/table/csv'
import { partLabel } from '$lib/features/health/part'
import { absolute } from '$lib/format/time'
import { title } from '$lib/format/words'
import { sizeOf } from './size'
import { verdict } from './verdict'

export const columns: Column<SignalRow>[] = [
  {
    key: 'at',
    label: 'Received',
    help: 'When it reached this program',
    track: '72px',
    text: (r) => absolute(r.receivedAt),
  },
  {
    key: 'source',
    label: 'Source',
    help: 'The door it came through',
    track: '80px',
    from: 1400,
    text: (r) => title(r.source),
  },
  {
    key: 'exchange',
    label: 'Exchange',
    help: 'Where it trades',
    track: '80px',
    from: 620,
    text: (r) => partLabel(r.exchange),
  },
  { key: 'symbol', label: 'Symbol', help: 'What it trades', track: 'minmax(112px, 0.6fr)', text: (r) => r.symbol },
  {
    key: 'action',
    label: 'Action',
    help: 'What the alert asked for',
    track: '104px',
    text: (r) => r.action,
  },
  {
    key: 'quantity',
    label: 'Size',
    help: 'The size it asked for, in the base asset; – when it gave a percent or nothing',
    track: '120px',
    end: true,
    from: 620,
    text: (r) => sizeOf(r).number,
  },
  {
    key: 'status',
    label: 'Verdict',
    help: 'What became of it, with the reason',
    track: 'minmax(112px, 0.8fr)',
    text: (r) => verdict(r.status, r.orders).word,
  },
  {
    key: 'reason',
    label: 'Why',
    help: 'The reason in words',
    track: 'minmax(120px, 4fr)',
    from: 820,
    text: (r) => r.reason,
  },
  {
    key: 'strategy',
    label: 'Strategy',
    help: 'The name the alert gave',
    track: 'minmax(96px, 1fr)',
    from: 1060,
    text: (r) => r.strategy,
  },
  {
    key: 'deliveries',
    label: 'Came',
    help: 'How often the same alert came. It is executed once, however often it comes.',
    track: '48px',
    end: true,
    from: 980,
    text: (r) => `${r.deliveries}×`,
  },
  {
    key: 'mode',
    label: 'Mode',
    help: 'Paper moves no real money',
    track: '56px',
    from: 1300,
    text: (r) => r.mode.toUpperCase(),
  },
]

export const file: CsvColumn<SignalRow>[] = [
  { name: 'request_id', text: (r) => r.requestId },
  { name: 'received_at', text: (r) => r.receivedAt },
  { name: 'source', text: (r) => r.source },
  { name: 'exchange', text: (r) => r.exchange },
  { name: 'account', text: (r) => r.account },
  { name: 'symbol', text: (r) => r.symbol },
  { name: 'action', text: (r) => r.action },
  { name: 'quantity', text: (r) => r.quantity },
  { name: 'status', text: (r) => r.status },
  { name: 'reason', text: (r) => r.reason },
  { name: 'deliveries', text: (r) => String(r.deliveries) },
  { name: 'mode', text: (r) => r.mode },
  { name: 'strategy', text: (r) => r.strategy },
  { name: 'comment', text: (r) => r.comment },
]
