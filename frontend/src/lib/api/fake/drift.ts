import type { Api } from '../index'
import type { DriftFix, DriftRow } from '../types.gen'
import type { Answer } from './made'
import { done, fault } from './made'
import { at, begin, hour, minute } from './seed'

const again: DriftFix = { what: 'ask_again', label: 'Compare again', help: 'Asks the exchange now. Changes nothing.' }
const cancel: DriftFix = { what: 'cancel', label: 'Cancel at the exchange', help: 'Cancels this one order there.' }
const ignore: DriftFix = { what: 'ignore', label: 'Ignore', help: 'Leaves it as it is until it changes.' }
const adopt: DriftFix = {
  what: 'adopt',
  label: 'Take over',
  help: "The ledger takes what the exchange has, at the exchange's entry price. No order is sent.",
}
const stops = ' Entries of this instrument on this account are refused until it is settled; closes go.'

function row(kind: string, account: string, symbol: string, change: Partial<DriftRow>): DriftRow {
  return {
    ...{ id: `${account} ${kind} ${symbol}`, account, mode: account.split(':')[1] ?? '', kind, product: 'linear' },
    ...{ symbol, slot: 'both', orderId: '', exchangeId: '', ours: '', theirs: '', meaning: '' },
    ...{ firstSeen: at(begin - 9 * minute), lastSeen: at(begin - 12_000), rounds: 3, ignored: false, fixes: [again] },
    ...change,
  }
}

/** A difference of each kind. */
function rows(): DriftRow[] {
  return [
    row('size', 'bybit:testnet', 'BTCUSDT', {
      ...{ ours: 'long 0.010', theirs: 'long 0.006', fixes: [adopt, ignore, again] },
      meaning: `The exchange holds another size than the ledger.${stops}`,
    }),
    row('external', 'bybit:testnet', 'ETHUSDT', {
      ...{ ours: 'flat', theirs: 'short 0.25', fixes: [adopt, ignore, again], ignored: true },
      meaning: `The exchange holds a position that this program did not open.${stops}`,
    }),
    row('missing', 'binance:live', 'SOLUSDT', {
      ...{ ours: 'long 4.5', theirs: 'flat', fixes: [adopt, ignore, again] },
      meaning: `The ledger holds a position that the exchange does not have: it was closed elsewhere.${stops}`,
    }),
    row('lost_order', 'binance:live', 'BTCUSDT', {
      ...{ ours: 'buy 0.005 at 66100', theirs: 'no such order', orderId: 'ord-000231' },
      meaning: 'An order of ours is not among the open ones at the exchange. It is being looked up.',
    }),
    row('recovered_order', 'bybit:testnet', 'BTCUSDT', {
      ...{ ours: 'no such order', theirs: 'sell 0.002 at 71000', fixes: [cancel, adopt, again] },
      ...{ exchangeId: '8f1c-77', firstSeen: at(begin - 2 * hour) },
      meaning: "An order at the exchange carries this program's mark but is not in the ledger: a ledger was restored.",
    }),
    row('foreign_order', 'bybit:testnet', 'XRPUSDT', {
      ...{ ours: 'no such order', theirs: 'buy 850 at 0.5512', exchangeId: '91d2-04', fixes: [ignore, cancel] },
      meaning: 'Somebody placed this order elsewhere. It is never touched by itself.',
    }),
  ]
}

/** Where the made-up ledger and exchanges do not agree. */
export function driftFake(answer: Answer, empty: boolean, agreed: boolean, changed: () => void): Api['drift'] {
  let items = empty || agreed ? [] : rows()
  const compared = { problem: '', comparedAt: at(begin - 12_000) }
  const banned = 'banned until 12:14:00 UTC; nothing is asked until then'
  const accounts = empty
    ? []
    : [
        { account: 'bybit:testnet', ...compared },
        { account: 'binance:live', comparedAt: at(begin - 6 * minute), problem: agreed ? '' : banned },
      ]
  return {
    list: () => answer('Drift.List', () => ({ items, accounts })),
    fix: ({ id, what }) =>
      answer('Drift.Fix', () => {
        const row = items.find((one) => one.id === id)
        if (!row) throw fault('conflict', 'things have moved since: look again')
        if (what === 'ignore') row.ignored = true
        else if (what !== 'ask_again') items = items.filter((one) => one !== row)
        changed()
        return done()
      }),
  }
}
