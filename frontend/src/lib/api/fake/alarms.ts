import type { Api } from '../index'
import type { AlarmChannel, AlarmRow, AlarmTold } from '../types.gen'
import type { Answer } from './made'
import { found } from './made'
import { at, begin, day, hour, minute } from './seed'

const told = (channel: string, count: number, ago: number): AlarmTold => ({ channel, count, at: at(begin - ago) })

function alarm(id: number, kind: string, subject: string, change: Partial<AlarmRow>): AlarmRow {
  return {
    ...{ id: String(id), kind, subject, text: '', fix: '', count: 1, acknowledgedAt: '', acknowledgedBy: '' },
    ...{ firstAt: at(begin - 3 * hour), lastAt: at(begin - 3 * hour), told: [told('log', 1, 3 * hour)] },
    ...change,
  }
}

function open(): AlarmRow[] {
  return [
    alarm(63, 'test', 'weekly', {
      text: 'this is the weekly test: alarms reach this channel. Nothing happened',
      fix: 'acknowledge it, so that you know the alarms arrive',
      ...{ firstAt: at(begin - 20_000), lastAt: at(begin - 20_000) },
      told: [told('log', 1, 20_000), told('desktop', 1, 20_000)],
    }),
    alarm(62, 'account', 'binance', {
      text: 'binance is down: signed call refused: -2015 invalid API key, IP, or permissions',
      fix: 'check that the key allows your address and futures, then enter it again',
      ...{ firstAt: at(begin - 40_000), lastAt: at(begin - 40_000), told: [told('log', 1, 40_000)] },
    }),
    alarm(61, 'unprotected', 'bybit:live BTCUSDT both', {
      text: 'a stop was refused: BTCUSDT on bybit:live: <i>trigger price is behind the mark</i>',
      fix: 'set another stop at the exchange, or close the position',
      ...{ firstAt: at(begin - 12 * minute), lastAt: at(begin - 90_000), count: 7 },
      told: [told('log', 7, 90_000), told('desktop', 3, 11 * minute)],
    }),
  ]
}

function seen(): AlarmRow[] {
  return Array.from({ length: 60 }, (_, n) => {
    const first = begin - (n + 3) * day
    return alarm(60 - n, n % 5 === 0 ? 'test' : (['disk', 'drift', 'needs_review'][n % 3] as string), `subject ${n}`, {
      text: n % 5 === 0 ? 'this is the weekly test: alarms reach this channel. Nothing happened' : '200 MiB are free',
      ...{ firstAt: at(first), lastAt: at(first + n * minute), count: 1 + (n % 4), told: [] },
      ...{ acknowledgedAt: at(first + 20 * minute), acknowledgedBy: n % 2 === 0 ? 'window' : 'cli' },
    })
  })
}

function channels(troubled: boolean, empty: boolean): AlarmChannel[] {
  const log = { name: 'log', problem: '', downSince: '', toldAt: empty ? '' : at(begin - 40_000) }
  const desktop = { name: 'desktop', problem: '', downSince: '', toldAt: '' }
  if (!troubled) return [log, desktop]
  const problem = 'tell desktop of an alarm: the system shows no notifications'
  return [log, { ...desktop, problem, downSince: at(begin - 11 * minute) }]
}

/** What must not be missed, made up; troubled: three are open, and one channel is down. */
export function alarmsFake(answer: Answer, empty: boolean, troubled: boolean, changed: () => void): Api['alarms'] {
  let rows = empty ? [] : [...(troubled ? open() : []), ...seen()]
  return {
    list: (req) =>
      answer('Alarms.List', () => {
        const kept = rows.filter(
          (row) => (!req.openOnly || row.acknowledgedAt === '') && (req.cursor === '' || +row.id < +req.cursor),
        )
        const items = kept.slice(0, req.limit || 50)
        const next = items.length < kept.length ? (items.at(-1)?.id ?? '') : ''
        return { items, next, channels: channels(troubled, empty) }
      }),
    acknowledge: (req) =>
      answer('Alarms.Acknowledge', () => {
        const row = found(
          rows.find((one) => one.id === req.id),
          `alarm ${req.id}`,
        )
        Object.assign(row, { acknowledgedAt: at(begin), acknowledgedBy: 'window' })
        changed()
        return row
      }),
    test: () =>
      answer('Alarms.Test', () => {
        const id = 1 + Math.max(0, ...rows.map((row) => +row.id))
        const row = alarm(id, 'test', 'asked for', {
          text: 'this is a test that window asked for: alarms reach this channel. Nothing happened',
          fix: 'acknowledge it, so that you know the alarms arrive',
          ...{ firstAt: at(begin), lastAt: at(begin) },
        })
        rows = [row, ...rows]
        changed()
        return row
      }),
  }
}
