import { compare, decimal, isDecimal, signOf } from '$lib/format/decimal'

/** What is wrong with a quantity to close, "" when nothing is. */
export function quantityFault(quantity: string, held: string): string {
  if (quantity.trim() === '') return 'how much?'
  if (!isDecimal(quantity) || signOf(quantity) <= 0) return 'must be a number such as 0.01'
  if (compare(quantity, held) > 0) return `only ${decimal(held)} is held`
  return ''
}

/** What is sent: "" closes everything, which also holds when it changed by a little in between. */
export function quantityToSend(quantity: string, held: string): string {
  return compare(quantity, held) === 0 ? '' : quantity.trim()
}
