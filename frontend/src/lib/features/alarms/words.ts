import type { AlarmChannel, AlarmKind, AlarmRow } from '$lib/api'
import { partLabel } from '$lib/features/health/part'
import { title } from '$lib/format/words'

interface Place {
  page: string
  label: string
  query?: Record<string, string>
}

interface Kind {
  /** What happened, in a few words. */
  word: string
  /** Where it can be mended; without one it is mended outside, or on this page. */
  place?: Place
}

const kinds: Record<AlarmKind, Kind> = {
  halted: { word: 'Halted by itself' },
  drift: { word: 'Ledger and exchange differ', place: { page: 'accounts', label: 'Accounts' } },
  dead_letter: { word: 'Work was given up' },
  needs_review: {
    word: 'Order nobody knows of',
    place: { page: 'orders', label: 'Orders', query: { status: 'needs_review' } },
  },
  reappeared: { word: 'Order came back', place: { page: 'orders', label: 'Orders', query: { open: '1' } } },
  unsent_close: { word: 'Close never left', place: { page: 'positions', label: 'Positions' } },
  unprotected: { word: 'Position without its stop', place: { page: 'positions', label: 'Positions' } },
  account: { word: 'Account out of reach', place: { page: 'accounts', label: 'Accounts' } },
  address: { word: 'Public address', place: { page: 'tunnel', label: 'Tunnel' } },
  silent: { word: 'Strategy fell silent', place: { page: 'strategies', label: 'Strategies' } },
  key_conflict: { word: 'One key, two contents', place: { page: 'signals', label: 'Signals' } },
  ledger: { word: 'Ledger' },
  vault: { word: 'Vault' },
  disk: { word: 'Disk' },
  backup: { word: 'Backup' },
  clock: { word: 'Clock' },
  audit: { word: 'Audit is not whole', place: { page: 'audit', label: 'Audit' } },
  test: { word: 'Test' },
}

const known: Record<string, Kind> = kinds

/** What an alarm is about; a kind of a newer program is shown as it is. */
export function alarmKind(kind: string): Kind {
  return known[kind] ?? { word: title(kind) }
}

export interface Heard {
  channel: string
  tone: 'neutral' | 'good' | 'bad' | 'busy'
  word: string
  /** When the channel was last told of it, "" for never. */
  at: string
}

/** How far an open alarm came on each channel. */
export function heardOn(row: AlarmRow, channels: readonly AlarmChannel[]): Heard[] {
  return channels.map(({ name, problem }) => {
    const told = row.told.find((one) => one.channel === name)
    const channel = partLabel(name)
    const at = told?.at ?? ''
    if (told && told.count >= row.count) return { channel, tone: 'good', word: channel, at }
    const missing = told ? `${channel} ${told.count} of ${row.count}` : channel
    if (problem !== '') return { channel, tone: 'bad', word: told ? missing : `${channel}: not told`, at }
    return { channel, tone: 'busy', word: told ? missing : `${channel}: on its way`, at }
  })
}

/** What acknowledging an alarm means, line by line. */
export function acknowledging(row: AlarmRow, channels: readonly AlarmChannel[]): string[] {
  const behind = heardOn(row, channels)
    .filter(({ tone }) => tone !== 'good')
    .map(({ channel }) => channel)
  const test = row.kind === 'test'
  return [
    test
      ? 'You say that the test has reached you. Nothing was wrong.'
      : 'You say that you have seen it. It mends nothing: see to the fix as well.',
    behind.length === 0
      ? 'No channel is told of it again.'
      : `No channel is told of it again, also not ${behind.join(' and ')}, where not all of it has arrived yet.`,
    test
      ? 'The next test is a new alarm, and it rings.'
      : 'If it happens once more, that is a new alarm, and it rings.',
  ]
}
