import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SetupState, SignalRow, TunnelState } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { alertStations, refusalOf, tunnelStations, wayWords } from '$lib/features/setup/words'
import { App } from '$lib/stores/app.svelte'
import FirstSteps from '$lib/features/overview/FirstSteps.svelte'
import Setup from '../src/pages/Setup.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
  Element.prototype.scrollIntoView = () => undefined
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const said = () => document.body.textContent.replace(/\s+/g, ' ')
const heading = () => screen.getByRole('heading', { level: 1 }).textContent
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const press = async (name: string | RegExp) => {
  await fireEvent.click(button(name))
  await passed(400)
}
const key = async (name: string, target: Element = document.body, more: KeyboardEventInit = {}) => {
  await fireEvent.keyDown(target, { key: name, ...more })
  await passed(400)
}
const list = () => within(screen.getByRole('navigation', { name: 'First steps' }))
const states = () =>
  list()
    .getAllByRole('listitem')
    .map((item) => item.textContent.replace(/\s+/g, ' ').trim())

/** The wizard at one step, on a fresh folder whose words are accepted unless it is about them. */
async function at(step: string, options: FakeOptions = { empty: true }, prepare?: (fake: Fake) => void) {
  const staged = await stage(Setup, `#/setup/${step}`, options, (fake) => {
    if (step !== 'terms') void fake.api.setup.accept({ version: '1' })
    prepare?.(fake)
  })
  await passed(400)
  return staged
}

/** Setup.Get with these changes. */
const knowing = (change: (state: SetupState) => Partial<SetupState>) => (fake: Fake) => {
  const { get } = fake.api.setup
  fake.api.setup.get = async () => {
    const state = await get()
    return { ...state, ...change(state) }
  }
}

const stages = (...names: string[]): SignalRow['timeline'] =>
  names.map((stage, n) => ({ at: '2026-11-22T12:00:00Z', stage, detail: `${stage} it`, micros: n * 900, orderId: '' }))

const alert = (change: Partial<SignalRow> = {}): SignalRow => ({
  ...{ requestId: 'sig-1', source: 'webhook', receivedAt: '2026-11-22T12:00:00Z', status: 'filled', reason: '' },
  ...{
    deliveries: 1,
    exchange: 'paper',
    account: 'paper:paper',
    symbol: 'BTCUSDT',
    action: 'LONG',
    quantity: '0.01 BTC',
  },
  ...{
    mode: 'paper',
    credential: 'webhook',
    keyLabel: 'master key',
    strategy: '',
    comment: '',
    warnings: [],
    orders: [],
  },
  timeline: stages('received', 'admitted', 'submitted', 'filled'),
  ...{ parent: '', children: [] },
  ...change,
})

/** The newest alert is this one from now on, none when it is left out; it came from outside. */
const newest = (fake: Fake, row?: SignalRow, change: Partial<SetupState['arrival']> = {}) => {
  const at = row?.receivedAt ?? ''
  const arrival = { requestId: row?.requestId ?? '', at, way: 'outside', from: '52.89.214.238', fix: '', ...change }
  knowing(() => ({ arrival }))(fake)
  if (row) fake.api.signals.get = () => Promise.resolve({ ...row, raw: '', deadline: '', decision: [], fills: [] })
}

describe('on a first run', () => {
  async function opened(hash: string, options: FakeOptions, prepare?: (fake: Fake) => void) {
    window.location.hash = hash
    const fake = fakeBackend(options)
    prepare?.(fake)
    const app = new App(fake)
    const stops = [app.start(), app.setup.openOnce()]
    await passed(400)
    return { fake, stop: () => stops.forEach((end) => end()) }
  }

  it('it opens by itself', async () => {
    const { stop } = await opened('', { empty: true })
    expect(window.location.hash).toBe('#/setup')
    stop()
  })

  it.each([
    ['the address asks for another page', '#/fills', { empty: true }],
    ['the folder has traded before', '', {}],
  ])('it does not when %s', async (_, hash, options) => {
    const { stop } = await opened(hash, options)
    expect(window.location.hash).toBe(hash)
    stop()
  })

  it('it does not take somebody back who went elsewhere meanwhile', async () => {
    const { stop } = await opened('', { empty: true, delay: 1000 })
    window.location.hash = '#/fills'
    await passed(3000)
    expect(window.location.hash).toBe('#/fills')
    stop()
  })

  it('it waits for a program that is still starting, and opens once', async () => {
    const { fake, stop } = await opened('', { empty: true }, (one) => one.fail('Setup.Get'))
    expect(window.location.hash).toBe('')
    fake.mend()
    await passed(11_000)
    expect(window.location.hash).toBe('#/setup')
    window.location.hash = ''
    fake.hint('settings')
    await passed(3000)
    expect(window.location.hash).toBe('')
    stop()
  })
})

describe('the words on money', () => {
  it('come first whatever the address says, and lock the rest', async () => {
    await stage(Setup, '#/setup/alert', { empty: true })
    await passed(400)
    expect(heading()).toBe('What this program does with your money')
    expect(window.location.hash).toBe('#/setup/terms')
    expect(list().getAllByRole('link')).toHaveLength(1)
    expect(list().getAllByTitle(/^First read what the program does/)).toHaveLength(6)
  })

  it('are accepted by a ticked box and the button, in the version that was read', async () => {
    const versions: string[] = []
    await at('terms', { empty: true }, ({ api }) => {
      const { accept } = api.setup
      api.setup.accept = (req) => (versions.push(req.version), accept(req))
    })
    expect(said()).toContain('You can lose everything on the account')
    expect(button(/^Accept and go on/).title).toBe('Tick the box first')
    await key('Enter')
    expect(versions).toEqual([])
    await fireEvent.click(screen.getByRole('checkbox'))
    await key('Enter', screen.getByRole('checkbox'))
    expect(versions).toEqual(['1'])
    expect(heading()).toBe('Paper or exchange keys')
    expect(states()[0]).toContain('done')
  })

  it('that were changed meanwhile are not accepted unread', async () => {
    await at('terms', { empty: true }, (fake) =>
      fake.fail('Setup.Accept', new ApiFault({ kind: 'conflict', message: 'read version 2', ref: '', field: '' })),
    )
    await fireEvent.click(screen.getByRole('checkbox'))
    await press(/^Accept and go on/)
    expect(screen.getByRole('alert').textContent).toContain('Not accepted: read version 2')
    expect(heading()).toBe('What this program does with your money')
  })
})

describe('walking', () => {
  it('says how each step stands by what the program knows, in words', async () => {
    await at('tunnel')
    expect(states()).toEqual([
      '✓ What it does with money done',
      '✓ Paper or exchange keys done',
      '3 A way in for TradingView you are here',
      '4 Address and message open',
      '5 First live alert open',
      '6 Your phone may wait',
      '7 Summary to come',
    ])
    expect(screen.getByRole('link', { current: 'step' }).textContent).toContain('A way in')
  })

  it('shows no step that this page has no view for', async () => {
    const mail = { id: 'mail', name: 'Mail', done: false, optional: true, detail: '', fix: '' }
    await at(
      'money',
      { empty: true },
      knowing((state) => ({ steps: [...state.steps, mail] })),
    )
    expect(said()).not.toContain('Mail')
  })

  it('puts the focus on the heading of each step', async () => {
    await at('money')
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }))
    await key('Enter', document.activeElement ?? undefined)
    expect(heading()).toBe('A way in for TradingView')
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }))
    await press('Back')
    expect(heading()).toBe('Paper or exchange keys')
  })

  it('leaves Enter to what it belongs to', async () => {
    await at('money')
    await key('Enter', button('Back'))
    await key('Enter', document.body, { repeat: true })
    await key('Enter', document.body, { ctrlKey: true })
    const dialog = document.body.appendChild(document.createElement('div'))
    dialog.setAttribute('role', 'dialog')
    await key('Enter')
    await key('Escape')
    dialog.remove()
    expect(heading()).toBe('Paper or exchange keys')
    expect(window.location.hash).toBe('#/setup/money')
  })

  it.each([
    ['Esc', () => key('Escape')],
    ['Later', () => press('Later')],
  ])('is left by %s without a question, and put off', async (_, leave) => {
    const { called } = await at('money')
    await leave()
    expect(window.location.hash).toBe('#/overview')
    expect(called('Setup.PutOff')).toBe(1)
  })

  it('is left all the same when that cannot be written, and what is finished stays so', async () => {
    const { called, fake, unmount } = await at('money')
    fake.fail('Setup.PutOff')
    await key('Escape')
    expect(window.location.hash).toBe('#/overview')
    expect(called('Setup.PutOff')).toBe(1)
    unmount()
    const again = await at('money', {})
    await key('Escape')
    expect(again.called('Setup.PutOff')).toBe(0)
  })
})

describe('paper or keys', () => {
  it('begins on paper, which needs nothing', async () => {
    await at('money')
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Start on paper/ }).checked).toBe(true)
    expect(screen.queryByRole('button', { name: /^Add keys/ })).toBeNull()
    expect(button(/^Go on with PAPER/)).toBeTruthy()
  })

  it('takes keys once, tests them, and never shows them', async () => {
    const { called } = await at('money')
    await fireEvent.click(screen.getByRole('radio', { name: /^Add the keys/ }))
    await passed()
    expect(said()).toContain('they are sealed by a key in the keychain')
    await press('Add keys of Bybit TESTNET')
    await fireEvent.input(screen.getByLabelText('API key'), { target: { value: 'public-half-1' } })
    await fireEvent.input(screen.getByLabelText('API secret'), { target: { value: 'secret-half-1' } })
    await press('Store keys TESTNET')
    expect(called('Accounts.SaveKeys')).toBe(1)
    await press('Test connection')
    expect(screen.getByRole('dialog').textContent).toContain('What the key may do')
    expect(document.body.innerHTML).not.toMatch(/(public|secret)-half-1/)
  })

  it('says what is wrong with an account that alerts go to', async () => {
    const broken = { done: false, detail: 'bybit:live has no keys', fix: 'add its keys with `hoox secret set`' }
    await at(
      'money',
      { empty: true },
      knowing((state) => ({
        steps: state.steps.map((one) => (one.id === 'money' ? { ...one, ...broken } : one)),
      })),
    )
    expect(said()).toContain('bybit:live has no keys Fix add its keys with hoox secret set')
  })
})

describe('the way in', () => {
  const phase = (change: Partial<TunnelState>) =>
    ({ kind: 'cloudflared', public: '', provedAt: '', detail: '', ...change }) as TunnelState

  it('is told in stations, and nothing counts as proved before an answer came back', () => {
    const told = (change: Partial<TunnelState>) =>
      tunnelStations(phase(change))
        .map((one) => one.tone)
        .join(' ')
    expect(told({ phase: 'off' })).toBe('ahead ahead ahead ahead')
    expect(told({ phase: 'starting' })).toBe('good busy ahead ahead')
    expect(told({ phase: 'starting', public: 'https://a' })).toBe('good busy good ahead')
    expect(told({ phase: 'degraded', public: 'https://a' })).toBe('good good good warn')
    expect(told({ phase: 'up', public: 'https://a' })).toBe('good good good warn')
    expect(told({ phase: 'up', public: 'https://a', provedAt: 'then' })).toBe('good good good good')
    expect(told({ phase: 'down', detail: 'no' })).toBe('good bad ahead ahead')
    expect(told({ phase: 'up', kind: 'none', public: 'https://a', provedAt: 'then' })).toBe('good good good')
  })

  it('may be left out', async () => {
    await at('tunnel')
    expect(said()).toContain('only this computer can reach the gateway')
    expect(said()).toContain('An account at ngrok and its authtoken, no program. Free within limits.')
    await press(/^Go on without a tunnel/)
    expect(heading()).toBe('Address and message')
  })

  it('says what is wrong and what mends it, and follows it until it is up', async () => {
    const { called } = await at('tunnel', { empty: true, tunnel: 'down' })
    expect(said()).toContain('cloudflared ended: the token is refused')
    expect(said()).toContain('Fix make another token')
    const before = called('Tunnel.Get')
    await passed(12_000)
    expect(called('Tunnel.Get')).toBeGreaterThan(before + 1)
  })

  it('goes on with an answer that came back', async () => {
    await at('tunnel', { empty: true, tunnel: 'up' })
    expect(said()).toContain('Yes: an answer came back through the public address.')
    expect(button(/^Go on/).textContent).not.toContain('without')
  })
})

describe('address and message', () => {
  it('proposes a small test that any chart can fire', async () => {
    const asked: unknown[] = []
    const writeText = vi.fn((text: string) => Promise.resolve(void text))
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
    await at('message', { empty: true }, ({ api }) => {
      const { build } = api.alerts
      api.alerts.build = (req) => (asked.push(req), build(req))
    })
    expect(asked.at(-1)).toMatchObject({
      exchange: 'paper',
      symbol: 'BTCUSDT',
      action: 'LONG',
      size: '100',
      test: true,
    })
    expect(said()).toMatch(/Message: delete what stands there and paste the message/)
    expect(said()).toMatch(/Notifications: tick Webhook URL/)
    await press('Copy with key')
    expect(writeText.mock.lastCall?.[0]).toContain('hxk_made_up')
  })

  it('takes the exchange that is switched to more than paper', async () => {
    const asked: { exchange: string; test: boolean }[] = []
    await at('message', { empty: true, mode: 'live' }, ({ api }) => {
      const { build } = api.alerts
      api.alerts.build = (req) => (asked.push(req), build(req))
    })
    expect(asked.at(-1)).toMatchObject({ exchange: 'bybit', test: true })
  })
})

describe('the stations of an alert', () => {
  const told = (status: string, ...names: string[]) =>
    alertStations(alert({ status, timeline: stages(...names) }), 'paper').map(({ name, tone }) => `${name} ${tone}`)

  it('are all ahead before it came, and passed as far as it went', () => {
    expect(alertStations(undefined, 'live').map(({ name, tone }) => `${name} ${tone}`)).toEqual([
      'Received ahead',
      'Checked ahead',
      'Decided ahead',
      'Sent ahead',
      'Filled with real money ahead',
    ])
    expect(told('filled', 'received', 'admitted', 'submitted', 'filled')).toEqual([
      'Received good',
      'Checked good',
      'Decided good',
      'Sent good',
      'Filled on paper good',
    ])
    expect(told('refused', 'received', 'refused').slice(2)).toEqual([
      'Decided warn',
      'Sent ahead',
      'Filled on paper ahead',
    ])
    expect(told('no_op', 'received', 'no_op')[2]).toBe('Decided neutral')
    expect(told('executing', 'received', 'admitted', 'submitted', 'accepted')[4]).toBe('Filled on paper busy')
    expect(told('rejected', 'received', 'admitted', 'submitted', 'rejected')[4]).toBe('Filled on paper bad')
    expect(told('needs_review', 'received', 'admitted', 'submitted', 'unknown', 'needs_review')[4]).toBe(
      'Filled on paper bad',
    )
  })

  it('say the way only when it is known, and a local one proves nothing of TradingView', () => {
    expect(wayWords('here', '127.0.0.1')).toContain('from this computer')
    expect(wayWords('here', '127.0.0.1')).toContain('not proved')
    expect(wayWords('outside', '52.89.214.238')).toContain('from outside, from 52.89.214.238')
    expect(wayWords('outside', '')).toBe('It came from outside: the way from there works.')
    expect(wayWords('', '')).toBe('')
    expect(refusalOf({ status: 400, body: '{"error":"symbol: NOPE"}', micros: 1, requestId: '' })).toBe('symbol: NOPE')
    expect(refusalOf({ status: 502, body: 'bad gateway', micros: 1, requestId: '' })).toBe('bad gateway')
  })
})

describe('the first live alert', () => {
  it('is waited for, and shown the moment it comes', async () => {
    const { fake } = await at('alert', { empty: true }, (one) => newest(one))
    expect(said()).toContain('Waiting for the first alert')
    expect(button(/^Go on without an alert/)).toBeTruthy()
    newest(fake, alert())
    fake.hint('signals')
    await passed(300)
    expect(screen.getByRole('list', { name: 'The way of the alert' }).textContent).toContain('with the master key')
    expect(said()).toContain('Filled Everything it asked for was filled. It came from outside, from 52.89.214.238')
    expect(screen.getByRole('link', { name: 'Its whole story' }).getAttribute('href')).toBe('#/signals/sig-1')
  })

  it('that is refused says why and what to do', async () => {
    const row = alert({ status: 'refused', reason: 'above your cap of 5000', timeline: stages('received', 'refused') })
    await at('alert', { empty: true }, (fake) =>
      newest(fake, row, { way: 'here', fix: 'change the alert, or `hoox config set`' }),
    )
    expect(said()).toContain('Refused: above your cap of 5000')
    expect(said()).toContain('Fix change the alert, or hoox config set')
    expect(said()).toContain('not proved')
  })

  it('can be sent from here, never with real money', async () => {
    const sent: string[] = []
    await at('alert', { empty: true }, (fake) => {
      newest(fake)
      const { send } = fake.api.alerts
      fake.api.alerts.send = (req) => (sent.push(req.body), send(req))
      const { build } = fake.api.alerts
      fake.api.alerts.build = async (req) => ({ ...(await build(req)), json: JSON.stringify(req) })
    })
    await press('Send one from here')
    expect(sent).toHaveLength(1)
    expect(sent[0]).toContain('"test":true')
    expect(said()).toContain('Answered 202')
  })

  it('that the gateway does not take is told in its words', async () => {
    await at('alert', { empty: true }, (fake) => {
      newest(fake)
      const body = '{"success":false,"error":"symbol: NOPE is not known on paper"}'
      fake.api.alerts.send = () => Promise.resolve({ status: 400, body, micros: 900, requestId: 'sig-x' })
    })
    await press('Send one from here')
    expect(screen.getByRole('alert').textContent).toContain('symbol: NOPE is not known on paper')
  })

  it('that went astray is told, with what to do', async () => {
    const astray = {
      at: '2026-11-22T12:00:00Z',
      words: 'an alert was turned away: wrong key',
      fix: 'copy it with its key',
    }
    await at('alert', { empty: true }, (fake) => {
      newest(fake)
      knowing(() => ({ astray }))(fake)
    })
    expect(screen.getByRole('alert').textContent).toMatch(/turned away: wrong key.*Fix copy it with its key/)
  })

  it('is not waited for in vain while trading is halted', async () => {
    await at('alert', { empty: true, state: 'halted' }, (fake) => newest(fake))
    expect(said()).toContain('Trading is halted: an alert that comes now is blocked')
  })
})

describe('the end', () => {
  it('says what stands and what was left out, with where it is mended', async () => {
    await at('end')
    expect(heading()).toBe('Set up, as far as you wanted')
    const links = screen.getAllByRole('link', { name: 'Back to this step' }).map((one) => one.getAttribute('href'))
    expect(links).toEqual(['#/setup/tunnel', '#/setup/message', '#/setup/alert', '#/setup/telegram'])
    expect(screen.getByRole('link', { name: 'Tunnel' }).getAttribute('href')).toBe('#/tunnel')
    expect(said()).toContain('Hold HALT in the strip on top for a second')
    expect(said()).toContain('hoox kill on')
  })

  it('is kept by the program, and a refusal stays on the page', async () => {
    const { called, fake } = await at('end')
    fake.fail('Setup.Finish')
    await press(/^Finish/)
    expect(screen.getByRole('alert').textContent).toContain('Not finished:')
    expect(window.location.hash).toBe('#/setup/end')
    fake.mend()
    await press(/^Finish/)
    expect(called('Setup.Finish')).toBe(2)
    expect(window.location.hash).toBe('#/overview')
  })
})

describe('on the overview', () => {
  it('what is left leads back to the steps, until somebody puts it away for good', async () => {
    const { called } = await stage(FirstSteps, '#/overview', { empty: true })
    expect(screen.getByRole('link', { name: 'Go on with the first steps' }).getAttribute('href')).toBe('#/setup')
    expect(said()).toContain('A way in for TradingView')
    expect(called('Setup.Finish')).toBe(0)
  })

  it('nothing reminds of them once they are finished', async () => {
    await stage(
      FirstSteps,
      '#/overview',
      {},
      knowing((state) => ({
        steps: state.steps.map((one) => ({ ...one, done: one.id !== 'tunnel' })),
      })),
    )
    expect(screen.queryByRole('link', { name: 'Go on with the first steps' })).toBeNull()
  })

  it('one line is left of them once something was filled, and it can be put away', async () => {
    const { called } = await stage(
      FirstSteps,
      '#/overview',
      {},
      knowing(({ steps }) => ({
        outcome: 'later',
        steps: steps.map((one) => ({ ...one, done: one.id !== 'tunnel' })),
      })),
    )
    expect(said()).toContain('A way in for TradingView, still to do')
    await press('Put the first steps away')
    expect(called('Setup.Finish')).toBe(1)
  })
})
