import type { Api } from '../index'
import type { AlarmRow, AuditRow, SessionRow, TokenRow } from '../types.gen'
import type { Answer } from './made'
import { done, fault, found } from './made'
import { at, begin, day, hour, minute } from './seed'

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

const session = (id: string, browser: string, current: boolean): SessionRow => ({
  ...{ id, browser, address: '127.0.0.1', signedInAt: at(begin - day), lastSeen: at(begin - minute), current },
  expiresAt: at(begin + 11 * hour),
})

/** Who did what, what must not be missed, and who is let in, made up. */
export function guardFake(answer: Answer, empty: boolean): Pick<Api, 'audit' | 'alarms' | 'sessions' | 'tokens'> {
  const written = empty ? [] : lines()
  const alarms = empty ? [] : [alarm('1', 'disk', '200 MiB are free', 'free space on the disk of the data folder')]
  let sessions = [session('a1b2c3d4', 'Firefox on Linux', true), session('e5f6a7b8', 'Safari on iPhone', false)]
  let tokens: TokenRow[] = empty
    ? []
    : [{ name: 'grafana', scope: 'read', createdAt: at(begin - 9 * day), actor: 'cli', lastSeen: at(begin - minute) }]

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
    sessions: {
      list: () => answer('Sessions.List', () => ({ items: sessions })),
      revoke: (req) =>
        answer('Sessions.Revoke', () => {
          found(
            sessions.find((row) => row.id === req.id),
            `session ${req.id}`,
          )
          sessions = sessions.filter((row) => row.id !== req.id)
          return done()
        }),
      revokeOthers: () =>
        answer('Sessions.RevokeOthers', () => ((sessions = sessions.filter((row) => row.current)), done())),
      rotateKey: () => answer('Sessions.RotateKey', () => ((sessions = []), (tokens = []), done())),
    },
    tokens: {
      list: () => answer('Tokens.List', () => ({ items: tokens })),
      create: ({ name, scope }) =>
        answer('Tokens.Create', () => {
          if (tokens.some((row) => row.name === name))
            throw fault('invalid', `name: there is a token "${name}" already`, 'name')
          tokens = [...tokens, { name, scope, createdAt: at(begin), actor: 'window', lastSeen: '' }]
          return { name, scope, key: 'hxt_made-up-for-tests-only' }
        }),
      revoke: (req) =>
        answer('Tokens.Revoke', () => {
          found(
            tokens.find((row) => row.name === req.name),
            `token "${req.name}"`,
          )
          tokens = tokens.filter((row) => row.name !== req.name)
          return done()
        }),
    },
  }
}
