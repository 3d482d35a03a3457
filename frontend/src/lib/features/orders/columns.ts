import type { OrderRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import type { CsvColumn } from '$lib/components/table/csv'
import { partLabel } from '$lib/features/health/part'
import { decimal } from '$lib/format/decimal'
import { price } from '$lib/format/precision'
import { absolute } from '$lib/format/time'
import { title } from '$lib/format/words'
import { orderStatus, sideWord } from './status'

/** The columns; quote is the unit that all prices share, "" when they do not; places are those of each instrument. */
export function columns(quote: string, places: ReadonlyMap<string, number> = new Map()): Column<OrderRow>[] {
  const priced = (name: string) => (quote ? `${name} ${quote}` : name)
  return [
    { key: 'at', label: 'Placed', help: 'When it was made', track: '72px', text: (r) => absolute(r.createdAt) },
    {
      key: 'exchange',
      label: 'Exchange',
      help: 'Where it is',
      track: '72px',
      from: 700,
      text: (r) => partLabel(r.exchange),
    },
    { key: 'symbol', label: 'Symbol', help: 'What it trades', track: 'minmax(112px, 1fr)', text: (r) => r.symbol },
    { key: 'side', label: 'Side', help: 'Buy or sell', track: '40px', text: (r) => sideWord(r.side) },
    {
      key: 'type',
      label: 'Type',
      help: 'Market takes the price there is, limit waits for its own. An exit can only make a position smaller.',
      track: 'minmax(80px, 0.8fr)',
      text: (r) => title(r.type) + (r.reduceOnly ? ' exit' : ''),
    },
    {
      key: 'quantity',
      label: 'Size',
      help: 'The size asked for, in the base asset',
      track: 'minmax(112px, 1fr)',
      end: true,
      text: (r) => decimal(r.quantity),
    },
    {
      key: 'filled',
      label: 'Filled',
      help: 'How much of it filled',
      track: 'minmax(64px, 0.8fr)',
      end: true,
      from: 1240,
      text: (r) => decimal(r.filledQuantity),
    },
    {
      key: 'price',
      label: priced('Limit'),
      help: 'The price it waits for; – for a market order',
      track: 'minmax(88px, 1fr)',
      end: true,
      from: 1120,
      text: (r) => price(r.price, r, places),
    },
    {
      key: 'paid',
      label: priced('Price'),
      help: 'The average price of what filled; the limit while nothing has',
      track: 'minmax(96px, 1fr)',
      end: true,
      until: 1120,
      text: (r) => price(r.averagePrice || r.price, r, places),
    },
    {
      key: 'average',
      label: priced('Average'),
      help: 'The average price of what filled',
      track: 'minmax(104px, 1fr)',
      end: true,
      from: 1120,
      text: (r) => price(r.averagePrice, r, places),
    },
    {
      key: 'status',
      label: 'Status',
      help: 'Where it stands, with the reason',
      track: 'minmax(112px, 1.4fr)',
      text: (r) => orderStatus(r.status).word,
    },
    {
      key: 'mode',
      label: 'Mode',
      help: 'Paper moves no real money',
      track: '48px',
      from: 1400,
      text: (r) => r.mode.toUpperCase(),
    },
    { key: 'act', label: '', help: '', track: '60px', end: true, text: () => '' },
  ]
}

export const file: CsvColumn<OrderRow>[] = [
  { name: 'id', text: (r) => r.id },
  { name: 'request_id', text: (r) => r.requestId },
  { name: 'created_at', text: (r) => r.createdAt },
  { name: 'updated_at', text: (r) => r.updatedAt },
  { name: 'exchange', text: (r) => r.exchange },
  { name: 'account', text: (r) => r.account },
  { name: 'symbol', text: (r) => r.symbol },
  { name: 'side', text: (r) => r.side },
  { name: 'type', text: (r) => r.type },
  { name: 'reduce_only', text: (r) => String(r.reduceOnly) },
  { name: 'quantity', text: (r) => r.quantity },
  { name: 'price', text: (r) => r.price },
  { name: 'take_profit', text: (r) => r.takeProfit },
  { name: 'stop_loss', text: (r) => r.stopLoss },
  { name: 'filled_quantity', text: (r) => r.filledQuantity },
  { name: 'average_price', text: (r) => r.averagePrice },
  { name: 'status', text: (r) => r.status },
  { name: 'reason', text: (r) => r.reason },
  { name: 'client_order_id', text: (r) => r.clientOrderId },
  { name: 'exchange_order_id', text: (r) => r.exchangeOrderId },
  { name: 'mode', text: (r) => r.mode },
]
