import type { TelegramLine } from '../types.gen'
import { at, begin, hour, minute } from './seed'

const ana = '48151623'
const ben = '7340032811'

interface Said {
  /** What a person said; undefined for what went out. */
  who?: string
  chat?: string
  kind: string
  words: string
  state?: string
  detail?: string
}

const newest: readonly Said[] = [
  { kind: 'fill', words: 'Bought 0.010 BTCUSDT at 67,412.50 on bybit [PAPER]', state: 'waiting' },
  { kind: 'reply', words: 'PAPER ● Active\nToday ▲ +124.10 USDT, 9 fills, 3 positions open' },
  { who: 'Ana', kind: 'text', words: '/status' },
  {
    kind: 'rejected',
    words:
      'Alert refused [PAPER]: LONG ETHUSDT is above max order notional; lower the size or raise the limit at the desktop',
  },
  {
    ...{ kind: 'fill', words: 'Sold 4.5 SOLUSDT at 171.46 on binance [PAPER]', state: 'failed', chat: ben },
    detail: 'Telegram refused sendMessage (Forbidden: bot was blocked by the user)',
  },
  {
    ...{ who: 'Ben <b>K.</b>', chat: ben, kind: 'text', words: '/resume', state: 'refused' },
    detail: 'your role is operator; this needs owner',
  },
  { kind: 'reply', words: 'Kept: image/png, 180 kB. The window lists it on the page Telegram.' },
  { who: 'Ana', kind: 'upload', words: 'Is this <i>the</i> level you meant?' },
  {
    ...{ who: 'Ana', kind: 'pressed', words: 'a button', state: 'broken off' },
    detail: 'the program stopped while it did this',
  },
]

const older: readonly Said[] = [
  { kind: 'reply', words: 'BTCUSDT long 0.010, entry 67,102.00, mark 67,412.50' },
  { who: 'Ana', kind: 'text', words: '/position BTCUSDT' },
  { kind: 'fill', words: 'Bought 0.25 ETHUSDT at 3,284.17 on bybit [PAPER]' },
]

/** What was said, newest first, of every kind and state. */
export function said(): TelegramLine[] {
  const all = [...newest, ...Array.from({ length: 66 }, (_, n) => older[n % older.length] as Said)]
  return all.map(({ who, chat = ana, kind, words, state, detail = '' }, n) => {
    const when = n < newest.length ? begin - n * 2 * minute : begin - n * hour
    const id = `${who === undefined ? 'o' : 'i'}${all.length - n}`
    const ended = state ?? (who === undefined ? 'sent' : 'done')
    return { id, at: at(when), in: who !== undefined, chat, who: who ?? '', kind, words, state: ended, detail }
  })
}
