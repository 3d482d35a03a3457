export type Tone = 'neutral' | 'good' | 'bad' | 'warn' | 'busy'

export interface Verdict {
  word: string
  tone: Tone
}

const verdicts: Record<string, Verdict> = {
  accepted: { word: 'Accepted', tone: 'busy' },
  enqueued: { word: 'Queued', tone: 'busy' },
  executing: { word: 'Executing', tone: 'busy' },
  filled: { word: 'Filled', tone: 'good' },
  partial: { word: 'Partial', tone: 'warn' },
  no_op: { word: 'Nothing to do', tone: 'neutral' },
  rejected: { word: 'Rejected', tone: 'bad' },
  refused: { word: 'Refused', tone: 'warn' },
  blocked: { word: 'Blocked', tone: 'warn' },
  expired: { word: 'Expired', tone: 'warn' },
  not_placed: { word: 'Not placed', tone: 'warn' },
  needs_review: { word: 'Needs a look', tone: 'bad' },
}

/** Whether its order waits at the exchange for its price. */
export function rests(status: string, orders: { status: string }[]): boolean {
  return (status === 'accepted' || status === 'executing') && orders.some((order) => order.status === 'accepted')
}

/**
 * What became of a signal, in words and with a tone. A signal whose only order was cancelled unfilled did nothing, but
 * there was something to do; one whose order waits in the book rests. A status from a newer program is shown as it is.
 */
export function verdict(status: string, orders: { status: string }[] = []): Verdict {
  if (status === 'no_op' && orders.some((order) => order.status === 'canceled'))
    return { word: 'Cancelled', tone: 'neutral' }
  if (rests(status, orders)) return { word: 'Resting', tone: 'busy' }
  return verdicts[status] ?? { word: status.replaceAll('_', ' '), tone: 'neutral' }
}
