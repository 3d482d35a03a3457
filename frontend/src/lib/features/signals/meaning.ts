import type { SignalStory } from '$lib/api'
import { micros } from '$lib/format/time'
import type { Tone } from './verdict'
import { rests } from './verdict'

/** The statuses of a signal in the order of its life. */
export const statuses = [
  'accepted',
  'enqueued',
  'executing',
  'filled',
  'partial',
  'no_op',
  'rejected',
  'refused',
  'blocked',
  'expired',
  'not_placed',
  'needs_review',
] as const

const meanings: Record<string, string> = {
  accepted: 'It is stored and about to be worked on.',
  enqueued: 'It is stored and waits for its turn.',
  executing: 'Its order is at the exchange.',
  filled: 'Everything it asked for was filled.',
  partial: 'Only a part of it was filled.',
  no_op: 'There was nothing to do, so nothing was sent.',
  rejected: 'The exchange refused the order, for certain. Nothing was bought or sold.',
  refused: 'One of your rules said no. Nothing was sent to the exchange.',
  blocked: 'Trading was halted. Nothing was sent, and sending it again does not execute it.',
  expired: 'It was too old to trade on. Nothing was sent.',
  not_placed: 'The order never reached the exchange.',
  needs_review: 'It is not certain what the exchange did. Look at the exchange before you act.',
}

/** What a status means for the money, in a sentence; "" for a status that is not known. */
export function meaning(status: string, orders: { status: string }[] = []): string {
  if (rests(status, orders)) return 'Its order is in the book of the exchange and waits for its price.'
  return meanings[status] ?? ''
}

const stages: Record<string, Tone> = {
  received: 'neutral',
  admitted: 'good',
  refused: 'warn',
  blocked: 'warn',
  queued: 'neutral',
  submitted: 'neutral',
  accepted: 'good',
  partially_filled: 'warn',
  filled: 'good',
  canceled: 'neutral',
  rejected: 'bad',
  expired: 'warn',
  unknown: 'warn',
  not_placed: 'warn',
  needs_review: 'bad',
  no_op: 'neutral',
}

export function stageTone(stage: string): Tone {
  return stages[stage] ?? 'neutral'
}

export interface Station {
  stage: string
  detail: string
  at: string
  orderId: string
  tone: Tone
  /** Since the signal was received. */
  micros: number
  /** Since the station before; undefined at the first. */
  delta: number | undefined
  /** It took the longest. */
  longest: boolean
}

/** The stations of a story with the time between them. */
export function stations(timeline: SignalStory['timeline']): Station[] {
  const deltas = timeline.map((stage, n) => stage.micros - (timeline[n - 1]?.micros ?? stage.micros))
  const longest = timeline.length > 2 ? deltas.indexOf(Math.max(...deltas)) : -1
  return timeline.map(({ stage, detail, at, orderId, micros }, n) => ({
    stage,
    detail,
    at,
    orderId,
    tone: stageTone(stage),
    micros,
    delta: n === 0 ? undefined : Math.max(0, deltas[n] ?? 0),
    longest: n === longest,
  }))
}

/** "48 ms from the alert to the end". */
export function total(timeline: SignalStory['timeline']): string {
  const last = timeline.at(-1)
  return last ? micros(last.micros) : ''
}
