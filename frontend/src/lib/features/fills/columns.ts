import type { FillRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import type { CsvColumn } from '$lib/components/table/csv'
import { partLabel } from '$lib/features/health/part'
import { sideWord } from '$lib/features/orders/status'
import { decimal, signOf } from '$lib/format/decimal'
import { price, small } from '$lib/format/precision'
import { absolute } from '$lib/format/time'
import { title } from '$lib/format/words'

const change = (value: string) => (signOf(value) > 0 ? '+' : '') + small(value)

/** The asset that every fee of these was paid in, "" when there are none or several. */
export function commonFee(rows: readonly FillRow[]): string {
  const first = rows[0]?.feeAsset ?? ''
  return rows.every((row) => row.feeAsset === first) ? first : ''
}

/** The columns; quote and fee are the units that all rows share, "" when they do not; places those of each instrument. */
export function columns(
  quote: string,
  fee: string,
  places: ReadonlyMap<string, number> = new Map(),
): Column<FillRow>[] {
  const unit = (name: string, asset: string) => (asset ? `${name} ${asset}` : name)
  return [
    { key: 'at', label: 'Filled', help: 'When the exchange filled it', track: '72px', text: (r) => absolute(r.at) },
    {
      key: 'exchange',
      label: 'Exchange',
      help: 'Where it filled',
      track: '72px',
      from: 620,
      text: (r) => partLabel(r.exchange),
    },
    { key: 'symbol', label: 'Symbol', help: 'What was traded', track: 'minmax(112px, 1fr)', text: (r) => r.symbol },
    { key: 'side', label: 'Side', help: 'Bought or sold', track: '40px', text: (r) => sideWord(r.side) },
    {
      key: 'quantity',
      label: 'Size',
      help: 'How much, in the base asset',
      track: 'minmax(112px, 1fr)',
      end: true,
      text: (r) => decimal(r.quantity),
    },
    {
      key: 'price',
      label: unit('Price', quote),
      help: 'At what price',
      track: 'minmax(88px, 1fr)',
      end: true,
      text: (r) => price(r.price, r, places),
    },
    {
      key: 'fee',
      label: unit('Fee', fee),
      help: 'What the exchange took; below zero is a rebate',
      track: 'minmax(80px, 1fr)',
      end: true,
      text: (r) => small(r.fee),
    },
    {
      key: 'pnl',
      label: unit('Realised PnL', quote),
      help: 'What this fill won or lost by closing, before fees; zero for a fill that opens',
      track: 'minmax(112px, 1.1fr)',
      end: true,
      text: (r) => change(r.realizedPnl),
    },
    {
      key: 'liquidity',
      label: 'Role',
      help: 'Maker waited in the book, taker took from it and pays more',
      track: '56px',
      from: 960,
      text: (r) => title(r.liquidity),
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
}

export const file: CsvColumn<FillRow>[] = [
  { name: 'id', text: (r) => r.id },
  { name: 'order_id', text: (r) => r.orderId },
  { name: 'request_id', text: (r) => r.requestId },
  { name: 'at', text: (r) => r.at },
  { name: 'exchange', text: (r) => r.exchange },
  { name: 'account', text: (r) => r.account },
  { name: 'symbol', text: (r) => r.symbol },
  { name: 'side', text: (r) => r.side },
  { name: 'quantity', text: (r) => r.quantity },
  { name: 'price', text: (r) => r.price },
  { name: 'fee', text: (r) => r.fee },
  { name: 'fee_asset', text: (r) => r.feeAsset },
  { name: 'liquidity', text: (r) => r.liquidity },
  { name: 'realized_pnl', text: (r) => r.realizedPnl },
  { name: 'mode', text: (r) => r.mode },
]
