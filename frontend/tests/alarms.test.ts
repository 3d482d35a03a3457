import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlarmChannel, AlarmRow } from '$lib/api'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { acknowledging, alarmKind, heardOn } from '$lib/features/alarms/words'
import App from '../src/App.svelte'
import Health from '../src/pages/Health.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  // Few rows: looking for roles among many takes its time.
  withLayout(140)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const open = (options: FakeOptions = { troubled: true }, prepare?: (fake: Fake) => void) =>
  stage(Health, '#/health', options, prepare)
// The first panel of the page.
const section = () => document.querySelector('section.panel') as HTMLElement
const panel = () => within(section())
const said = () => section().textContent.replace(/\s+/g, ' ')
const lines = () => [...section().querySelectorAll<HTMLElement>('table.short tbody tr')]
const dialog = () => screen.getByRole('dialog')
const press = async (name: string | RegExp, within_: ReturnType<typeof within> = panel()) => {
  await fireEvent.click(within_.getByRole('button', { name }))
  await passed(300)
}

const row = (change: Partial<AlarmRow> = {}): AlarmRow => ({
  ...{ id: '7', kind: 'disk', subject: 'data', text: 'low', fix: 'free space', firstAt: '', lastAt: '', count: 3 },
  ...{ acknowledgedAt: '', acknowledgedBy: '', told: [] },
  ...change,
})
const channel = (name: string, problem = ''): AlarmChannel => ({ name, problem, downSince: '', toldAt: '' })

describe('the words of an alarm', () => {
  it('says on each channel whether it arrived, arrived in part, is on its way or cannot', () => {
    const all = [channel('log'), channel('desktop'), channel('bot', 'no network'), channel('mail', 'no network')]
    const told = [
      { channel: 'log', count: 3, at: '2026-11-22T12:00:00Z' },
      { channel: 'mail', count: 1, at: '2026-11-22T12:00:00Z' },
    ]
    expect(heardOn(row({ told }), all).map(({ tone, word }) => `${tone} ${word}`)).toEqual([
      'good Log',
      'busy Desktop: on its way',
      'bad Bot: not told',
      'bad Mail 1 of 3',
    ])
  })

  it('says what acknowledging means, and who will never hear of it', () => {
    const told = [{ channel: 'log', count: 3, at: '' }]
    expect(acknowledging(row({ told }), [channel('log')])[1]).toBe('No channel is told of it again.')
    expect(acknowledging(row({ told }), [channel('log'), channel('bot')])[1]).toContain('also not Bot')
    expect(acknowledging(row(), [])[0]).toContain('It mends nothing')
    expect(acknowledging(row({ kind: 'test' }), [])[0]).toContain('Nothing was wrong')
  })

  it('leads to where it can be mended, and shows a kind of a newer program as it is', () => {
    expect(alarmKind('drift').place?.page).toBe('accounts')
    expect(alarmKind('moon_landing')).toEqual({ word: 'Moon landing' })
  })
})

describe('the open alarms', () => {
  it('stand first, what is wrong before a test, with the fix and on which channels they arrived', async () => {
    await open()
    expect(screen.getAllByRole('heading', { level: 2 })[0]?.textContent).toBe('Alarms')
    const texts = lines().map((line) => line.textContent.replace(/\s+/g, ' '))
    expect(texts[0]).toMatch(
      /▲ Account out of reach binance.*Fix check that the key.*Accounts.*1×.*Log.*Desktop: not told/i,
    )
    expect(texts[1]).toMatch(/▲ Position without its stop.*7×.*last 1 min ago.*Log.*Desktop 3 of 7/)
    expect(texts[2]).toMatch(/○ Test weekly.*Log.*Desktop/)
    expect(
      within(lines()[0] as HTMLElement)
        .getByRole('link', { name: 'Accounts' })
        .getAttribute('href'),
    ).toBe('#/accounts')
    expect(said()).toMatch(/✕ Desktop out of reach since 11 min ago: .*the system shows no notifications/)
  })

  it('show what came from outside as text', async () => {
    await open()
    expect(said()).toContain('<i>trigger price is behind the mark</i>')
    expect(document.querySelector('.panel i')).toBeNull()
  })

  it('are acknowledged only after it was said what that means', async () => {
    const { called } = await open()
    await press('Acknowledge: Position without its stop bybit:live BTCUSDT both')
    expect(dialog().textContent).toContain('Position without its stop: a stop was refused')
    expect(dialog().textContent).toContain('It mends nothing')
    expect(dialog().textContent).toContain('also not Desktop')
    await press('Leave it open', within(dialog()))
    expect(called('Alarms.Acknowledge')).toBe(0)

    await press('Acknowledge: Position without its stop bybit:live BTCUSDT both')
    await press('Acknowledge', within(dialog()))
    await passed(500)
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(called('Alarms.Acknowledge')).toBe(1)
    expect(lines()).toHaveLength(2)
    expect(said()).not.toContain('Position without its stop')
  })

  it('stay when they could not be acknowledged, and it is said', async () => {
    const { fake } = await open()
    fake.fail('Alarms.Acknowledge')
    await press('Acknowledge: Test weekly')
    await press('Acknowledge', within(dialog()))
    expect(within(dialog()).getByRole('alert').textContent).toContain('Not acknowledged: Alarms.Acknowledge')
    expect(lines()).toHaveLength(3)
  })

  it('are none while all is well', async () => {
    await open({})
    expect(said()).toContain('✓ No alarm is open.')
    expect(said()).toMatch(/Told here and on ✓ Log last took one .*○ Desktop took none since the program started/)
  })

  it('are not called none while nobody could look', async () => {
    const { fake } = await open({ failing: ['Alarms.List'] })
    expect(panel().getByRole('alert').textContent).toContain('Alarms could not be read')
    expect(said()).not.toContain('No alarm is open')
    fake.mend()
    await press('Try again')
    expect(said()).toContain('No alarm is open')
    fake.fail('Alarms.List')
    await passed(11_000)
    expect(said()).toMatch(/As of \d+ s ago/)
  })
})

describe('a test alarm', () => {
  it('rings when asked for, and shows where it arrived', async () => {
    const { called } = await open({})
    await press('Send a test alarm')
    expect(called('Alarms.Test')).toBe(1)
    expect(said()).toContain('✓ It rings: see below where it arrived')
    expect(lines()[0]?.textContent).toContain('a test that window asked for')
    await passed(9000)
    expect(said()).not.toContain('It rings')
  })

  it('that could not ring is not called rung', async () => {
    await open({ failing: ['Alarms.Test'] })
    await press('Send a test alarm')
    expect(said()).toContain('Not rung: Alarms.Test')
    expect(said()).not.toContain('It rings')
  })
})

describe('what was acknowledged', () => {
  it('is read only when it is asked for, page by page, without what is open', async () => {
    const asked: string[] = []
    await open({ troubled: true }, (fake) => {
      const { list } = fake.api.alarms
      fake.api.alarms.list = (req) => (req.openOnly || asked.push(req.cursor), list(req))
    })
    expect(asked).toEqual([])
    const history = panel().getByText('Acknowledged before')
    ;(history.closest('details') as HTMLDetailsElement).open = true
    await fireEvent(history.closest('details') as HTMLDetailsElement, new Event('toggle'))
    await passed(500)
    const table = within(panel().getByRole('grid'))
    expect(table.queryByText('Account out of reach')).toBeNull()
    expect(table.getAllByRole('row')[1]?.textContent).toMatch(/window.*Test.*this is the weekly test.*1×/)
    await fireEvent.scroll(panel().getByRole('grid'), { target: { scrollTop: 1300 } })
    await passed(500)
    expect(asked.filter((cursor) => cursor !== '')).toEqual(['14'])
    expect(said()).toContain('That is all: 60')

    await fireEvent.click(table.getAllByRole('row')[1] as HTMLElement)
    await passed(100)
    expect(dialog().textContent).toMatch(/Happened.*1×.*Acknowledged.*by window/)
  })
})

describe('the navigation', () => {
  const frame = async (options: FakeOptions) => {
    window.location.hash = '#/health'
    const fake = fakeBackend(options)
    render(App, { backend: fake })
    await passed(600)
    return fake
  }
  const entry = () =>
    screen
      .getByRole('link', { name: /^Health/ })
      .textContent.replace(/\s+/g, ' ')
      .trim()

  it('counts what is wrong, in words, a shape and a colour, and a test without an alarm', async () => {
    const fake = await frame({ troubled: true })
    expect(entry()).toBe('Health ▲2 open alarms')
    for (const id of ['62', '61']) await Promise.all([fake.api.alarms.acknowledge({ id }), passed(1000)])
    expect(entry()).toBe('Health ○1 test alarm')
    await Promise.all([fake.api.alarms.acknowledge({ id: '63' }), passed(1000)])
    expect(entry()).toBe('Health')
  })

  it('never shows a made-up number while nothing is known', async () => {
    await frame({ troubled: true, failing: ['Alarms.List'] })
    expect(entry()).toBe('Health')
  })
})
