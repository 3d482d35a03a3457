import type { Api } from '../index'
import type { AlertLog, LoggedAlert } from '../types.gen'
import type { Answer } from './made'
import { fault } from './made'
import { at, begin, day, hour, minute } from './seed'

/** What TradingView would be given, and what the gateway would say to it. */
export function alertsFake(answer: Answer, empty: boolean): Api['alerts'] {
  return {
    address: () =>
      answer('Alerts.Address', () => ({
        url: empty ? 'http://127.0.0.1:8787/webhook' : 'https://quiet-harbour-41.example.net/webhook',
        public: !empty,
        note: empty
          ? 'Only this computer can reach it: start a tunnel so that TradingView can.'
          : 'Probed 15 s ago through the tunnel.',
        keyHint: '9f2c',
      })),
    reveal: () => answer('Alerts.Reveal', () => ({ key: 'hxk_made_up_for_tests_only_9f2c' })),
    build: (req) =>
      answer('Alerts.Build', () => {
        const { exchange, action, symbol, size, sizeMode, leverage } = req
        if (size !== '' && !/^\d+(\.\d+)?$/.test(size)) throw fault('invalid', 'must be a number such as 0.01', 'size')
        const body = {
          apiKey: '<apiKey>',
          exchange,
          action,
          symbol: symbol || '{{ticker}}',
          [sizeMode || 'quantity']: size,
          leverage,
        }
        return {
          json: JSON.stringify(body, null, 2),
          warnings: size === '' ? ['without a size your default of 50 USDT is used'] : [],
        }
      }),
    compareLog: ({ csv }) => answer('Alerts.CompareLog', () => compared(csv)),
    send: () =>
      answer('Alerts.Send', () => ({
        status: 202,
        body: '{"requestId":"sig-900001","status":"accepted"}',
        micros: 4_180,
        requestId: 'sig-900001',
      })),
  }
}

const lost = (line: number, ms: number, delivery: string, fields: object, change: Partial<LoggedAlert> = {}) => ({
  ...{ line, at: at(ms), name: 'Breakout, 15 min', ticker: 'BYBIT:BTCUSDT.P, 15', delivery, notOurs: '' },
  message: JSON.stringify({ apiKey: '•••', symbol: '{{ticker}}', ...fields }, null, 2),
  ...change,
})

/** Three that never came in and two of others; a file with the word "complete" in it has all of its alerts. */
function compared(csv: string): AlertLog {
  if (!/time/i.test(csv))
    throw fault(
      'invalid',
      'file: has no column "Time": it is the log of alerts that is wanted, not the list of trades',
      'file',
    )
  const span = { from: at(begin - 3 * day), to: at(begin - 20 * minute) }
  if (csv.includes('complete')) return { ...span, lines: 41, ours: 41, arrived: 41, missed: [], others: [] }
  const night = begin - 9 * hour
  const eth = { name: 'Trend 4h', ticker: 'BINANCE:ETHUSDT.P, 240' }
  const aapl = { name: 'Apple over 200', ticker: 'NASDAQ:AAPL, 1D', message: '' }
  const notOurs = 'the body must be one JSON object such as {"apiKey":"…","action":"LONG",…}'
  return {
    ...span,
    ...{ lines: 48, ours: 46, arrived: 43 },
    missed: [
      lost(17, night, 'Failed: timeout', { action: 'LONG', symbol: 'BTCUSDT', strategy: 'Breakout' }),
      lost(18, night + 15 * minute, 'Failed: timeout', { action: 'CLOSE', symbol: 'BTCUSDT', strategy: 'Breakout' }),
      lost(39, begin - 2 * hour, 'Delivered', { action: 'sell', symbol: 'ETHUSDT', comment: 'old key' }, eth),
    ],
    others: [
      lost(5, begin - 2 * day, '', {}, { ...aapl, notOurs }),
      lost(29, begin - 7 * hour, '', {}, { ...aapl, notOurs }),
    ],
  }
}
