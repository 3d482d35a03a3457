export const sizeModes = [
  { value: '', label: 'The alert’s own size' },
  { value: 'multiplier', label: 'The alert’s size times' },
  { value: 'quantity', label: 'Base asset' },
  { value: 'quoteQuantity', label: 'Quote asset' },
  { value: 'percent', label: 'Percent of equity' },
  { value: 'riskPercent', label: 'Percent at risk' },
] as const

/** What stands behind the number of a size. */
export const sizeUnits: Record<string, string> = {
  multiplier: '×',
  quantity: 'base',
  quoteQuantity: 'quote',
  percent: '%',
  riskPercent: '%',
}

export const marginModes = [
  { value: '', label: 'As it is' },
  { value: 'cross', label: 'Cross' },
  { value: 'isolated', label: 'Isolated' },
] as const

export const pyramids = [
  { value: 'add', label: 'Add', help: 'A second entry in the same direction makes the position larger.' },
  { value: 'ignore', label: 'Ignore', help: 'A second entry in the same direction does nothing.' },
  { value: 'replace', label: 'Replace', help: 'A second entry closes the position and opens it anew.' },
] as const
