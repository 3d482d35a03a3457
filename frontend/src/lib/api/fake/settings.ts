import type { SettingChange, SettingRow } from '../types.gen'
import { at, begin, day, hour } from './seed'
import { telegramSettings } from './settings-telegram'

type Extra = Partial<SettingRow>

export const row = (
  group: string,
  key: string,
  type: string,
  value: string,
  help: string,
  bounds: string,
  extra: Extra = {},
): SettingRow => ({
  key,
  value,
  default: value,
  type,
  bounds,
  options: [],
  help,
  group,
  unit: '',
  readOnly: false,
  updatedAt: '',
  actor: '',
  ...extra,
})

const changed = (before: string, hours: number, actor = 'window'): Extra => ({
  default: before,
  updatedAt: at(begin - hours * hour),
  actor,
})

const tunnelKinds = ['config', 'none', 'cloudflared', 'ngrok', 'ssh', 'tailscale', 'command']

export function settings(): SettingRow[] {
  return [
    row(
      'Risk',
      'risk.max_order_notional',
      'decimal',
      '2500',
      'Refuse an entry worth more than this.',
      '10 to 1,000,000',
      { unit: 'USDT', ...changed('1000', 52) },
    ),
    row(
      'Risk',
      'risk.max_open_positions',
      'integer',
      '5',
      'Refuse an entry that would open one position more.',
      '1 to 100',
    ),
    row('Risk', 'risk.max_leverage', 'integer', '5', 'Refuse an entry with a higher leverage.', '1 to 125', {
      unit: '×',
    }),
    row(
      'Risk',
      'risk.daily_loss_limit',
      'decimal',
      '250',
      'Halt entries once today has lost this much.',
      '0 (off) to 1,000,000',
      { unit: 'USDT', ...changed('100', 30 * 24, 'cli') },
    ),
    row(
      'Risk',
      'risk.price_band',
      'decimal',
      '2.5',
      'Refuse a limit price further than this from the mark.',
      '0.1 to 50',
      { unit: '%' },
    ),
    row('Risk', 'risk.require_stop', 'boolean', 'false', 'Refuse an entry that brings no stop.', 'true | false'),
    row('Signals', 'signals.max_age', 'integer', '60', 'Refuse an alert that is older than this.', '1 to 3,600', {
      unit: 's',
    }),
    row(
      'Signals',
      'signals.dedupe_window',
      'integer',
      '300',
      'The same alert inside this time is one signal.',
      '1 to 86,400',
      { unit: 's' },
    ),
    row(
      'Signals',
      'signals.allowed_symbols',
      'list',
      'BTCUSDT, ETHUSDT, SOLUSDT, XRPUSDT',
      'Symbols an alert may name; empty allows every symbol.',
      'symbols, separated by commas',
      changed('', 80),
    ),
    row(
      'Signals',
      'signals.on_halt',
      'enum',
      'block',
      'What happens to an alert while trading is halted.',
      'block | queue',
      { options: ['block', 'queue'] },
    ),
    row(
      'Execution',
      'execution.order_type',
      'enum',
      'market',
      'The type of an order when the alert names none.',
      'market | limit',
      { options: ['market', 'limit'] },
    ),
    row(
      'Execution',
      'execution.answer_limit',
      'integer',
      '10000',
      'An order without an answer after this is unknown, not failed.',
      '1,000 to 60,000',
      { unit: 'ms' },
    ),
    row(
      'Execution',
      'execution.flatten_slippage',
      'decimal',
      '0.5',
      'How far from the mark a flatten may fill.',
      '0.05 to 10',
      { unit: '%' },
    ),
    row(
      'Paper',
      'paper.start_balance',
      'decimal',
      '10000',
      'The balance a paper account starts with.',
      '1 to 100,000,000',
      { unit: 'USDT' },
    ),
    row('Paper', 'paper.latency', 'integer', '40', 'How long the paper exchange takes to answer.', '0 to 10,000', {
      unit: 'ms',
    }),
    row(
      'Paper',
      'paper.fees',
      'json',
      '{"maker":"0.0002","taker":"0.00055"}',
      'Fees of the paper exchange.',
      'an object with maker and taker',
    ),
    row('Gateway', 'gateway.listen', 'text', '127.0.0.1:8787', 'The address alerts arrive at.', 'a loopback address', {
      readOnly: true,
    }),
    row('Gateway', 'gateway.rate_limit', 'integer', '60', 'Alerts a minute from one address.', '1 to 6,000', {
      unit: '/min',
    }),
    row(
      'Gateway',
      'gateway.allow_addresses',
      'list',
      '',
      'Addresses that may send alerts; empty allows every address with the key.',
      'addresses, separated by commas',
    ),
    row('Notifications', 'notify.fills', 'boolean', 'true', 'Tell about every fill.', 'true | false'),
    ...telegramSettings(),
    row('Storage', 'storage.keep_raw_alerts', 'integer', '90', 'How long the text of an alert is kept.', '1 to 3,650', {
      unit: 'd',
    }),
    row('Storage', 'storage.backup_hour', 'integer', '3', 'The hour (UTC) of the daily backup.', '0 to 23', {
      unit: 'h',
    }),
    row('Tunnel', 'tunnel:kind', 'enum', 'config', 'How the internet reaches the gateway.', tunnelKinds.join(' | '), {
      options: tunnelKinds,
    }),
    row(
      'Tunnel',
      'tunnel:hostname',
      'text',
      '',
      'The public address, such as hooks.example.com.',
      'at most 253 characters',
    ),
    row(
      'Tunnel',
      'tunnel:ssh_addr',
      'text',
      '',
      'The server of an ssh tunnel, host and port.',
      'at most 260 characters',
    ),
    row(
      'Tunnel',
      'tunnel:ssh_user',
      'text',
      '',
      'Who logs in at the server of an ssh tunnel.',
      'at most 64 characters',
    ),
  ]
}

export function historyOf(setting: SettingRow): SettingChange[] {
  if (setting.updatedAt === '') return []
  const last = Date.parse(setting.updatedAt)
  return [
    { at: setting.updatedAt, actor: setting.actor, from: setting.default, to: setting.value },
    { at: at(last - 9 * day), actor: 'cli', from: setting.value, to: setting.default },
  ]
}

/** What the program would say against a value; "" when it is allowed. */
export function refusal(setting: SettingRow, value: string): string {
  if (setting.readOnly) return 'this is set when the program starts and cannot be changed here'
  if (setting.type === 'enum' && !setting.options.includes(value)) return `must be one of ${setting.bounds}`
  if (setting.type === 'boolean' && value !== 'true' && value !== 'false') return 'must be true or false'
  if (setting.type === 'json') {
    try {
      JSON.parse(value)
    } catch {
      return 'is not JSON'
    }
  }
  if (setting.type !== 'integer' && setting.type !== 'decimal') return ''
  const form = setting.type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/
  if (!form.test(value)) return setting.type === 'integer' ? 'must be a whole number' : 'must be a number such as 12.5'
  const [low = 0, high = 0] = (setting.bounds.match(/[\d.,]+/g) ?? []).map((text) => Number(text.replaceAll(',', '')))
  return Number(value) < low || Number(value) > high ? `must be ${setting.bounds}` : ''
}
