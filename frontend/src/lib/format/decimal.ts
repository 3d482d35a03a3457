// Decimal text in, text out. Nothing here makes a float of money: digits stay digits.

export const unknown = '–'
export const minus = '−'

const shape = /^([+-]?)(\d+)(?:\.(\d+))?$/

interface Parts {
  negative: boolean
  whole: string
  fraction: string
}

function parse(text: string): Parts | undefined {
  const match = shape.exec(text.trim())
  if (!match) return undefined
  const [, sign, digits = '', fraction = ''] = match
  return { negative: sign === '-', whole: digits.replace(/^0+(?=\d)/, ''), fraction }
}

/** Whether the text is plain decimal text: no exponent, no separators. */
export function isDecimal(text: string): boolean {
  return shape.test(text.trim())
}

/** -1, 0 or 1; 0 also for what is not a number. */
export function signOf(text: string): -1 | 0 | 1 {
  const parts = parse(text)
  if (!parts || /^0*$/.test(parts.whole + parts.fraction)) return 0
  return parts.negative ? -1 : 1
}

/** The digits with separators and a real minus sign; "–" for "", other text as it is. */
export function decimal(text: string): string {
  if (text === '') return unknown
  const parts = parse(text)
  if (!parts) return text
  const sign = signOf(text) < 0 ? minus : ''
  return sign + grouped(parts.whole) + (parts.fraction && `.${parts.fraction}`)
}

/** Like decimal, with exactly so many places, rounded half away from zero. */
export function fixed(text: string, places: number): string {
  const parts = parse(text)
  return parts ? decimal(rounded(parts, places)) : decimal(text)
}

/** Like decimal, with at least so many places and every digit that was given. */
export function atLeast(text: string, places: number): string {
  const parts = parse(text)
  if (!parts || parts.fraction.length >= places) return decimal(text)
  return fixed(text, places)
}

/** With its sign always shown: "+1.24", "−0.50", "0.00", "–". */
export function signed(text: string, places?: number): string {
  const shown = places === undefined ? decimal(text) : fixed(text, places)
  return signOf(text) > 0 && /[1-9]/.test(shown) ? `+${shown}` : shown
}

/** The arrow that goes with a change. */
export function arrow(text: string): '▲' | '▼' | '' {
  const sign = signOf(text)
  return sign > 0 ? '▲' : sign < 0 ? '▼' : ''
}

/** Without trailing zeros after the point. */
export function trimmed(text: string): string {
  return isDecimal(text) && text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** a−b below, equal or above zero, exactly. */
export function compare(a: string, b: string): -1 | 0 | 1 {
  const places = Math.max(placesOf(a), placesOf(b))
  const left = scaled(a, places)
  const right = scaled(b, places)
  return left < right ? -1 : left > right ? 1 : 0
}

/** a+b, exactly, with the places of the longer one. "" when one of them is not a number. */
export function add(a: string, b: string): string {
  if (!isDecimal(a) || !isDecimal(b)) return ''
  const places = Math.max(placesOf(a), placesOf(b))
  return unscaled(scaled(a, places) + scaled(b, places), places)
}

function placesOf(text: string): number {
  return parse(text)?.fraction.length ?? 0
}

function scaled(text: string, places: number): bigint {
  const parts = parse(text)
  if (!parts) return 0n
  const digits = BigInt(parts.whole + parts.fraction.padEnd(places, '0'))
  return parts.negative ? -digits : digits
}

function unscaled(value: bigint, places: number): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const cut = digits.length - places
  return sign + digits.slice(0, cut) + (places > 0 ? `.${digits.slice(cut)}` : '')
}

function rounded(parts: Parts, places: number): string {
  const kept = parts.whole + parts.fraction.padEnd(places, '0').slice(0, places)
  const up = (parts.fraction[places] ?? '0') >= '5' ? 1n : 0n
  const value = BigInt(kept) + up
  return unscaled(parts.negative ? -value : value, places)
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}
