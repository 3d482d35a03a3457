import type { StrategyRow, WebhookKeyRow, WebhookKeyScope, WebhookKeyText } from '$lib/api'
import { accountWords } from '$lib/features/accounts/words'
import { decimal } from '$lib/format/decimal'
import { absolute, ago, clock, millis } from '$lib/format/time'

const shown = 3

/** "BTCUSDT.P, ETHUSDT.P", with more than three "… and 4 more". */
function listed(words: readonly string[], most = shown): string {
  if (words.length <= most) return words.join(', ')
  return `${words.slice(0, most - 1).join(', ')} and ${words.length - most + 1} more`
}

const entryWords: Record<string, string> = { long: 'longs only', short: 'shorts only', none: 'closes only' }

/** What a key may do beside its strategy and its rate, part by part; all of it in full, or short enough for a row. The
 * way and the money come first: they are seen also where the line is cut. */
export function mayParts(scope: WebhookKeyScope, full = false): string[] {
  const most = full ? Infinity : shown
  const { accounts, symbols, entries, maxOrder } = scope
  return [
    entryWords[entries] ?? '',
    maxOrder === '' ? '' : `up to ${decimal(maxOrder)} USD`,
    listed(symbols, most),
    listed(
      accounts.map((one) => accountWords(one)),
      most,
    ),
  ].filter(Boolean)
}

/** The same in one line. */
export function mayWords(row: Pick<WebhookKeyRow, 'scope' | 'master'>, full = false): string {
  if (row.master) return 'Everything, and nothing bounds it'
  const parts = mayParts(row.scope, full).join(' · ')
  if (parts !== '') return parts.charAt(0).toUpperCase() + parts.slice(1)
  return row.scope.strategy === '' ? 'Everything' : 'Whatever its strategy does'
}

/** A scope as sentences, for whoever is about to put it into force. */
export function sentence(scope: WebhookKeyScope): string {
  const { strategy, accounts, symbols, entries, maxOrder, rateLimit } = scope
  const where = accounts.length > 0 ? accounts.map((one) => accountWords(one)).join(', ') : 'every account'
  const what = symbols.length > 0 ? symbols.join(', ') : 'every symbol'
  const size = maxOrder === '' ? '' : ` with orders up to ${decimal(maxOrder)} USD`
  const way = { long: 'open longs', short: 'open shorts' }[entries] ?? 'open longs and shorts'
  const first =
    entries === 'none'
      ? `may only close, in ${what} on ${where}`
      : `may ${way} in ${what} on ${where}${size}, and close`
  const rate = rateLimit > 0 ? ` At most ${rateLimit} come through in 60 s, with as many closes on top.` : ''
  const follow = strategy === '' ? '' : ` They follow the strategy ${strategy} and no other.`
  return `Its alerts ${first}.${follow}${rate}`
}

/** Nothing bounds it: it may do whatever the master key may. */
export function unbounded(scope: WebhookKeyScope): boolean {
  return scope.strategy === '' && mayParts(scope).length === 0
}

/** The texts that open now; one that ended while the page was open does not. */
export function openTexts(row: WebhookKeyRow, now: number): WebhookKeyText[] {
  return row.texts.filter((text) => text.expiresAt === '' || (millis(text.expiresAt) ?? 0) > now)
}

/** Why nobody may leave while a text is on its way. */
export function stayWords(busy: boolean): string {
  return busy ? 'Wait for the answer: the text of the key is shown only once' : ''
}

/** "…9f2c". */
export function hintWords(text: WebhookKeyText): string {
  return `…${text.hint || '?'}`
}

export interface KeyState {
  word: string
  tone: 'neutral' | 'good' | 'bad' | 'warn' | 'busy'
  title: string
}

/** How a key is. strategies are the stored ones, undefined while they are not known. */
export function stateOf(row: WebhookKeyRow, now: number, strategies: StrategyRow[] | undefined): KeyState {
  if (row.revokedAt !== '')
    return { word: `Revoked ${ago(row.revokedAt, now)}`, tone: 'neutral', title: absolute(row.revokedAt) }
  const texts = openTexts(row, now)
  if (texts.length === 0) return { word: 'Opens nothing', tone: 'bad', title: 'No text of it opens the door' }
  const bound = strategies?.find((one) => one.doc.name === row.scope.strategy)
  if (row.scope.strategy !== '' && strategies && !bound) {
    const title = `Its strategy ${row.scope.strategy} is not stored: without it the key opens nothing`
    return { word: 'Opens nothing', tone: 'bad', title }
  }
  const old = texts.find((text) => text.expiresAt !== '')
  if (old) {
    const title = `Two texts open: ${hintWords(old)} until ${absolute(old.expiresAt)}, ${ago(old.expiresAt, now)}`
    return { word: `Overlap until ${clock(old.expiresAt).slice(0, 5)}`, tone: 'busy', title }
  }
  if (bound && !bound.doc.enabled)
    return { word: 'Only closes', tone: 'warn', title: `Its strategy ${bound.doc.name} is switched off` }
  return { word: 'Active', tone: 'good', title: `Its text ${texts.map(hintWords).join(', ')} opens` }
}
