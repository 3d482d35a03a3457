import { title } from '$lib/format/words'

const labels: Record<string, string> = {
  gateway: 'Webhook',
  market: 'Prices',
  email: 'Mail',
  assistant: 'AI',
  mexc: 'MEXC',
  okx: 'OKX',
}

/** What people call a part; "bybit:testnet" is the part of an account. */
export function partLabel(name: string): string {
  const [part = '', ...account] = name.split(':')
  return [labels[part] ?? title(part), ...account].join(' ')
}

export type LampState = 'ok' | 'degraded' | 'down' | 'off' | 'unknown'

export function lampState(state: string): LampState {
  return state === 'ok' || state === 'degraded' || state === 'down' || state === 'off' ? state : 'unknown'
}

export function lampWord(state: string): string {
  return { ok: 'OK', degraded: 'Degraded', down: 'Down', off: 'Off', unknown: 'Unknown' }[lampState(state)]
}
