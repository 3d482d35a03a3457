import { ApiFault } from '../fault'
import type { Api } from '../index'

/** What TradingView would be given, and what the gateway would say to it. */
export function alertsFake(answer: <T>(method: string, make: () => T) => Promise<T>, empty: boolean): Api['alerts'] {
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
        if (size !== '' && !/^\d+(\.\d+)?$/.test(size))
          throw new ApiFault({ kind: 'invalid', message: 'must be a number such as 0.01', ref: '', field: 'size' })
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
    send: () =>
      answer('Alerts.Send', () => ({
        status: 202,
        body: '{"requestId":"sig-900001","status":"accepted"}',
        micros: 4_180,
        requestId: 'sig-900001',
      })),
  }
}
