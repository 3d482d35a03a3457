/** "partially_filled" → "partially filled". */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}

/** The same with a capital. */
export function title(name: string): string {
  const text = words(name)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "1 order", "3 orders". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** "BTCUSDT" stays; a text longer than max is cut with an ellipsis. */
export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}
