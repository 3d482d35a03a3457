/**
 * A number for placing pixels (a point on a chart, the length of a bar). It may be off in the last digits, so it is
 * never shown and never sent. NaN for what is not a number.
 */
export function plotNumber(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}

/** Where value lies between from and to, 0 to 1, kept inside; undefined when one of them is unknown. */
export function plotShare(value: string, from: string, to: string): number | undefined {
  const [v, a, b] = [plotNumber(value), plotNumber(from), plotNumber(to)]
  if (!Number.isFinite(v) || !Number.isFinite(a) || !Number.isFinite(b) || a === b) return undefined
  return Math.min(1, Math.max(0, (v - a) / (b - a)))
}
