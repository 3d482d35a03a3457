import type { AlertAnswer, SignalRow, TunnelState } from '$lib/api'
import { clock } from '$lib/format/time'
import type { Tone } from '$lib/features/signals/verdict'
import { kindLabel } from '$lib/features/tunnel/words'

/** A station on a way: passed, being passed, or still ahead. */
export interface Station {
  name: string
  tone: Tone | 'ahead'
  detail: string
  /** Since the alert came; undefined where it does not count. */
  micros?: number
}

const ahead = (name: string): Station => ({ name, tone: 'ahead', detail: '' })

/** The stations of an alert from the door to the fill; all ahead while none came. */
export function alertStations(row: SignalRow | undefined, mode: string): Station[] {
  const filled = `Filled ${row?.mode === 'live' || mode === 'live' ? 'with real money' : `on ${row?.mode || mode || 'paper'}`}`
  if (!row) return ['Received', 'Checked', 'Decided', 'Sent', filled].map(ahead)
  const what = [row.action, row.quantity, row.symbol].filter(Boolean).join(' ')
  return [
    {
      name: 'Received',
      tone: 'good',
      detail: `At ${clock(row.receivedAt)} UTC, with the ${row.keyLabel || 'key'}`,
      micros: 0,
    },
    {
      name: 'Checked',
      tone: 'good',
      detail: `The key is right, and the message is understood: ${what} on ${row.exchange}.`,
    },
    stationOf(row, 'Decided', decided),
    stationOf(row, 'Sent', sent),
    stationOf(row, filled, ended),
  ]
}

type Meaning = Readonly<Record<string, Tone>>

const decided: Meaning = { admitted: 'good', refused: 'warn', blocked: 'warn', no_op: 'neutral' }
const sent: Meaning = { submitted: 'good', not_placed: 'warn' }
const ended: Meaning = {
  ...{ accepted: 'busy', partially_filled: 'warn', filled: 'good', canceled: 'neutral', rejected: 'bad' },
  ...{ expired: 'warn', unknown: 'warn', needs_review: 'bad' },
}

/** The newest stage of a signal that belongs to a station. */
function stationOf(row: SignalRow, name: string, meaning: Meaning): Station {
  const stage = row.timeline.findLast((one) => meaning[one.stage] !== undefined)
  if (!stage) return ahead(name)
  const { detail, micros } = stage
  return { name, tone: meaning[stage.stage] ?? 'neutral', detail, micros }
}

/** Through which way an alert came, in a sentence; "" when it is not known. */
export function wayWords(way: string, from: string): string {
  if (way === 'here') return 'It came from this computer, so the way from TradingView is not proved by it.'
  if (way === 'outside') return `It came from outside${from && `, from ${from}`}: the way from there works.`
  return ''
}

/** The words of the gateway about an alert that it did not take. */
export function refusalOf({ body }: AlertAnswer): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    if (typeof error === 'string' && error !== '') return error
  } catch {
    // It is shown as it is.
  }
  return body
}

/** How far a tunnel has come: chosen, started, known from outside, proved. */
export function tunnelStations(state: TunnelState): Station[] {
  const { phase, kind, provedAt } = state
  const off = phase === 'off'
  const at = (name: string, passed: boolean, tone: Tone, detail: string): Station =>
    passed ? { name, tone, detail } : ahead(name)
  const down = phase === 'down'
  const running = phase === 'up' || phase === 'degraded'
  const proved = phase === 'up' && provedAt !== ''
  return [
    at('Chosen', !off, 'good', kindLabel(kind)),
    // Nothing of ours is started for a proxy of one's own.
    ...(kind === 'none'
      ? []
      : [at('Started', !off, down ? 'bad' : running ? 'good' : 'busy', down ? state.detail : '')]),
    at('Has a public address', state.public !== '' && !down, 'good', state.public),
    at('An answer came back through it', running, proved ? 'good' : 'warn', proved ? '' : state.detail),
  ]
}
