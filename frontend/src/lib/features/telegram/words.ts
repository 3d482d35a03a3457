import type { SettingRow, TelegramLine, TelegramPerson, TelegramState } from '$lib/api'

export interface Standing {
  lamp: 'ok' | 'degraded' | 'down' | 'off' | 'unknown'
  word: string
  /** The answer to "does it arrive?". */
  answer: string
}

type Stand = Pick<TelegramState, 'phase' | 'enabled' | 'hasToken' | 'waiting' | 'stuck' | 'people'>

const silent = 'No: nothing is taken from a phone and nothing is told to one.'

/** How the bot is, as a shape, a word and an answer. */
export function standingOf(now: Stand, locked: boolean): Standing {
  switch (now.phase) {
    case 'polling':
    case 'webhook':
      return reached(now)
    case 'starting':
      return { lamp: 'unknown', word: 'Starting', answer: 'Not yet: Telegram has not answered so far.' }
    case 'conflict':
      return {
        lamp: 'down',
        word: 'Another program has the bot',
        answer: 'Perhaps not: what is sent to the bot may end up there.',
      }
    case 'unauthorized':
      return { lamp: 'down', word: 'Token refused', answer: 'No: Telegram does not know the token of the bot.' }
    case 'down':
      return { lamp: 'down', word: 'Down', answer: 'No: commands and messages wait until Telegram answers.' }
    case 'off':
      return idle(now, locked)
    default:
      return { lamp: 'unknown', word: now.phase || 'Unknown', answer: 'It is not known.' }
  }
}

function reached({ waiting, stuck, people }: Stand): Standing {
  if (waiting > 0 && stuck !== '')
    return { lamp: 'degraded', word: 'Reached', answer: 'Not all of it: Telegram answers, but messages wait.' }
  return people.length === 0
    ? { lamp: 'ok', word: 'Reached', answer: 'It could: Telegram answers, but nobody is paired.' }
    : { lamp: 'ok', word: 'Reached', answer: 'Yes: Telegram answers.' }
}

function idle({ enabled, hasToken }: Stand, locked: boolean): Standing {
  if (!hasToken) return { lamp: 'off', word: 'No bot', answer: silent }
  if (!enabled) return { lamp: 'off', word: 'Switched off', answer: silent }
  return locked
    ? { lamp: 'down', word: 'Vault locked', answer: 'No: the token of the bot cannot be read.' }
    : { lamp: 'off', word: 'Off', answer: silent }
}

/** What the program says about it, and what to do. A bot that is off says only that it has no token, which is not the reason
 * while it was switched off or the vault is locked. */
export function causeOf(
  now: Pick<TelegramState, 'phase' | 'enabled' | 'hasToken' | 'detail' | 'fix'>,
  locked: boolean,
): { detail: string; fix: string } {
  if (now.phase !== 'off' || !now.hasToken) return { detail: now.detail, fix: now.hasToken ? now.fix : '' }
  if (!now.enabled) return { detail: 'it was switched off; what waits to be sent waits on', fix: '' }
  return locked
    ? { detail: 'the vault is locked', fix: 'unlock the vault: hoox vault unlock' }
    : { detail: now.detail, fix: now.fix }
}

/** The bot was never used: the way there is shown. */
export function isNew(now: Pick<TelegramState, 'hasToken' | 'people'>): boolean {
  return !now.hasToken || now.people.length === 0
}

export interface Role {
  value: string
  label: string
  /** What it may, as the end of "They may". */
  may: string
}

export const roles: readonly Role[] = [
  { value: 'viewer', label: 'Viewer', may: 'look: state, positions, orders, money, the story of every alert.' },
  {
    value: 'operator',
    label: 'Operator',
    may: 'do all that a viewer may, halt and pause, close, cancel, and trade within the limits.',
  },
  {
    value: 'owner',
    label: 'Owner',
    may: 'do all that an operator may, end a pause, make limits stricter and change the notices.',
  },
]

export function roleOf(value: string): Role {
  return (
    roles.find((role) => role.value === value) ?? { value, label: value, may: 'do nothing: the role is not known.' }
  )
}

/** What a change of role takes or gives, line by line. */
export function roleLines(person: Pick<TelegramPerson, 'role'>, to: string): string[] {
  const rank = (value: string) => roles.findIndex((role) => role.value === value)
  const more = rank(to) > rank(person.role)
  return [
    `They may ${roleOf(to).may}`,
    more
      ? 'Whoever holds their phone may do it too.'
      : 'It counts at once, also for a question that is open on their phone.',
  ]
}

type Tone = 'neutral' | 'good' | 'bad' | 'warn' | 'busy'

const states: Record<string, { word: string; tone: Tone; title: string }> = {
  begun: { word: 'Under way', tone: 'busy', title: 'It is being done' },
  done: { word: 'Done', tone: 'good', title: 'It was done or answered' },
  refused: { word: 'Refused', tone: 'warn', title: 'Nothing was done' },
  'broken off': {
    word: 'Broken off',
    tone: 'bad',
    title: 'The program stopped in the middle of it; it is not done again',
  },
  waiting: { word: 'Waiting', tone: 'busy', title: 'It is to be sent, or is tried again' },
  sent: { word: 'Sent', tone: 'good', title: 'Telegram has it' },
  failed: { word: 'Failed', tone: 'bad', title: 'Telegram will never take it, or it grew too old' },
}

/** What came of something that was said, with a shape of its own. */
export function lineState(state: string): { word: string; tone: Tone; title: string } {
  return states[state] ?? { word: state || 'Unknown', tone: 'neutral', title: '' }
}

/** Who said it, or to whom it went. */
export function whoWords(line: TelegramLine, people: TelegramPerson[]): string {
  if (line.in) return line.who || line.chat
  // A private chat has the number of the person.
  return people.find((one) => one.user === line.chat)?.name ?? line.chat
}

const kinds: Record<string, string> = {
  text: 'Message',
  edited: 'Edited message',
  pressed: 'Button',
  upload: 'Upload',
  other: 'Something else',
  reply: 'Answer',
  test: 'Test',
  digest: 'Summary of the day',
  notify: 'Note of an alert',
  alarm: 'Alarm',
}

export function kindWord(kind: string): string {
  const text = kinds[kind] ?? kind.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "812 B", "34 kB", "2.1 MB". */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** How long until a moment: "9:05", "0:00" once it is over. */
export function leftWords(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** The notices and how loud each is: by the settings, which a change puts right at once, or as the bot said. */
export function levelOf(level: { key: string; level: string }, rows: SettingRow[] | undefined): string {
  return rows?.find((row) => row.key === level.key)?.value ?? level.level
}
