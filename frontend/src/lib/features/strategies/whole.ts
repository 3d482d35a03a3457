/** A count as it stands in a field: 0 is empty. */
export function countText(value: number): string {
  return value === 0 ? '' : String(value)
}

/** The count that a person typed; what is no digit does not count. */
export function countOf(text: string): number {
  const digits = text.replace(/\D/g, '').slice(0, 6)
  return digits === '' ? 0 : parseInt(digits, 10)
}
