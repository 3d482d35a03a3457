import type { SettingRow } from '../types.gen'
import { row } from './settings'
import { at, begin, hour } from './seed'

/** Every kind of notice: how loud it is unless somebody says otherwise, and what it tells. */
export const notices: readonly (readonly [kind: string, level: string, help: string])[] = [
  ['signal', 'off', 'An alert came in.'],
  ['fill', 'on', 'An order filled: size, price, what it made.'],
  ['partial', 'silent', 'An order filled in part.'],
  ['rejected', 'on', 'An alert was refused, or its order rejected, with what to do.'],
  ['unknown', 'on', 'The exchange gave no answer about an order; it is being asked.'],
  ['expired', 'on', 'An order’s time ran out before it could be sent.'],
  ['kill', 'on', 'Trading was halted, paused or released.'],
  ['drawdown', 'on', 'A loss came near a limit, or reached it.'],
  ['protection', 'on', 'A stop or a target was set, moved, or is missing.'],
  ['dead_letter', 'on', 'Work of the queue was given up and waits for a person.'],
  ['tunnel', 'silent', 'The public address went away or came back.'],
  ['drift', 'on', 'Ledger and exchange do not agree.'],
  ['report', 'silent', 'A report is ready.'],
]

const one = (key: string, type: string, value: string, help: string, bounds: string, more: Partial<SettingRow> = {}) =>
  row('Telegram', `telegram:${key}`, type, value, help, bounds, more)

const oneOf = (key: string, value: string, options: string[], help: string) =>
  one(key, 'enum', value, help, options.join(' | '), { options })

export function telegramSettings(): SettingRow[] {
  const levels = ['on', 'silent', 'off']
  const night = { default: '', updatedAt: at(begin - 20 * hour), actor: 'window' }
  return [
    one('enabled', 'boolean', 'true', 'Talk by Telegram, once a bot’s token is in the vault.', 'true | false'),
    oneOf('transport', 'auto', ['auto', 'poll', 'webhook'], 'How messages come in.'),
    one('allowed_chat_ids', 'list', '[]', 'Chats that may be talked to.', 'numbers of chats'),
    one(
      'quiet_hours',
      'text',
      '22:30-07:00',
      'From when to when notices make no sound.',
      'hh:mm-hh:mm or empty',
      night,
    ),
    one('digest', 'text', '', 'When to send one summary of the day.', 'hh:mm or empty'),
    one('privacy', 'boolean', 'false', 'Leave balances and equity out of every message.', 'true | false'),
    one('totp', 'boolean', 'false', 'Ask for a code of your authenticator.', 'true | false'),
    one('retention_days', 'integer', '30', 'How long messages and uploads are kept.', '1 to 365', { unit: 'days' }),
    ...notices.map(([kind, level, help]) => oneOf(`notify:${kind}`, level, levels, help)),
  ]
}
