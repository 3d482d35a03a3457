import type { WebhookKeyRow, WebhookKeyScope } from '$lib/api'

/** A key as a person edits it. */
export interface KeyForm {
  label: string
  strategy: string
  /** Every account; else those that are chosen, which must be some. */
  every: boolean
  accounts: string[]
  symbols: string
  entries: string
  maxOrder: string
  rate: string
}

export function formOf(row?: WebhookKeyRow): KeyForm {
  const { strategy = '', accounts = [], symbols = [], entries = '', maxOrder = '', rateLimit = 0 } = row?.scope ?? {}
  return {
    label: row?.label ?? '',
    strategy,
    every: accounts.length === 0,
    accounts: [...accounts],
    symbols: symbols.join(', '),
    entries: entries || 'both',
    maxOrder,
    rate: rateLimit > 0 ? String(rateLimit) : '',
  }
}

/** What the form asks for. Only where problemOf finds nothing is it what the person sees. */
export function scopeOf(form: KeyForm): WebhookKeyScope {
  const rate = form.rate.trim()
  return {
    strategy: form.strategy,
    accounts: form.every ? [] : form.accounts,
    symbols: symbolsOf(form.symbols),
    entries: form.entries,
    maxOrder: form.maxOrder.trim(),
    rateLimit: rate === '' ? 0 : parseInt(rate, 10),
  }
}

function symbolsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}

export interface Problem {
  field: 'label' | 'accounts' | 'symbols' | 'rateLimit'
  text: string
}

/** What would be sent as something else than it looks: an empty list bounds nothing, and half a number is another one. */
export function problemOf(form: KeyForm): Problem | undefined {
  if (form.label.trim() === '') return { field: 'label', text: 'It needs a label' }
  if (!form.every && form.accounts.length === 0)
    return { field: 'accounts', text: 'Choose an account, or allow every one' }
  if (form.symbols.trim() !== '' && symbolsOf(form.symbols).length === 0)
    return { field: 'symbols', text: 'No symbol is named: leave it empty to allow every one' }
  if (!/^\d{0,6}$/.test(form.rate.trim())) return { field: 'rateLimit', text: 'Want a whole number, such as 30' }
  return undefined
}
