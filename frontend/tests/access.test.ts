import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CreateWebhookKey, NewWebhookKey, RotateWebhookKey, UpdateWebhookKey, WebhookKeyRow } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake } from '$lib/api/fake'
import { places } from '$lib/features/frame/places'
import { formOf, problemOf, scopeOf } from '$lib/features/webhook-keys/form'
import { mayWords, sentence, stateOf } from '$lib/features/webhook-keys/words'
import Access from '../src/pages/Access.svelte'
import { row } from './find'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const now = Date.parse('2026-11-22T12:00:00.000Z')
const dialog = () => screen.getByRole('dialog')
const said = () => dialog().textContent.replace(/\s+/g, ' ')
const rowOf = (label: RegExp) => row(label)!
const type = (label: string | RegExp, value: string) =>
  fireEvent.input(within(dialog()).getByLabelText(label), { target: { value } })
const press = async (name: string | RegExp) => {
  await fireEvent.click(within(dialog()).getByRole('button', { name }))
  await passed(100)
}
const choose = async (name: string | RegExp) => {
  await fireEvent.click(within(dialog()).getByRole('radio', { name }))
  await passed()
}
const openNew = async () => {
  await fireEvent.click(screen.getByRole('button', { name: 'New key…' }))
  await passed(100)
}

/** Opens a key and chooses a deed. */
async function ask(label: string, deed: RegExp) {
  await fireEvent.click(within(rowOf(new RegExp(`^${label}`))).getByText(label))
  await passed(100)
  await press(deed)
  await passed(200)
}

function watching() {
  const seen = { create: [] as CreateWebhookKey[], update: [] as UpdateWebhookKey[], rotate: [] as RotateWebhookKey[] }
  const prepare = (fake: Fake) => {
    const { create, update, rotate } = fake.api.webhookKeys
    fake.api.webhookKeys.create = (req) => (seen.create.push(req), create(req))
    fake.api.webhookKeys.update = (req) => (seen.update.push(req), update(req))
    fake.api.webhookKeys.rotate = (req) => (seen.rotate.push(req), rotate(req))
  }
  return { seen, prepare }
}

const key = (change: Partial<WebhookKeyRow> = {}): WebhookKeyRow => ({
  ...{ id: 'k1', label: 'One', master: false, createdAt: '', revokedAt: '', lastSeenAt: '', lastSeenFrom: '', uses: 0 },
  scope: { strategy: '', accounts: [], symbols: [], entries: 'both', maxOrder: '', rateLimit: 0 },
  texts: [{ hint: 'ab12', createdAt: '', expiresAt: '', lastSeenAt: '' }],
  ...{ version: 1, actor: 'window' },
  ...change,
})

it('has a place in the navigation with a key of its own', () => {
  const place = places.find((one) => one.name === 'access')
  expect(place).toMatchObject({ label: 'Access', key: 'k' })
  expect(places.filter((one) => one.key === place?.key)).toHaveLength(1)
})

describe('the table of keys', () => {
  it('shows what each key may do, how it is used and how it is', async () => {
    await stage(Access, '#/access')
    expect(rowOf(/^master key/).textContent).toMatch(/Everything, and nothing bounds it.*2,671.*Active/)
    expect(rowOf(/^Breakout, 15 min/).textContent).toMatch(
      /Breakout\s*Up to 500 USD · BTCUSDT\.P, ETHUSDT\.P\s*30\s*\d+ s ago\s*1,204\s*✓\s*Active/,
    )
    expect(rowOf(/^Trend 4h/).textContent).toMatch(
      /Longs only · up to 2,500 USD · Bybit PAPER, Binance PAPER.*Overlap until 12:23/,
    )
    expect(rowOf(/^Only closes/).textContent).toMatch(/Closes only.*never/)
    expect(rowOf(/^Old grid bot/).textContent).toContain('Opens nothing')
    const rows = [...document.querySelector('[role=grid]')!.querySelectorAll('[role=row]')]
    expect(rows.at(-1)?.textContent).toMatch(/Shared with Ana.*Revoked 6 d ago/)
  })

  it('teaches the next step while there is only the master key', async () => {
    await stage(Access, '#/access', { empty: true })
    expect(screen.getByText(/So far one key opens everything/)).toBeTruthy()
  })

  it('says what failed, and what it shows is old', async () => {
    const { fake } = await stage(Access, '#/access', { failing: ['WebhookKeys.List'] })
    expect(screen.getByRole('alert').textContent).toContain('The webhook keys could not be read')
    fake.mend()
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await passed(100)
    expect(rowOf(/^master key/)).toBeTruthy()
    fake.fail('WebhookKeys.List')
    await passed(11_000)
    expect(screen.getByText(/As of \d+ s ago/)).toBeTruthy()
    expect(rowOf(/^master key/)).toBeTruthy()
  })

  it('offers nothing for the master key and for a revoked one that would be refused', async () => {
    await stage(Access, '#/access')
    const deeds = async (label: string) => {
      const button = screen.getByRole('button', { name: `More for the key ${label}` })
      button.focus()
      await fireEvent.keyDown(button, { key: 'Enter' })
      await passed(100)
      const items = screen.getAllByRole('menuitem', { hidden: true }).map((item) => item.textContent.trim())
      await fireEvent.keyDown(screen.getByRole('menu', { hidden: true }), { key: 'Escape' })
      await passed(200)
      return items
    }
    expect(await deeds('master key')).toEqual(['Look at it…', 'Rotate…'])
    expect(await deeds('Shared with Ana')).toEqual(['Look at it…'])
    expect(await deeds('Trend 4h')).toEqual(['Look at it…', 'Change what it may do…', 'Rotate…', 'Revoke…'])
  })

  it('opens a key with every text that opens the door', async () => {
    await stage(Access, '#/access')
    await fireEvent.click(within(rowOf(/^Trend 4h/)).getByText(/Longs only/))
    await passed(100)
    expect(said()).toContain('from 34.212.75.30')
    expect(said()).toMatch(/…Xp0A.*until it is rotated.*…m3Zs.*ends in 2\d min/)
    expect(said()).toContain('Its alerts may open longs in every symbol on Bybit PAPER, Binance PAPER')
  })
})

describe('a new key', () => {
  it('is made with what was chosen, and its text is shown once', async () => {
    const { seen, prepare } = watching()
    const copied: string[] = []
    vi.stubGlobal('navigator', {
      ...navigator,
      language: 'en-US',
      clipboard: { writeText: async (text: string) => void copied.push(text) },
    })
    const { called } = await stage(Access, '#/access', {}, prepare)
    await openNew()
    expect(within(dialog()).getByRole('button', { name: 'Make key' })).toHaveProperty('disabled', true)
    await type('Label', ' Scalper ')
    await fireEvent.change(within(dialog()).getByLabelText('Strategy'), { target: { value: 'Breakout' } })
    await choose('Only these')
    await fireEvent.click(within(dialog()).getByRole('checkbox', { name: 'Bybit PAPER' }))
    await fireEvent.click(within(dialog()).getByRole('checkbox', { name: 'Bybit LIVE swing' }))
    await choose('Long only')
    await type('Symbols', 'btc/usdt, ETHUSDT.P')
    await type(/^Largest order/, '250.50')
    await type(/^Alerts in any/, '30')
    await passed()
    expect(said()).toContain('with orders up to 250.50 USD')
    expect(said()).toContain('Breakout also trades on Binance PAPER, which this key may not')
    const before = called('WebhookKeys.List')
    await press('Make key')
    expect(seen.create).toEqual([
      {
        label: 'Scalper',
        scope: {
          strategy: 'Breakout',
          accounts: ['bybit:paper', 'bybit:live:swing'],
          symbols: ['btc/usdt', 'ETHUSDT.P'],
          entries: 'long',
          maxOrder: '250.50',
          rateLimit: 30,
        },
      },
    ])
    const text = within(dialog()).getByLabelText('The text of the key').textContent
    expect(text).toMatch(/^hxw_/)
    expect(said()).toContain('shown this once and never again')

    // Neither Escape nor a click beside it may lose what nobody can read again.
    await fireEvent.keyDown(dialog(), { key: 'Escape' })
    await passed(300)
    expect(within(dialog()).getByLabelText('The text of the key').textContent).toBe(text)
    expect(within(dialog()).queryByRole('button', { name: 'Close' })).toBeNull()
    expect(document.activeElement?.textContent).toContain('Copy key')
    await press(/^Copy key/)
    expect(copied).toEqual([text])

    await press(/^I have it/)
    expect(document.body.textContent).not.toContain(text)
    expect(called('WebhookKeys.List')).toBeGreaterThan(before)
    expect(rowOf(/^Scalper/).textContent).toContain('BTCUSDT, ETHUSDT.P')
  })

  it('is never wider than it looks: an empty choice is no choice', async () => {
    const { seen, prepare } = watching()
    await stage(Access, '#/access', {}, prepare)
    await openNew()
    await type('Label', 'Narrow')
    await choose('Only these')
    await press('Make key')
    expect(said()).toContain('Choose an account, or allow every one')
    await choose('Every account')
    await type('Symbols', ' , ')
    await press('Make key')
    expect(said()).toContain('No symbol is named')
    await type('Symbols', '')
    await type(/^Alerts in any/, '1e3')
    await press('Make key')
    expect(said()).toContain('Want a whole number')
    expect(seen.create).toEqual([])
  })

  it('without a bound says that it may do everything', async () => {
    await stage(Access, '#/access')
    await openNew()
    await type('Label', 'Wide')
    await passed()
    expect(said()).toContain('it may do whatever the master key may')
  })

  it('shows what the program refuses at its field', async () => {
    await stage(Access, '#/access')
    await openNew()
    await type('Label', 'Trend 4h')
    await press('Make key')
    expect(within(dialog()).getByLabelText('Label').getAttribute('aria-invalid')).toBe('true')
    expect(said()).toContain('there is a key "Trend 4h" already')
    await type('Label', 'Trend')
    await type('Symbols', 'BTC*')
    await press('Make key')
    expect(within(dialog()).getByLabelText('Symbols').getAttribute('aria-invalid')).toBe('true')
  })

  it('whose answer got lost is told to be revoked if it is there', async () => {
    const { fake } = await stage(Access, '#/access')
    fake.fail('WebhookKeys.Create', new ApiFault({ kind: 'unknown', message: 'no answer', ref: '', field: '' }))
    await openNew()
    await type('Label', 'Lost')
    await press('Make key')
    expect(said()).toContain('revoke it: nobody saw its text')
  })
})

describe('a change', () => {
  it('goes with the version that was edited, and leaves the rest as it was', async () => {
    const { seen, prepare } = watching()
    await stage(Access, '#/access', {}, prepare)
    await ask('Trend 4h', /^Change/)
    expect(within(dialog()).getByRole('button', { name: 'Change key' }).title).toBe('Nothing was changed')
    await choose('Long and short')
    await press('Change key')
    expect(seen.update).toEqual([
      {
        id: 'kq2w8e5r1t6y',
        version: 1,
        label: 'Trend 4h',
        scope: {
          ...{ strategy: '', accounts: ['bybit:paper', 'binance:paper'], symbols: [], entries: 'both' },
          ...{ maxOrder: '2500', rateLimit: 0 },
        },
      },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('of a key that another window changed is told, and not made over it unasked', async () => {
    const { seen, prepare } = watching()
    const { fake } = await stage(Access, '#/access', {}, prepare)
    await ask('Trend 4h', /^Change/)
    await type(/^Largest order/, '100')
    const { items } = await fakeList(fake)
    const row = items.find((one) => one.label === 'Trend 4h')!
    await Promise.all([
      fake.api.webhookKeys.update({ ...row, scope: { ...row.scope, symbols: ['SOLUSDT'] } }),
      passed(1500),
    ])
    expect(said()).toContain('changed this key since you opened it')
    await press('Change key')
    expect(seen.update.at(-1)?.version).toBe(1)
    expect(within(dialog()).getByLabelText(/^Largest order/)).toHaveProperty('value', '100')
    await press('Show theirs, lose mine')
    expect(within(dialog()).getByLabelText('Symbols')).toHaveProperty('value', 'SOLUSDT')
    expect(within(dialog()).getByLabelText(/^Largest order/)).toHaveProperty('value', '2500')
  })
})

describe('the only showing of a key', () => {
  it.each([
    ['create', openNew, 'Make key', 'Cancel'],
    ['rotate', () => ask('Trend 4h', /^Rotate/), 'Rotate key', 'Leave it'],
  ] as const)('is not lost while it is being %sd', async (method, begin, deed, leave) => {
    let answer: () => void = () => undefined
    await stage(Access, '#/access', {}, ({ api }) => {
      const real = api.webhookKeys[method].bind(api.webhookKeys) as (req: unknown) => Promise<NewWebhookKey>
      const slow = async (req: unknown) => {
        await new Promise<void>((go) => (answer = go))
        return real(req)
      }
      Object.assign(api.webhookKeys, { [method]: slow })
    })
    await begin()
    if (method === 'create') await type('Label', 'Slow')
    await press(deed)
    await fireEvent.keyDown(dialog(), { key: 'Escape' })
    await passed(300)
    expect(within(dialog()).queryByRole('button', { name: 'Close' })).toBeNull()
    const way = within(dialog()).getByRole<HTMLButtonElement>('button', { name: leave })
    expect(way.disabled).toBe(true)
    expect(way.title).toContain('shown only once')
    answer()
    await passed(300)
    expect(within(dialog()).getByLabelText('The text of the key').textContent).toMatch(/^hxw_/)
  })

  it('is over for good when it was refused: the dialog can be left again', async () => {
    const { fake } = await stage(Access, '#/access')
    fake.fail('WebhookKeys.Create')
    await openNew()
    await type('Label', 'Slow')
    await press('Make key')
    await press('Cancel')
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

describe('a conflict', () => {
  const conflict = new ApiFault({ kind: 'conflict', message: 'the key was changed meanwhile', ref: '', field: '' })

  it('is told also while nothing newer is known', async () => {
    const { fake } = await stage(Access, '#/access')
    fake.fail('WebhookKeys.Update', conflict)
    await ask('Trend 4h', /^Change/)
    await type(/^Largest order/, '100')
    await press('Change key')
    expect(said()).toContain('Not saved: the key was changed meanwhile')
  })

  it('is told of a new key, which nothing is newer than', async () => {
    const { fake } = await stage(Access, '#/access')
    fake.fail('WebhookKeys.Create', conflict)
    await openNew()
    await type('Label', 'Twice')
    await press('Make key')
    expect(said()).toContain('Not made: the key was changed meanwhile')
  })
})

it('a key that is looked at is shown as it is, also when it changes meanwhile', async () => {
  const { fake } = await stage(Access, '#/access')
  await fireEvent.click(within(rowOf(/^Trend 4h/)).getByText('Trend 4h'))
  await passed(100)
  expect(said()).toContain('open longs')
  const { items } = await fakeList(fake)
  const row = items.find((one) => one.label === 'Trend 4h')!
  await Promise.all([fake.api.webhookKeys.update({ ...row, scope: { ...row.scope, entries: 'none' } }), passed(1500)])
  expect(said()).toContain('may only close')
})

async function fakeList(fake: Fake) {
  const answer = fake.api.webhookKeys.list()
  await passed(10)
  return answer
}

describe('a rotation', () => {
  it('says what happens to the old text, and shows the new one once', async () => {
    const { seen, prepare } = watching()
    await stage(Access, '#/access', {}, prepare)
    await ask('Breakout, 15 min chart', /^Rotate/)
    expect(said()).toContain('…9Kd2 still opens for')
    expect(said()).toContain('Until 13:00 UTC both texts open')
    await type('Minutes', '1441')
    await passed()
    expect(within(dialog()).getByRole('button', { name: 'Rotate key' })).toHaveProperty('disabled', true)
    await type('Minutes', '15')
    await press('Rotate key')
    expect(seen.rotate).toEqual([{ id: 'k7f3a9c2m4tq', overlapMinutes: 15 }])
    expect(said()).toMatch(/hxw_.*The old text …9Kd2 opens until 12:15 UTC, in 1\d min/)
    await press(/^I have it/)
    expect(rowOf(/^Breakout, 15 min/).textContent).toContain('Overlap until 12:15')
  })

  it('without an overlap is a danger that says so', async () => {
    const { seen, prepare } = watching()
    await stage(Access, '#/access', {}, prepare)
    await ask('Trend 4h', /^Rotate/)
    await choose('Not at all')
    expect(said()).toMatch(/opens nothing from that moment on.*closes too/)
    expect(said()).toMatch(/…m3Zs, which opens until 12:23 UTC from the rotation before, ends at once too/)
    await press('Rotate, end the old text')
    expect(seen.rotate).toEqual([{ id: 'kq2w8e5r1t6y', overlapMinutes: 0 }])
    expect(said()).toContain('No old text opens any more')
  })

  it('tells of old texts that look alike, before and after', async () => {
    await stage(Access, '#/access', {}, ({ api }) => {
      const old = { hint: 'm3Zs', createdAt: '', expiresAt: '2026-11-22T12:23:00.000Z', lastSeenAt: '' }
      const twice = (row: WebhookKeyRow) => ({ ...row, texts: [...row.texts, old] })
      const { list, rotate } = api.webhookKeys
      api.webhookKeys.list = async () => ({ items: (await list()).items.map(twice) })
      api.webhookKeys.rotate = async (req) => {
        const made = await rotate(req)
        return { ...made, row: twice(made.row) }
      }
    })
    await ask('Trend 4h', /^Rotate/)
    expect(said().match(/…m3Zs, which opens until/g)).toHaveLength(2)
    await press('Rotate key')
    expect(said().match(/The old text …m3Zs opens until/g)).toHaveLength(2)
  })

  it('that is refused says why', async () => {
    const { fake } = await stage(Access, '#/access')
    const message = 'the master key of this run is given by the variable HOOX_SECRET_WEBHOOK_API_KEY'
    fake.fail('WebhookKeys.Rotate', new ApiFault({ kind: 'refused', message, ref: '', field: '' }))
    await ask('master key', /^Rotate/)
    await press('Rotate key')
    expect(within(dialog()).getByRole('alert').textContent).toContain(message)
  })
})

it('a key is revoked only after its label was typed', async () => {
  const { called } = await stage(Access, '#/access')
  await ask('Breakout, 15 min chart', /^Revoke/)
  expect(said()).toMatch(/The last alert with it came \d+ s ago from 52\.32\.178\.7\./)
  await type(/^Type/, 'Breakout')
  await press('Revoke key')
  expect(called('WebhookKeys.Revoke')).toBe(0)
  await type(/^Type/, 'breakout,  15 min chart ')
  await press('Revoke key')
  expect(called('WebhookKeys.Revoke')).toBe(1)
  expect(said()).toContain('No alert comes in with it any more')
  await press('Done')
  expect(rowOf(/^Breakout, 15 min/).textContent).toContain('Revoked')
})

describe('a key in words', () => {
  it('names what bounds it, short in a row and in full where it counts', () => {
    const accounts = ['bybit:paper', 'binance:paper', 'mexc:paper', 'bybit:live:swing']
    const scope = { strategy: 'ema', accounts, symbols: ['BTCUSDT'], entries: 'short', maxOrder: '1000', rateLimit: 7 }
    expect(mayWords(key({ scope }))).toBe(
      'Shorts only · up to 1,000 USD · BTCUSDT · Bybit PAPER, Binance PAPER and 2 more',
    )
    expect(mayWords(key({ scope }), true)).toContain('MEXC PAPER, Bybit LIVE swing')
    expect(sentence({ ...scope, accounts: ['bybit:live'] })).toBe(
      'Its alerts may open shorts in BTCUSDT on Bybit LIVE with orders up to 1,000 USD, and close. They follow the strategy ema and no other. At most 7 come through in 60 s, with as many closes on top.',
    )
    expect(sentence({ ...scope, strategy: '', entries: 'none', maxOrder: '', accounts: [], rateLimit: 0 })).toBe(
      'Its alerts may only close, in BTCUSDT on every account.',
    )
  })

  it('is as it is at this moment, not as it was read', () => {
    const old = { hint: 'cd34', createdAt: '', expiresAt: '2026-11-22T12:10:00.000Z', lastSeenAt: '' }
    const both = key({ texts: [...key().texts, old] })
    expect(stateOf(both, now, []).word).toBe('Overlap until 12:10')
    expect(stateOf(both, now + 11 * 60_000, []).word).toBe('Active')
    expect(stateOf(key({ texts: [old] }), now + 11 * 60_000, []).word).toBe('Opens nothing')
    const bound = key({ scope: { ...key().scope, strategy: 'ema' } })
    expect(stateOf(bound, now, undefined).word).toBe('Active')
    expect(stateOf(bound, now, []).word).toBe('Opens nothing')
  })

  it('comes out of the form as it went in', () => {
    const scope = { strategy: 'ema', accounts: ['bybit:paper'], symbols: ['BTCUSDT.P', 'BYBIT:ETHUSDT'] }
    const row = key({ scope: { ...scope, entries: 'long', maxOrder: '12.50', rateLimit: 5 } })
    expect(scopeOf(formOf(row))).toEqual(row.scope)
    expect(problemOf(formOf(row))).toBeUndefined()
  })
})
