import type { Api } from '../index'
import type { PreviewCourse, Requeued, StrategyDoc, StrategyRoute, StrategyRow } from '../types.gen'
import type { Answer } from './made'
import { fault } from './made'
import { at, begin, day } from './seed'

const route = (account: string, change: Partial<StrategyRoute> = {}): StrategyRoute => ({
  ...{
    account,
    enabled: true,
    sizeMode: '',
    sizeValue: '',
    maxOrder: '',
    maxPosition: '',
    leverage: 0,
    marginMode: '',
  },
  ...change,
})

const breakout: StrategyDoc = {
  name: 'Breakout',
  enabled: true,
  routes: [
    route('bybit:paper', { sizeMode: 'quoteQuantity', sizeValue: '200', maxPosition: '2000' }),
    route('binance:paper', {
      sizeMode: 'multiplier',
      sizeValue: '2',
      maxOrder: '500',
      leverage: 3,
      marginMode: 'isolated',
    }),
  ],
  symbols: [{ pattern: 'BTCUSD', to: 'BTCUSDT.P', account: '' }],
  ...{ pyramiding: 'add', maxAdds: 2, cancelPrevious: true, dust: true, stopLoss: '2%', trailingStop: '' },
  takeProfit: [
    { at: '2%', share: '50' },
    { at: '4%', share: '' },
  ],
  ...{ maxAgeSeconds: 45, expectMinutes: 1440, paperTwin: false },
}

const reversal: StrategyDoc = {
  ...{ name: 'Mean reversal', enabled: false, routes: [route('bybit:testnet')], symbols: [], pyramiding: 'ignore' },
  ...{ maxAdds: 0, cancelPrevious: false, dust: false, stopLoss: '', takeProfit: [], trailingStop: '1.5%' },
  ...{ maxAgeSeconds: 0, expectMinutes: 0, paperTwin: true },
}

/** Two strategies, and what an alert would do with them. */
export function strategiesFake(answer: Answer, empty: boolean): Api['strategies'] {
  let rows: StrategyRow[] = empty
    ? []
    : [
        { doc: breakout, version: 4, updatedAt: at(begin - 2 * day), actor: 'window' },
        { doc: reversal, version: 1, updatedAt: at(begin - 19 * day), actor: 'browser' },
      ]

  const stored = (name: string, version: number) => {
    const row = rows.find((one) => one.doc.name === name)
    if (row && version === 0)
      throw fault('conflict', `there is a strategy "${name}" already: open it, or choose another name`)
    if (row && row.version !== version)
      throw fault(
        'conflict',
        `strategy "${name}" was changed meanwhile (version ${row.version}, edited ${version}): load it again`,
      )
    return row
  }

  return {
    list: () => answer('Strategies.List', () => ({ items: rows })),
    save: ({ doc, version }) =>
      answer('Strategies.Save', () => {
        check(doc)
        stored(doc.name, version)
        const row = { doc, version: version + 1, updatedAt: at(begin), actor: 'window' }
        rows = [...rows.filter((one) => one.doc.name !== doc.name), row]
        rows.sort((a, b) => (a.doc.name < b.doc.name ? -1 : 1))
        return row
      }),
    delete: ({ name, version }) =>
      answer('Strategies.Delete', () => {
        const row = stored(name, version)
        rows = rows.filter((one) => one !== row)
        return { requestId: '', status: 'ok', reason: 'its history is kept' }
      }),
    preview: ({ doc, alert }) =>
      answer('Strategies.Preview', () => {
        check(doc)
        if (!alert.trim().endsWith('}'))
          throw fault('invalid', 'alert: the JSON ends too early: a closing } is missing')
        const ways = doc.routes.filter((one) => one.enabled).map((one) => one.account)
        return { items: (ways.length > 0 ? ways : ['bybit:paper']).map(course) }
      }),
  }
}

function check(doc: StrategyDoc): void {
  if (doc.name.trim() === '')
    throw fault('invalid', 'name: want 1 to 128 characters without spaces around them', 'name')
  const number = /^\d+(\.\d+)?$/
  doc.routes.forEach(({ sizeMode, sizeValue, maxOrder }, n) => {
    const field = sizeMode === 'multiplier' ? 'multiplier' : 'size.value'
    if (sizeMode !== '' && !number.test(sizeValue)) wrong(`routes[${n}].${field}`)
    if (maxOrder !== '' && !number.test(maxOrder)) wrong(`routes[${n}].maxOrder`)
  })
  if (doc.stopLoss !== '' && !/^\d+(\.\d+)?%?$/.test(doc.stopLoss))
    throw fault('invalid', 'stopLoss: want a price such as "58000" or a percent such as "2%"', 'stopLoss')
}

function wrong(field: string): never {
  throw fault('invalid', `${field}: want a plain decimal number such as 12.5`, field)
}

function course(account: string, n: number): PreviewCourse {
  const check = (rule: string, detail: string, ok = true) => ({ rule, ok, detail })
  const refused = n === 1
  const quantity = refused ? '0.02' : '0.003'
  return {
    ...{ account, mode: account.split(':')[1] ?? '', symbol: 'BTCUSDT', product: 'linear' },
    verdict: refused ? 'refused' : 'accepted',
    reason: refused ? 'max position: asked 1348.25 USDT, allowed 1000 USDT' : '',
    legs: [
      {
        ...{ side: 'buy', type: 'market', quantity, baseAsset: 'BTC', price: '', reduceOnly: false, leverage: 3 },
        protection: 'stop 66064.3, target 68760.8 for 0.001',
      },
    ],
    checks: [
      check('strategy: size', 'quantity 0.01, allowed quoteQuantity 200'),
      check('strategy: stop loss', 'not given, allowed 2%'),
      check('quantity step', '0.00314 BTC, allowed 0.003 BTC (steps of 0.001)'),
      check('trading state', 'entry, allowed active'),
      check('max order', `${refused ? '1348.25' : '202.24'} USDT, allowed 5000 USDT`),
      check('max position', `${refused ? '1348.25 USDT, allowed 1000' : '202.24 USDT, allowed 2000'} USDT`, !refused),
    ],
    warnings: refused ? [] : ['the price of BTCUSDT is 4 s old'],
  }
}

/** What trading an old alert anew would do, or did. */
export function requeued(preview: boolean, mode: string): Requeued {
  const items = preview ? [course(`bybit:${mode}`, 0)] : []
  return { preview, requestId: preview ? '' : 'sig-900002', status: preview ? '' : 'filled', reason: '', items }
}
