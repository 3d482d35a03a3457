import type { Api } from '../index'
import type { TelegramLine, TelegramPerson, TelegramState, UploadRow } from '../types.gen'
import type { Answer } from './made'
import { done, fault, found } from './made'
import { at, begin, day, hour, minute } from './seed'
import { notices } from './settings-telegram'
import { said } from './telegram-log'

/** What the bot is made to be. */
export type TelegramStory = 'none' | 'alone' | 'polling' | 'webhook' | 'starting' | 'conflict' | 'unauthorized' | 'down'

const person = (user: string, name: string, role: string, days: number, seen: number): TelegramPerson => ({
  ...{ user, name, role, pairedAt: at(begin - days * day), pairedBy: 'window', seenAt: seen ? at(begin - seen) : '' },
})

const everybody = [
  person('48151623', 'Ana', 'owner', 41, 3 * minute),
  person('7340032811', 'Ben <b>K.</b>', 'operator', 12, 5 * hour),
  person('99120417', 'An accountant with a name that goes on for longer than anybody would', 'viewer', 3, 0),
]

const plain = {
  ...{ phase: 'polling', since: at(begin - 9 * hour), next: '', bot: 'hoox_ana_bot', public: '', detail: '', fix: '' },
  ...{ heardAt: at(begin - 11_000), latencyMicros: 84_200, waiting: 0, oldestAt: '', stuck: '' },
}

type Now = typeof plain & { hasToken: boolean; people: TelegramPerson[] }

const stories: Record<TelegramStory, Partial<Now>> = {
  none: { phase: 'off', hasToken: false, bot: '', heardAt: '', latencyMicros: 0, people: [], since: '' },
  alone: { people: [] },
  polling: {},
  webhook: { phase: 'webhook', public: 'https://quiet-harbour-41.example.net/telegram' },
  starting: { phase: 'starting', bot: '', heardAt: '', latencyMicros: 0, since: at(begin - 4000) },
  conflict: {
    ...{ phase: 'conflict', detail: 'another program asks for the messages of this bot', next: at(begin + 34_000) },
    fix: 'stop the other program, or have @BotFather revoke the token and set the new one here',
  },
  unauthorized: {
    ...{ phase: 'unauthorized', detail: 'Telegram does not know this bot token (Unauthorized)', heardAt: '' },
    fix: 'copy the token from @BotFather once more and set it here; a token that was revoked there is gone',
  },
  down: {
    ...{ phase: 'down', since: at(begin - 6 * minute), next: at(begin + 21_000), heardAt: at(begin - 6 * minute) },
    ...{ detail: 'api.telegram.org does not answer within 10 s', waiting: 4, oldestAt: at(begin - 5 * minute) },
    stuck: 'no connection to Telegram',
  },
}

// A picture of one pixel.
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=='

const upload = (id: string, ago: number, who: string, title: string, type: string, size: number, caption: string) => ({
  ...{ id, at: at(begin - ago), who, title, type, size, sha256: id.repeat(64).slice(0, 64), caption },
})

const uploaded = (): UploadRow[] => [
  upload('3', 26 * minute, 'Ana', '', 'image/png', 184_200, 'Is this <i>the</i> level you meant?'),
  upload('2', 20 * hour, 'Ben <b>K.</b>', 'notes of the week.txt', 'text/plain', 812, ''),
  upload('1', 3 * day, 'Ana', '../../fees-2026-10.pdf', 'application/pdf', 2_140_000, 'October'),
]

const contents: Record<string, string> = {
  'image/png': pixel,
  'text/plain': btoa('Breakout: two stops too tight.\n<script>never run</script>\n'),
  'application/pdf': btoa('%PDF-1.7'),
}

/** A bot, the people who may talk to it, and what was said. hint: something under a topic changed. */
export function telegramFake(
  answer: Answer,
  story: TelegramStory,
  setting: (key: string) => string,
  hint: (topic: string) => void,
): Api['telegram'] {
  const fresh = story === 'none' || story === 'alone'
  let now: Now = { ...plain, hasToken: true, people: everybody, ...stories[story] }
  let offer = { role: '', until: '' }
  let authenticator = false
  let lines: TelegramLine[] = fresh ? [] : said()
  let uploads = fresh ? [] : uploaded()
  const put = (change: Partial<Now>) => {
    now = { ...now, ...change }
    hint('chats')
  }
  const who = (user: string) =>
    found(
      now.people.find((one) => one.user === user),
      `person ${user}`,
    )
  const file = (id: string) =>
    found(
      uploads.find((one) => one.id === id),
      `upload ${id}`,
    )
  const state = (): TelegramState => {
    const enabled = setting('telegram:enabled') === 'true'
    const levels = notices.map(([kind, , help]) => {
      const key = `telegram:notify:${kind}`
      return { kind, key, level: setting(key), help }
    })
    const phase = enabled ? now.phase : 'off'
    return { ...now, phase, enabled, pairingUntil: offer.until, pairingRole: offer.role, authenticator, levels }
  }
  const paged = <T>(rows: T[], cursor: string, limit: number) => {
    const start = Math.trunc(+cursor)
    const end = start + (limit || 50)
    return { items: rows.slice(start, end), next: end < rows.length ? String(end) : '' }
  }

  return {
    get: () => answer('Telegram.Get', state),
    pair: ({ role }) =>
      answer('Telegram.Pair', () => {
        offer = { role, until: at(begin + 10 * minute) }
        hint('chats')
        const code = 'MADEUPCODE7TESTS'
        return { code, link: now.bot && `https://t.me/${now.bot}?start=${code}`, ...offer }
      }),
    withdraw: () =>
      answer('Telegram.Withdraw', () => {
        offer = { role: '', until: '' }
        hint('chats')
        return done('the code is worth nothing any more')
      }),
    setRole: ({ user, role }) =>
      answer('Telegram.SetRole', () => {
        const changed = { ...who(user), role }
        put({ people: now.people.map((one) => (one.user === user ? changed : one)) })
        return done(`they are ${role} now`)
      }),
    remove: ({ user }) =>
      answer('Telegram.Remove', () => {
        const gone = who(user)
        put({ people: now.people.filter((one) => one !== gone) })
        return done('they meet silence now')
      }),
    log: (req) => answer('Telegram.Log', () => paged(lines, req.cursor, req.limit)),
    test: () =>
      answer('Telegram.Test', () => {
        if (now.people.length === 0) throw fault('refused', 'nobody is paired yet: make a code and send it to the bot')
        const words = 'Hoox can reach you here.'
        const sent = { ...{ at: at(begin), in: false, who: '', kind: 'test', words, state: 'waiting', detail: '' } }
        lines = [...now.people.map(({ user }, n) => ({ ...sent, id: `o${9000 + n}`, chat: user })), ...lines]
        hint('chats')
        return done(`${now.people.length} messages are on their way; the log shows whether they arrived`)
      }),
    setUpAuthenticator: () =>
      answer('Telegram.SetUpAuthenticator', () => {
        authenticator = true
        const secret = 'MADEUPSECRETFORTESTSONLY23456777'
        return { secret, uri: `otpauth://totp/Hoox:desktop?issuer=Hoox&secret=${secret}` }
      }),
    uploads: (req) => answer('Telegram.Uploads', () => paged(uploads, req.cursor, req.limit)),
    open: ({ id }) =>
      answer('Telegram.Open', () => ({ type: file(id).type, base64: contents[file(id).type] ?? btoa('?') })),
    drop: ({ id }) =>
      answer('Telegram.Drop', () => {
        const gone = file(id)
        uploads = uploads.filter((one) => one !== gone)
        hint('chats')
        return done('it is gone')
      }),
  }
}
