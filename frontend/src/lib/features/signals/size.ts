import { decimal, isDecimal } from '$lib/format/decimal'
import { baseOf } from '$lib/format/instrument'

export interface Size {
  number: string
  unit: string
}

/** The size an alert asked for: "0.01" or words such as "0.01 BTC", "2 % of equity". */
export function sizeOf(row: { quantity: string; symbol: string }): Size {
  if (isDecimal(row.quantity) || row.quantity === '') {
    return { number: decimal(row.quantity), unit: row.quantity === '' ? '' : baseOf(row.symbol) }
  }
  const [first = '', ...rest] = row.quantity.split(' ')
  return isDecimal(first) ? { number: decimal(first), unit: rest.join(' ') } : { number: row.quantity, unit: '' }
}
