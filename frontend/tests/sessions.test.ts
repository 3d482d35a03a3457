import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { NewToken, Shell } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { browsers, shutOut } from '$lib/features/sessions/words'
import Access from '../src/pages/Access.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const dialog = () => screen.getByRole('dialog')
const said = (node: HTMLElement = dialog()) => node.textContent.replace(/\s+/g, ' ')
const panel = (name: string) => screen.getByRole('region', { name })
const rowOf = (label: RegExp) => screen.getByRole('row', { name: label })
const press = async (name: string | RegExp, place: HTMLElement = dialog()) => {
  await fireEvent.click(within(place).getByRole('button', { name }))
  await passed(100)
}
const type = (label: string, value: string) =>
  fireEvent.input(within(dialog()).getByLabelText(label), { target: { value } })
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
    const rows = within(panel('Browsers'))
      .getAllByRole('row')
      .map((row) => row.textContent)
    expect(rows[1]).toMatch(/Firefox on Linux.*127\.0\.0\.1.*24 h ago.*This browser/)
    expect(rows[2]).toMatch(/Safari on iOS.*3 h ago.*41 min ago/)
    expect(rows[2]).not.toContain('This browser')
  })

  it('are signed out one by one, after a word on what that means', async () => {
    const { called } = await stage(Access, '#/access')
    await press('Sign out Safari on iOS', panel('Browsers'))
    expect(said()).toMatch(/that is open there, from 127\.0\.0\.1, loses its connection.*hoox browser prints/)
    await press('Sign out')
    expect(called('Sessions.Revoke')).toBe(1)
    await press('Done')
    expect(screen.queryByRole('row', { name: /^Safari on iOS/ })).toBeNull()

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
    const all = within(panel('Browsers')).getByRole<HTMLButtonElement>('button', { name: 'Sign out all others…' })
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
    expect(within(panel('Browsers')).getAllByRole('row')).toHaveLength(2)
  })

  it('and none in the native window is said in words, not by an empty table', async () => {
    await inTheWindow({}, false)
    expect(said(panel('Browsers'))).toMatch(/No browser is signed in\. This window needs no session/)
    expect(within(panel('Browsers')).queryByRole('grid')).toBeNull()
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
    expect(screen.getAllByRole('alert')).toHaveLength(1)
    expect(screen.getByRole('alert').textContent).toContain('The browsers that are signed in could not be read')
    expect(rowOf(/^grafana/)).toBeTruthy()
  })
})

describe('a token', () => {
  const begin = () => press('New token…', panel('Tokens'))

  it('shows what it may do and when it was used', async () => {
    await stage(Access, '#/access')
    expect(rowOf(/^grafana/).textContent).toMatch(/looks.*9 d ago.*terminal.*1 min ago/)
    expect(rowOf(/^night-watch/).textContent).toMatch(/looks and trades.*window.*not in this run/)
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
    expect(within(dialog()).getByRole('button', { name: 'Make token' })).toHaveProperty('disabled', true)
    await type('Name', ' deck ')
    expect(said()).toContain('It changes nothing')
    await fireEvent.click(within(dialog()).getByRole('radio', { name: 'Read and trade' }))
    await passed()
    expect(said()).toMatch(/sends alerts, which trade.*releasing a halt are for neither/)
    const before = called('Tokens.List')
    await press('Make token')
    const key = within(dialog()).getByLabelText('The key of the token').textContent
    expect(key).toMatch(/^hoox_/)
    expect(said()).toContain('shown this once and never again')

    // Neither Escape nor a click beside it may lose what nobody can read again.
    await fireEvent.keyDown(dialog(), { key: 'Escape' })
    await passed(300)
    expect(within(dialog()).queryByRole('button', { name: 'Close' })).toBeNull()
    expect(document.activeElement?.textContent).toContain('Copy token')
    await press(/^Copy token/)
    expect(copied).toEqual([key])
    await press(/^I have it/)
    expect(document.body.textContent).not.toContain(key)
    expect(called('Tokens.List')).toBeGreaterThan(before)
    expect(rowOf(/^deck/).textContent).toContain('looks and trades')
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
    const way = within(dialog()).getByRole<HTMLButtonElement>('button', { name: 'Cancel' })
    expect([way.disabled, way.title]).toEqual([true, 'Wait for the answer: the key is shown only once'])
    answer()
    await passed(300)
    expect(within(dialog()).getByLabelText('The key of the token').textContent).toMatch(/^hoox_/)
  })

  it('that is refused says why, a bad name at its field', async () => {
    const { fake } = await stage(Access, '#/access')
    await begin()
    await type('Name', 'Big Name')
    await press('Make token')
    expect(within(dialog()).getByLabelText('Name').getAttribute('aria-invalid')).toBe('true')
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
    expect(screen.queryByRole('row', { name: /^grafana/ })).toBeNull()
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
