// Exact arithmetic on decimal text, by BigInt. No floats: what goes in as digits comes out as digits.

interface Scaled {
  value: bigint
  places: number
}

function scaled(text: string): Scaled | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const digits = BigInt(whole + fraction)
  return { value: sign === '-' ? -digits : digits, places: fraction.length }
}

function text({ value, places }: Scaled): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const cut = digits.length - places
  return (value < 0n ? '-' : '') + digits.slice(0, cut) + (places > 0 ? `.${digits.slice(cut)}` : '')
}

/** a×b with every digit; "" when one of them is not a number. */
export function multiply(a: string, b: string): string {
  const [left, right] = [scaled(a), scaled(b)]
  if (!left || !right) return ''
  return text({ value: left.value * right.value, places: left.places + right.places })
}

/**
 * a÷b with so many places: cut towards zero, or rounded half away from it. "" when one is not a number or b is zero.
 */
export function divide(a: string, b: string, places: number, rounding: 'cut' | 'half' = 'cut'): string {
  const [left, right] = [scaled(a), scaled(b)]
  if (!left || !right || right.value === 0n) return ''
  const top = left.value * 10n ** BigInt(right.places + places)
  const bottom = right.value * 10n ** BigInt(left.places)
  const [size, by] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom]
  const value = rounding === 'half' ? (size * 2n + by) / (by * 2n) : size / by
  return text({ value: top < 0n !== bottom < 0n ? -value : value, places })
}

/** a−b with every digit; "" when one of them is not a number. */
export function subtract(a: string, b: string): string {
  const [left, right] = [scaled(a), scaled(b)]
  if (!left || !right) return ''
  const places = Math.max(left.places, right.places)
  const at = ({ value, places: had }: Scaled) => value * 10n ** BigInt(places - had)
  return text({ value: at(left) - at(right), places })
}

const finest = 8

/**
 * So many percent of a quantity, rounded down to two places more than the quantity has (enough to be exact for whole
 * percents), at most eight. The market's step is not known here: the program rounds down to it.
 */
export function portion(quantity: string, percent: string, places?: number): string {
  const had = scaled(quantity)
  if (!had) return ''
  const cut = divide(multiply(quantity, percent), '100', places ?? Math.min(finest, had.places + 2))
  return cut.includes('.') ? cut.replace(/\.?0+$/, '') : cut
}

/** Profit as percent of what the position cost, to two places; "" when it cannot be told. */
export function pnlPercent(pnl: string, entry: string, quantity: string): string {
  return divide(multiply(pnl, '100'), multiply(entry, quantity), 2, 'half')
}

/** How far a price is from the mark, in percent of the mark without a sign, to one place; "" when it cannot be told. */
export function distance(mark: string, price: string): string {
  return divide(multiply(subtract(price, mark), '100'), mark, 1, 'half').replace(/^-/, '')
}
