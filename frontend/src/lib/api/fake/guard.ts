import type { Api } from '../index'
import type { AlarmRow, AuditRow } from '../types.gen'
import type { Answer } from './made'
import { found } from './made'
import { at, begin, hour, minute } from './seed'

const line = (n: number, action: string, subject: string, change: Partial<AuditRow> = {}): AuditRow => ({
  ...{ line: n, at: at(begin - (5 - n) * hour), actor: 'window', origin: 'this computer', action, subject },
  ...{ decision: 'done', before: '', after: '', detail: '' },
  ...{ prevHash: `${n - 1}`.padStart(64, '0'), hash: `${n}`.padStart(64, '0') },
  ...change,
})

const lines = (): AuditRow[] => [
  line(4, 'kill.set', 'trading', { before: 'halted', after: 'active', detail: 'looked into it' }),
  line(3, 'setting.set', 'trade:default_leverage', {
    before: '5',
    after: '500',
    decision: 'refused',
    detail: 'above 125',
  }),
  line(2, 'secret.set', 'BYBIT_API_KEY', { actor: 'cli' }),
  line(1, 'address.confirm', 'https://quiet-harbour-41.example.net'),
]

const alarm = (id: string, kind: string, text: string, fix: string): AlarmRow => ({
  ...{ id, kind, subject: kind, text, fix, firstAt: at(begin - 3 * hour), lastAt: at(begin - 12 * minute), count: 2 },
  ...{ acknowledgedAt: '', acknowledgedBy: '' },
})

/** Who did what, and what must not be missed, made up. */
export function guardFake(answer: Answer, empty: boolean): Pick<Api, 'audit' | 'alarms'> {
  const written = empty ? [] : lines()
  const alarms = empty ? [] : [alarm('1', 'disk', '200 MiB are free', 'free space on the disk of the data folder')]

  return {
    audit: {
      list: (req) =>
        answer('Audit.List', () => ({
          items: written.filter((row) => [row.action, ''].includes(req.action) && [row.actor, ''].includes(req.actor)),
          next: '',
        })),
      get: (req) =>
        answer('Audit.Get', () =>
          found(
            written.find((row) => row.line === req.line),
            `line ${req.line}`,
          ),
        ),
      verify: () => answer('Audit.Verify', () => ({ ok: true, detail: '' })),
      export: () =>
        answer('Audit.Export', () => ({
          text: written.map((row) => `${JSON.stringify(row)}\n`).join(''),
          lines: written.length,
          next: 0,
        })),
    },
    alarms: {
      list: (req) =>
        answer('Alarms.List', () => ({
          items: alarms.filter((row) => !req.openOnly || row.acknowledgedAt === ''),
          next: '',
          channels: [{ name: 'log', problem: '', downSince: '', toldAt: empty ? '' : at(begin - 12 * minute) }],
        })),
      acknowledge: (req) =>
        answer('Alarms.Acknowledge', () =>
          Object.assign(
            found(
              alarms.find((row) => row.id === req.id),
              `alarm ${req.id}`,
            ),
            { acknowledgedAt: at(begin), acknowledgedBy: 'window' },
          ),
        ),
    },
  }
}
