import type { AccountCard, KeyRights } from '$lib/api'
import { partLabel } from '$lib/features/health/part'
import { absolute, ago } from '$lib/format/time'

/** "LIVE". */
export function modeWord(of: { mode: string }): string {
  return of.mode.toUpperCase()
}

/** "Bybit LIVE", "Bybit LIVE swing"; bare where its mode is shown beside it: "Bybit swing". */
export function accountWords(account: string, bare = false): string {
  const [exchange = '', mode = '', name = ''] = account.split(':')
  return [partLabel(exchange), bare ? '' : mode.toUpperCase(), name].filter(Boolean).join(' ')
}

/** What stands behind the mode: the label or name of a further account. */
export function nameWords(card: AccountCard): string {
  if (card.name === '')
    return card.mode === 'paper' ? 'Paper twin' : card.mode === 'live' ? 'Real money' : 'Test system'
  return card.label ? `${card.label} (${card.name})` : card.name
}

const untested = ['mexc']

/** Why an account can never be connected, "" when it can. */
export function never(card: AccountCard): string {
  return card.mode === 'testnet' && untested.includes(card.exchange)
    ? `${partLabel(card.exchange)} has no testnet: practise on paper`
    : ''
}

export interface Right {
  text: string
  tone: 'good' | 'bad' | 'warn' | 'neutral'
  title: string
}

/** What a key may do, in chips. What it must not is loud. */
export function rightsOf(rights: KeyRights, now: number): Right[] {
  const list: Right[] = []
  const may = (told: string, what: string) => {
    if (told === 'yes') list.push({ text: what, tone: 'good', title: `The key may trade ${what.toLowerCase()}` })
    if (told === 'no')
      list.push({ text: `no ${what.toLowerCase()}`, tone: 'warn', title: `The key may not trade them` })
  }
  const mustNot = (told: string, bad: string, good: string) => {
    if (told === 'yes')
      list.push({ text: bad, tone: 'bad', title: 'Make a key without this right and delete this one' })
    if (told === 'no') list.push({ text: good, tone: 'good', title: 'As it should be' })
  }
  mustNot(rights.withdraw, 'MAY WITHDRAW', 'cannot withdraw')
  may(rights.linear, 'Perpetuals')
  may(rights.spot, 'Spot')
  mustNot(rights.transfer, 'may transfer', 'cannot transfer')
  if (rights.bound === 'yes') list.push({ text: 'bound to your address', tone: 'good', title: 'Works from here only' })
  if (rights.bound === 'no')
    list.push({ text: 'works from any address', tone: 'warn', title: 'Bind the key to your address at the exchange' })
  if (rights.expiresAt !== '')
    list.push({ text: `expires ${ago(rights.expiresAt, now)}`, tone: 'neutral', title: absolute(rights.expiresAt) })
  return list
}

const positionModes: Record<string, string> = { one_way: 'one-way', hedge: 'hedge' }

/** What is known about the way to the exchange, label and value. */
export function factsOf(card: AccountCard): { label: string; value: string; trouble: boolean }[] {
  if (!card.known) return []
  const skew = card.skewMillis
  const sign = skew === '' || skew.startsWith('-') ? '' : '+'
  const facts = [
    { label: 'Positions', value: positionModes[card.positionMode] ?? '–', trouble: false },
    { label: 'Margin', value: card.marginMode || 'each position’s own', trouble: false },
    { label: 'Stream', value: card.streamLive ? 'live' : 'down', trouble: !card.streamLive },
    { label: 'Clock', value: skew === '' ? '–' : `${sign}${skew.replace('-', '−')} ms`, trouble: skew.length > 4 },
  ]
  if (card.requestsLimit > 0)
    facts.push({
      label: 'Requests left',
      value: `${card.requestsLeft} of ${card.requestsLimit}`,
      trouble: card.requestsLeft * 10 < card.requestsLimit,
    })
  return facts
}
