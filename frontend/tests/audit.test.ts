import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportAudit, ListAudit } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake } from '$lib/api/fake'
import { breakWords, changeWords, deedWords, whoShort, whoWords } from '$lib/features/audit/words'
import { places } from '$lib/features/frame/places'
import { auditFilterOf, dayAfter, everyLine } from '$lib/stores/audit.svelte'
import Audit from '../src/pages/Audit.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  // Few rows: looking for roles among many takes its time.
  withLayout(140)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const said = () => document.body.textContent.replace(/\s+/g, ' ')
const rows = () => [...document.querySelectorAll<HTMLElement>('[role=row]')].slice(1)
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(
    (one) => (one.getAttribute('aria-label') ?? one.textContent.trim()) === name,
  )
const grid = () => document.querySelector('[role=grid]') as HTMLElement
const aside = () => document.querySelector('aside') as HTMLElement
const press = async (name: string) => {
  const found = button(name)
  if (!found) throw new Error(`there is no button ${name}`)
  await fireEvent.click(found)
  await passed(100)
}

/** What was asked for, in the order it was. */
function watching() {
  const seen = { list: [] as ListAudit[], export: [] as ExportAudit[] }
  const prepare = (fake: Fake) => {
    const { list, export: file } = fake.api.audit
    fake.api.audit.list = (req) => (seen.list.push(req), list(req))
    fake.api.audit.export = (req) => (seen.export.push(req), file(req))
  }
  return { seen, prepare }
}

it('has a place in the navigation with a key of its own', () => {
  const place = places.find((one) => one.name === 'audit')
  expect(place).toMatchObject({ label: 'Audit', key: 'd' })
  expect(places.filter((one) => one.key === place?.key)).toHaveLength(1)
})

describe('the words of the audit', () => {
  it('names who acted, and shows what a newer program says as it is', () => {
    expect(['window', 'cli', 'automatic: clock', 'automatic', 'token grafana', 'hoox'].map(whoWords)).toEqual([
      'Window',
      'Command line',
      'By itself: clock',
      'By itself',
      'Token grafana',
      'The program',
    ])
    expect(whoShort('browser 1a2b3c4d (Firefox on Linux)')).toBe('Browser: Firefox on Linux')
    expect(whoShort('telegram 4711 (Ana (home))')).toBe('Telegram: Ana (home)')
    expect(whoShort('cli')).toBe('Command line')
    expect(deedWords('kill.set')).toBe('Set trading state')
    expect(deedWords('moon.land')).toBe('moon.land')
  })

  it('shows both sides of a change as far as there are any', () => {
    expect(changeWords({ before: '5', after: '7' })).toBe('5 → 7')
    expect(changeWords({ before: '', after: 'filled' })).toBe('filled')
    expect(changeWords({ before: 'version 1', after: '' })).toBe('version 1 → –')
    expect(changeWords({ before: '', after: '' })).toBe('')
  })

  it('says how far a broken chain holds and what is wrong from there', () => {
    const check = { ok: false, detail: '', line: 57, lines: 56, since: '' }
    expect(breakWords(check)[0]).toBe('56 lines, 1 to 56, are as they were written.')
    expect(breakWords(check)[1]).toContain('Line 57 is not as it was written')
    expect(breakWords({ ...check, line: 59 })[1]).toContain('Lines 57 to 58 are gone')
    expect(breakWords({ ...check, line: 58 })[1]).toContain('Line 57 is gone')
    expect(breakWords({ ...check, line: 0 })[1]).toContain('from line 57 on is gone')
    expect(breakWords({ ...check, line: 1, lines: 0 })[0]).toContain('No line can be relied on')
    expect(breakWords({ ...check, line: 2, lines: 1 })[0]).toBe('1 line, the first, is as it was written.')
  })

  it('reads the filter of an address, whole days', () => {
    expect(dayAfter('2026-11-30')).toBe('2026-12-01')
    expect(dayAfter('someday')).toBe('someday')
    expect(dayAfter('')).toBe('')
    expect(auditFilterOf(new URLSearchParams('actor=browser&decision=refused&from=2026-11-01&to=2026-11-30'))).toEqual({
      ...everyLine,
      ...{ actor: 'browser', decision: 'refused', from: '2026-11-01', to: '2026-12-01' },
    })
  })
})

describe('the list', () => {
  it('tells who did what, from where, about what and what came of it', async () => {
    await stage(Audit, '#/audit')
    expect(rows()[0]?.textContent).toMatch(
      /Window.*this computer.*Change a setting.*trade:default_leverage.*5 → 7.*Done/,
    )
    expect(rows()[2]?.textContent).toMatch(/Browser: Firefox on Linux.*500 is above 125.*▲.*Refused/)
    expect(rows()[10]?.textContent).toMatch(/Stranger.*203\.0\.113\.9.*Send an alert.*wrong key/)
    expect(rows()[12]?.textContent).toMatch(/Test an account.*✕.*Failed/)
  })

  it('shows what came from outside as text', async () => {
    await stage(Audit, '#/audit/137')
    expect(rows()[3]?.textContent).toContain('<b>looking</b>')
    expect(aside().textContent).toContain('<b>looking</b>')
    expect(document.querySelector('[role=grid] b, aside b')).toBeNull()
  })

  it('reads further back while it is scrolled', async () => {
    const { seen, prepare } = watching()
    await stage(Audit, '#/audit', {}, prepare)
    expect(seen.list.every((ask) => ask.cursor === '')).toBe(true)
    await fireEvent.scroll(grid(), { target: { scrollTop: 1000 } })
    await passed(200)
    expect(seen.list.at(-1)?.cursor).toBe('91')
  })

  it('asks for what the chips say, and for everything once they are cleared', async () => {
    const { seen, prepare } = watching()
    await stage(
      Audit,
      '#/audit?actor=token&action=call.refuse&decision=refused&from=2026-11-15&to=2026-11-22',
      {},
      prepare,
    )
    expect(seen.list[0]).toMatchObject({
      ...{ actor: 'token', action: 'call.refuse', decision: 'refused', from: '2026-11-15', to: '2026-11-23' },
    })
    expect(rows().length).toBeGreaterThan(1)
    expect(rows().every((row) => /Token grafana.*Refused/.test(row.textContent))).toBe(true)
    for (const name of ['Who: A token', 'What: Call this program', 'Result: Refused', 'When: 2026-11-15 – 2026-11-22'])
      expect(button(name), name).toBeTruthy()
    await press('Clear all')
    await passed(500)
    expect(seen.list.at(-1)).toMatchObject(everyLine)
  })

  it('narrows to the days that were chosen', async () => {
    const { seen, prepare } = watching()
    await stage(Audit, '#/audit', {}, prepare)
    await press('When: any')
    const input = (label: string) => screen.getByLabelText<HTMLInputElement>(label)
    await fireEvent.input(input('From'), { target: { value: '2026-11-20' } })
    await fireEvent.input(input('To, with that day'), { target: { value: '2026-11-19' } })
    expect(button('Show these days')?.title).toBe('The first day is after the last')
    await fireEvent.input(input('To, with that day'), { target: { value: '2026-11-20' } })
    await fireEvent.submit(input('From').form as HTMLFormElement)
    await passed(500)
    expect(window.location.hash).toBe('#/audit?from=2026-11-20&to=2026-11-20')
    expect(seen.list.at(-1)).toMatchObject({ from: '2026-11-20', to: '2026-11-21' })
    await press('When: 2026-11-20')
    await press('Last 7 days')
    await passed(500)
    expect(seen.list.at(-1)).toMatchObject({ from: '2026-11-16', to: '' })
  })

  it('teaches what leaves a line while there is none, and how to see all when none fits', async () => {
    const { unmount } = await stage(Audit, '#/audit', { empty: true })
    expect(said()).toContain('Nothing was done yet Whoever changes anything')
    unmount()
    await stage(Audit, '#/audit?action=restore')
    expect(said()).toContain('No line fits this filter')
    expect(screen.getByRole('link', { name: 'Show all lines' }).getAttribute('href')).toBe('#/audit')
  })

  it('says what failed, and keeps what it shows when it grows old', async () => {
    const { fake } = await stage(Audit, '#/audit', { failing: ['Audit.List'] })
    expect(screen.getByRole('alert').textContent).toContain('The audit could not be read')
    fake.mend()
    await press('Try again')
    expect(rows()[0]?.textContent).toContain('Change a setting')
    fake.fail('Audit.List')
    fake.hint('audit')
    await passed(1000)
    expect(said()).toMatch(/As of \d+ s ago/)
    expect(rows()[0]?.textContent).toContain('Change a setting')
  })
})

describe('a line', () => {
  it('opens by the arrow keys and Enter, and closes by Escape', async () => {
    await stage(Audit, '#/audit?decision=refused')
    await fireEvent.keyDown(grid(), { key: 'ArrowDown' })
    await fireEvent.keyDown(grid(), { key: 'Enter' })
    await passed(500)
    expect(window.location.hash).toBe('#/audit/138?decision=refused')
    expect(aside().textContent).toContain('It did not happen: it was not allowed, or it made no sense.')
    await fireEvent.keyDown(window, { key: 'Escape' })
    await passed(500)
    expect(window.location.hash).toBe('#/audit?decision=refused')
    expect(aside()).toBeNull()
  })

  it('shows both sides, the reason, and both hashes to copy', async () => {
    const copied: string[] = []
    const clipboard = { writeText: async (text: string) => void copied.push(text) }
    vi.stubGlobal('navigator', { ...navigator, language: 'en-US', clipboard })
    const { fake } = await stage(Audit, '#/audit/137')
    const text = aside().textContent.replace(/\s+/g, ' ')
    expect(text).toMatch(/2026-11-22 \d\d:\d\d:\d\d UTC/)
    expect(text).toMatch(/kill\.set.*Before active.*After halted.*Detail drawdown/)
    for (const button of within(aside()).getAllByRole('button', { name: 'Copy hash' })) await fireEvent.click(button)
    await passed()
    const { hash, prevHash } = await (async () => {
      const answer = fake.api.audit.get({ line: 137 })
      await passed()
      return answer
    })()
    expect(copied).toEqual([hash, prevHash])
  })

  it('leads to the line before, and to what the same one did', async () => {
    await stage(Audit, '#/audit/138?decision=refused')
    expect(within(aside()).getByRole('link', { name: 'The line before' }).getAttribute('href')).toBe(
      '#/audit/137?decision=refused',
    )
    const [who, what] = within(aside()).getAllByRole('link', { name: 'only these' })
    expect(decodeURIComponent(who?.getAttribute('href') ?? '').replaceAll('+', ' ')).toBe(
      '#/audit/138?decision=refused&actor=browser 1a2b3c4d (Firefox on Linux)',
    )
    expect(what?.getAttribute('href')).toBe('#/audit/138?decision=refused&action=setting.set')
  })

  it('that does not exist is said, beside the list', async () => {
    await stage(Audit, '#/audit/99999')
    expect(within(aside()).getByRole('alert').textContent).toContain('there is no line 99999')
    expect(rows().length).toBeGreaterThan(1)
  })
})

describe('is the log whole?', () => {
  it('is asked by a button and answered with how many lines since when', async () => {
    const { called } = await stage(Audit, '#/audit')
    expect(said()).toContain('Not verified since this page was opened')
    expect(called('Audit.Verify')).toBe(0)
    await press('Verify')
    expect(said()).toMatch(/Whole: 140 lines since 2026-11-\d\d, verified now/)
    expect(screen.queryByRole('alert')).toBeNull()
    await passed(61_000)
    expect(said()).toContain('verified 1 min ago')
  })

  it('shows that it walks while it does, once at a time', async () => {
    const { called } = await stage(Audit, '#/audit', {}, (fake) => {
      const { verify } = fake.api.audit
      fake.api.audit.verify = async () => {
        await new Promise((done) => setTimeout(done, 4000))
        return verify()
      }
    })
    await press('Verify')
    await passed(2100)
    expect(said()).toContain('Walking along the chain, 2 s')
    await press('Verify')
    await passed(3000)
    expect(called('Audit.Verify')).toBe(1)
    expect(said()).toContain('Whole:')
  })

  it('says where it breaks, what that means and what to do', async () => {
    await stage(Audit, '#/audit', { broken: true })
    await press('Verify')
    expect(said()).toContain('Broken at line 57')
    const alert = screen.getByRole('alert')
    expect(alert.textContent).toContain('line 57 of the audit does not follow from the line before')
    expect(alert.textContent).toContain('56 lines, 1 to 56, are as they were written')
    expect(alert.textContent).toContain('hoox verify')
    expect(within(alert).getByRole('link', { name: 'line 57' }).getAttribute('href')).toBe('#/audit/57')
    expect(within(alert).getByRole('link', { name: 'alarm' }).getAttribute('href')).toBe('#/health')
  })

  it('is not called whole when nobody could look', async () => {
    const { fake } = await stage(Audit, '#/audit')
    await press('Verify')
    fake.fail('Audit.Verify', new ApiFault({ kind: 'unavailable', message: 'no answer in time', ref: 'e1', field: '' }))
    await press('Verify again')
    expect(said()).toContain('Not verified: no answer in time')
    expect(said()).not.toContain('Whole')
  })
})

describe('the file', () => {
  const files: Blob[] = []
  const names: string[] = []
  beforeEach(() => {
    files.length = names.length = 0
    vi.stubGlobal(
      'URL',
      Object.assign(URL, {
        createObjectURL: (file: Blob) => (files.push(file), 'blob:made-up'),
        revokeObjectURL: () => undefined,
      }),
    )
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download)
    })
  })
  afterEach(() => vi.restoreAllMocks())

  it('is put together of every piece, oldest line first', async () => {
    const { seen, prepare } = watching()
    await stage(Audit, '#/audit', {}, prepare)
    await press('JSONL')
    await passed(500)
    expect(seen.export.map((ask) => [ask.format, ask.after])).toEqual([
      ['jsonl', 0],
      ['jsonl', 60],
      ['jsonl', 120],
    ])
    expect(said()).toContain('140 rows exported')
    expect(names[0]).toMatch(/^audit-.*Z\.jsonl$/)
    const lines = (await files[0]?.text())
      ?.trim()
      .split('\n')
      .map((line) => JSON.parse(line).line)
    expect(lines).toEqual(Array.from({ length: 140 }, (_, n) => n + 1))
  })

  it('holds what the list shows', async () => {
    const { seen, prepare } = watching()
    await stage(Audit, '#/audit?decision=refused&to=2026-11-20', {}, prepare)
    await press('CSV')
    await passed(500)
    expect(seen.export[0]).toMatchObject({ decision: 'refused', to: '2026-11-21', format: 'csv' })
    expect(await files[0]?.text()).toMatch(/^line,at\n\d+,/)
  })

  it('is not made of half the pieces', async () => {
    const { fake } = await stage(Audit, '#/audit', {}, (fake) => {
      const { export: file } = fake.api.audit
      fake.api.audit.export = (req) => {
        if (req.after > 0) fake.fail('Audit.Export')
        return file(req)
      }
    })
    await press('CSV')
    await passed(500)
    expect(files).toEqual([])
    expect(said()).toContain('Not exported')
    expect(fake.calls.filter((call) => call === 'Audit.Export')).toHaveLength(2)
  })
})
