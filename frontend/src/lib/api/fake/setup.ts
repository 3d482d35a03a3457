import { ApiFault } from '../fault'
import type { Api } from '../index'
import type { SetupState, SetupStep } from '../types.gen'
import { at, begin, day } from './seed'

type Answer = <T>(method: string, make: () => T) => Promise<T>

const version = '1'

const points = [
  { title: 'It trades by itself', text: 'An alert with your key in it is an order. It starts on paper.' },
  {
    title: 'You can lose everything on the account',
    text: 'The program does not know whether an alert is a good one.',
  },
  { title: 'It cannot promise that an order goes through', text: 'While this computer is off no alert is traded.' },
  { title: 'You answer for it', text: 'Nothing here is advice to buy or sell.' },
]

const step = (id: string, name: string, done: boolean, detail: string, fix: string): SetupStep => ({
  ...{ id, name, done, detail, fix: done ? '' : fix, optional: ['tunnel', 'telegram'].includes(id) },
})

/** How far the first steps are, made up: nothing is done while empty, everything else. */
export function setupFake(answer: Answer, mode: string, empty: boolean, changed: () => void): Api['setup'] {
  let accepted = !empty
  let outcome = empty ? 'open' : 'done'
  const said = at(begin - (empty ? 0 : 3 * day))
  const url = empty ? 'http://127.0.0.1:8787' : 'https://quiet-harbour-41.example.net'

  const state = (): SetupState => ({
    ...{ dataDir: '~/.local/share/hoox', market: 'synthetic', vaultSeal: 'sealed by a key in the keychain' },
    ...{ firstRun: empty, opens: empty && outcome === 'open' },
    ...{ outcome, outcomeAt: outcome === 'open' ? '' : said, outcomeBy: outcome === 'open' ? '' : 'window' },
    terms: { version, points, accepted, acceptedAt: accepted ? said : '', acceptedBy: accepted ? 'window' : '' },
    arrival: empty
      ? { requestId: '', at: '', way: '', from: '', fix: '' }
      : { requestId: 'sig-000240', at: at(begin - 12_000), way: 'outside', from: '52.89.214.238', fix: '' },
    astray: { at: '', words: '', fix: '' },
    steps: [
      step('terms', 'What it does with money', accepted, `version ${version}`, 'read and accept'),
      step('money', 'Paper or exchange keys', true, `${mode.toUpperCase()}: no real money moves`, ''),
      step('tunnel', 'A way in for TradingView', !empty, 'only this computer can send alerts', 'choose a tunnel'),
      step('message', 'Address and message', !empty, `${url}/webhook, with the key that ends in …9f2c`, 'a tunnel'),
      step('alert', 'First live alert', !empty, empty ? 'none came yet' : 'LONG BTCUSDT was filled', 'send one'),
      step(
        'telegram',
        'Your phone',
        !empty,
        empty ? 'no bot is set up' : '@quiet_harbour_bot, with 2 paired',
        'make a bot',
      ),
    ],
  })

  const put = (method: string, change: () => void) =>
    answer(method, () => {
      change()
      changed()
      return state()
    })

  return {
    get: () => answer('Setup.Get', state),
    accept: (req) =>
      put('Setup.Accept', () => {
        if (req.version !== version)
          throw new ApiFault({ kind: 'conflict', message: 'these words do not hold any more', ref: '', field: '' })
        accepted = true
      }),
    finish: () => put('Setup.Finish', () => (outcome = 'done')),
    putOff: () => put('Setup.PutOff', () => (outcome = outcome === 'done' ? 'done' : 'later')),
  }
}
