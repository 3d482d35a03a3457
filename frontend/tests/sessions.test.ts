import { fireEvent } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { NewToken, Shell } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { browsers, shutOut } from '$lib/features/sessions/words'
import Access from '../src/pages/Access.svelte'
import { button, dialog, field, panel, row, rowText, said } from './find'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const press = async (name: string | RegExp, place: HTMLElement = dialog()) => {
  await fireEvent.click(button(name, place))
  await passed(100)
}
const type = (label: string, value: string) => fireEvent.input(field(label), { target: { value } })
/** The rows of a panel without its head, as text. */
const rows = (title: string) => [...panel(title).querySelectorAll('[role=row]')].slice(1).map((one) => said(one))
const fails = (kind: string, message: string, field = '') => new ApiFault({ kind, message, ref: '', field })

/** The page in the native window, which is no browser and has no session. */
function inTheWindow(options: FakeOptions, signedIn: boolean) {
  return stage(Access, '#/access', options, (fake) => {
    const shell: Shell = { onLeave: () => () => undefined, onGo: () => () => undefined, quit: () => undefined }
    Object.assign(fake, { shell })
    const { list } = fake.api.sessions
    fake.api.sessions.list = async () => ({ items: signedIn ? (await list()).items.filter((one) => !one.current) : [] })
  })
}

describe('the browsers that are signed in', () => {
  it('are told apart, this one first', async () => {
    await stage(Access, '#/access')
    const [first, second] = rows('Browsers')
    expect(first).toMatch(/^Firefox on Linux.*127\.0\.0\.1.*24 h ago.*This browser/)
    expect(second).toMatch(/^Safari on iOS.*3 h ago.*41 min ago/)
    expect(second).not.toContain('This browser')
  })

  it('are signed out one by one, after a word on what that means', async () => {
    const { called } = await stage(Access, '#/access')
    await press('Sign out Safari on iOS', panel('Browsers'))
    expect(said()).toMatch(/that is open there, from 127\.0\.0\.1, loses its connection.*hoox browser prints/)
    await press('Sign out')
    expect(called('Sessions.Revoke')).toBe(1)
    await press('Done')
    expect(row(/^Safari on iOS/)).toBeUndefined()

    await press('Sign out Firefox on Linux', panel('Browsers'))
    expect(said()).toMatch(/Sign out this browser\?.*this one too/)
    await press('Leave it')
    expect(called('Sessions.Revoke')).toBe(1)
  })

  it('but this one are signed out together, by name', async () => {
    const { called } = await stage(Access, '#/access')
    await press('Sign out all others…', panel('Browsers'))
    expect(said()).toContain('Safari on iOS and Chrome on Windows: every page that is open there')
    await press('Sign them out')
    expect(called('Sessions.RevokeOthers')).toBe(1)
    expect(said()).toContain('Done: 2 browsers signed out')
    await press('Done')
    const all = button('Sign out all others…', panel('Browsers'))
    expect([all.disabled, all.title]).toEqual([true, 'No other browser is signed in'])
  })

  it('lose the internal key only after it was said who is shut out', async () => {
    const { fake, called } = await stage(Access, '#/access')
    await press('Rotate the internal key…', panel('Browsers'))
    expect(said()).toContain('Every other browser is signed out at once: Safari on iOS and Chrome on Windows.')
    expect(said()).toMatch(/scripts that hold the old internal key are refused.*Tokens stay as they are/)
    fake.fail('Sessions.RotateKey', fails('refused', 'the environment gives INTERNAL_KEY_BINDING for this run'))
    await press('Rotate key')
    expect(said()).toContain('Not rotated: the environment gives INTERNAL_KEY_BINDING')
    fake.mend()
    await press('Rotate key')
    expect(called('Sessions.RotateKey')).toBe(2)
    expect(said()).toContain('the internal key is another one now')
    await press('Done')
    expect(rows('Browsers')).toHaveLength(1)
  })

  it('and none in the native window is said in words, not by an empty table', async () => {
    await inTheWindow({}, false)
    expect(said(panel('Browsers'))).toMatch(/No browser is signed in\. This window needs no session/)
    expect(panel('Browsers').querySelector('[role=grid]')).toBeNull()
  })

  it('are never this one in the native window', async () => {
    await inTheWindow({}, true)
    expect(said(panel('Browsers'))).toContain('This window is none of them')
    await press('Sign out all…', panel('Browsers'))
    expect(said()).toContain('Sign out every browser?')
    await press('Leave them')
    await press('Rotate the internal key…', panel('Browsers'))
    expect(said()).toContain('Every browser is signed out at once')
  })

  it('that cannot be read are told so, beside keys and tokens that can', async () => {
    await stage(Access, '#/access', { failing: ['Sessions.List'] })
    const alerts = [...document.querySelectorAll('[role=alert]')].map((one) => said(one))
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toContain('The browsers that are signed in could not be read')
    expect(row(/^grafana/)).toBeTruthy()
  })
})

describe('a token', () => {
  const begin = () => press('New token…', panel('Tokens'))
  const shown = () => said(dialog().querySelector('[aria-label="The key of the token"]')!)

  it('shows what it may do and when it was used', async () => {
    await stage(Access, '#/access')
    expect(rowText(/^grafana/)).toMatch(/looks.*9 d ago.*terminal.*1 min ago/)
    expect(rowText(/^night-watch/)).toMatch(/looks and trades.*window.*not in this run/)
  })

  it('is made with what was chosen, and its key is shown once', async () => {
    const copied: string[] = []
    vi.stubGlobal('navigator', {
      ...navigator,
      language: 'en-US',
      clipboard: { writeText: async (text: string) => void copied.push(text) },
    })
    const { called } = await stage(Access, '#/access')
    await begin()
    expect(button('Make token', dialog())).toHaveProperty('disabled', true)
    await type('Name', ' deck ')
    expect(said()).toContain('reads the metrics, and changes nothing')
    await fireEvent.click(field('Read and trade'))
    await passed()
    expect(said()).toMatch(/halts, and sends alerts, which trade.*releasing a halt are for neither/)
    const before = called('Tokens.List')
    await press('Make token')
    const key = shown()
    expect(key).toMatch(/^hoox_/)
    expect(said()).toContain('shown this once and never again')

    // Neither Escape nor a click beside it may lose what nobody can read again.
    await fireEvent.keyDown(dialog(), { key: 'Escape' })
    await passed(300)
    expect(dialog().querySelector('[aria-label=Close]')).toBeNull()
    expect(document.activeElement?.textContent).toContain('Copy token')
    await press(/^Copy token/)
    expect(copied).toEqual([key])
    await press(/^I have it/)
    expect(document.body.textContent).not.toContain(key)
    expect(called('Tokens.List')).toBeGreaterThan(before)
    expect(rowText(/^deck/)).toContain('looks and trades')
  })

  it('cannot be left while its key is on its way', async () => {
    let answer: () => void = () => undefined
    await stage(Access, '#/access', {}, ({ api }: Fake) => {
      const { create } = api.tokens
      api.tokens.create = async (req): Promise<NewToken> => {
        await new Promise<void>((go) => (answer = go))
        return create(req)
      }
    })
    await begin()
    await type('Name', 'slow')
    await press('Make token')
    await fireEvent.keyDown(dialog(), { key: 'Escape' })
    await passed(300)
    const way = button('Cancel', dialog())
    expect([way.disabled, way.title]).toEqual([true, 'Wait for the answer: the key is shown only once'])
    answer()
    await passed(300)
    expect(shown()).toMatch(/^hoox_/)
  })

  it('that is refused says why, a bad name at its field', async () => {
    const { fake } = await stage(Access, '#/access')
    await begin()
    await type('Name', 'Big Name')
    await press('Make token')
    expect(field('Name').getAttribute('aria-invalid')).toBe('true')
    await type('Name', 'grafana')
    await press('Make token')
    expect(said()).toContain('Not made: there is a token "grafana" already')
    fake.fail('Tokens.Create', fails('unknown', 'no answer'))
    await type('Name', 'lost')
    await press('Make token')
    expect(said()).toContain('revoke it: nobody saw its key')
  })

  it('is revoked after a word on who is shut out', async () => {
    const { called } = await stage(Access, '#/access')
    await press('Revoke grafana', panel('Tokens'))
    expect(said()).toContain('Whoever holds it is refused from this moment on')
    await press('Revoke token')
    expect(called('Tokens.Revoke')).toBe(1)
    expect(said()).toContain('whoever holds it is a stranger now')
    await press('Done')
    expect(row(/^grafana/)).toBeUndefined()
  })

  it('is taught while there is none', async () => {
    await stage(Access, '#/access', { empty: true })
    expect(said(panel('Tokens'))).toContain('No token is made. One lets a dashboard or a script in')
  })
})

it('who is shut out is told of everybody', async () => {
  const { fake } = await stage(Access, '#/access')
  const answer = fake.api.sessions.list()
  await passed(10)
  const { items } = await answer
  const others = items.filter((one) => !one.current)
  expect(shutOut([], true, 0)[0]).toBe('No other browser is signed in, so none is signed out.')
  expect(shutOut(others, false, 1).join(' ')).toMatch(/^Every browser is signed out at once: Safari.*Tokens stay/)
  expect(browsers([...others, ...others, ...others])).toMatch(/^Safari on iOS, Chrome on Windows, .* and 2 more$/)
})
