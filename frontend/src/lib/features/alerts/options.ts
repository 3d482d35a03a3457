import { partLabel } from '$lib/features/health/part'
import { exchanges } from '$lib/stores/filters'

export const kinds = [
  { value: 'indicator', label: 'Indicator', title: 'One message, one action' },
  { value: 'strategy', label: 'Strategy', title: 'One message for every order of a strategy' },
] as const

export const actions = [
  { value: 'LONG', label: 'Long', title: 'Buy; closes a short first' },
  { value: 'SHORT', label: 'Short', title: 'Sell; closes a long first' },
  { value: 'CLOSE', label: 'Close', title: 'Closes the position of this symbol' },
  { value: 'FLAT', label: 'Flat', title: 'Closes both sides and cancels what rests' },
] as const

export const orderTypes = [
  { value: 'market', label: 'Market' },
  { value: 'limit', label: 'Limit' },
] as const

export const places = [
  { value: '', label: 'The chart’s own' },
  ...exchanges.map((value) => ({ value: value as string, label: partLabel(value) })),
]

export const sizes = [
  { value: 'quantity', label: 'Base asset', help: '0.01 is 0.01 BTC.' },
  { value: 'quoteQuantity', label: 'Quote asset', help: '100 is as much as 100 USDT buys.' },
  {
    value: 'percent',
    label: 'Percent of equity',
    help: 'Of the account’s equity; of the position for a close.',
  },
  {
    value: 'riskPercent',
    label: 'Percent at risk',
    help: 'What the stop may lose of the equity; needs a stop.',
  },
] as const
