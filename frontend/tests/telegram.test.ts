import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { places } from '$lib/features/frame/places'
import { fileName, pictureOf, showOf } from '$lib/features/telegram/upload'
import { causeOf, leftWords, lineState, roleLines, sizeWords, standingOf } from '$lib/features/telegram/words'
import Telegram from '../src/pages/Telegram.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const open = (telegram: FakeOptions['telegram'], prepare?: (fake: Fake) => void) =>
  stage(Telegram, '#/telegram', { telegram }, prepare)
const said = (of: Element = document.body) => of.textContent.replace(/\s+/g, ' ')
const panel = (name: string) => screen.getByText(name, { selector: 'h2' }).closest('section') as HTMLElement
const dialog = () => document.querySelector('[role=dialog]') as HTMLElement
// By what stands on them: to look for roles in a page of this size takes jsdom a second each time.
const button = (name: string | RegExp, where: HTMLElement = document.body) => {
  const fits = (text: string) => (typeof name === 'string' ? text === name : name.test(text))
  const found = [...where.querySelectorAll('button')].find((one) =>
    fits(one.getAttribute('aria-label') ?? said(one).trim()),
  )
  if (!found) throw new Error(`no button ${name} in ${said(where).slice(0, 400)}`)
  return found
}
const press = async (name: string | RegExp, where?: HTMLElement) => {
  await fireEvent.click(button(name, where))
  await passed(200)
}
const radio = (group: string, name: string, where: HTMLElement = document.body) =>
  within(
    where.querySelector(`[role=radiogroup][aria-label="${group}"]`) as HTMLElement,
  ).getByLabelText<HTMLInputElement>(name)
const choose = async (group: string, name: string, where: HTMLElement = document.body) => {
  await fireEvent.click(radio(group, name, where))
  await passed(200)
}
const switchOf = (name: string) => document.querySelector(`[role=switch][aria-label="${name}"]`) as HTMLInputElement
const copying = () => {
  const writeText = vi.fn(() => Promise.resolve())
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
  return writeText
}
/** What the made-up program answers, while time is made to pass. */
const asked = async <T>(answer: Promise<T>) => (await passed(), await answer)
const refusal = (message: string) => new ApiFault({ kind: 'refused', message, ref: '', field: '' })

it('has a place in the navigation with a key of its own', () => {
  const place = places.find((one) => one.name === 'telegram')
  expect(place).toMatchObject({ label: 'Telegram', key: 'm' })
  expect(places.filter((one) => one.key === place?.key)).toHaveLength(1)
})

describe('the words of a bot', () => {
  const now = {
    phase: 'polling',
    enabled: true,
    hasToken: true,
    waiting: 0,
    stuck: '',
    people: [],
    detail: 'd',
    fix: 'f',
  }

  it('gives each phase a shape and an answer, and promises nothing that is not so', () => {
    const person = { user: '1', name: 'Ana', role: 'owner', pairedAt: '', pairedBy: '', seenAt: '' }
    const words = ['polling', 'webhook', 'starting', 'conflict', 'unauthorized', 'down', 'odd'].map((phase) => {
      const { lamp, word, answer } = standingOf({ ...now, phase, people: [person] }, false)
      return `${lamp} ${word}: ${answer.split(/[ :]/)[0]}`
    })
    expect(words).toEqual([
      'ok Reached: Yes',
      'ok Reached: Yes',
      'unknown Starting: Not',
      'down Another program has the bot: Perhaps',
      'down Token refused: No',
      'down Down: No',
      'unknown odd: It',
    ])
    expect(standingOf(now, false).answer).toContain('nobody is paired')
    expect(standingOf({ ...now, waiting: 3, stuck: 'blocked' }, false)).toMatchObject({ lamp: 'degraded' })
  })

  it('tells apart why it is off: no token, switched off, or a locked vault', () => {
    const off = { ...now, phase: 'off' }
    expect(standingOf({ ...off, hasToken: false }, false).word).toBe('No bot')
    for (const locked of [true, false]) expect(standingOf({ ...off, enabled: false }, locked).word).toBe('Switched off')
    expect(standingOf(off, true).word).toBe('Vault locked')
    // The program says "no token is set" in all three, which is true in one.
    expect(causeOf({ ...off, enabled: false }, false).detail).toContain('switched off')
    expect(causeOf(off, true).fix).toContain('unlock')
    expect(causeOf({ ...now, phase: 'down' }, true)).toEqual({ detail: 'd', fix: 'f' })
  })

  it('knows every state of the log, and a size, a countdown and a role in words', () => {
    for (const state of ['begun', 'done', 'refused', 'broken off', 'waiting', 'sent', 'failed'])
      expect(lineState(state).title, state).not.toBe('')
    expect(lineState('new').word).toBe('new')
    expect([812, 184_200, 2_140_000].map(sizeWords)).toEqual(['812 B', '184 kB', '2.1 MB'])
    expect([545_000, 1, 0, -5].map((ms) => leftWords(ms, 0))).toEqual(['9:05', '0:01', '0:00', '0:00'])
    expect(roleLines({ role: 'viewer' }, 'operator').join(' ')).toMatch(/trade within the limits.*Whoever holds/)
    expect(roleLines({ role: 'owner' }, 'viewer').join(' ')).not.toContain('Whoever holds')
  })

  it('shows as a picture only what is one, and names a file by its number and not by its sender', () => {
    expect(pictureOf('image/svg+xml', 'eA==')).toBe('')
    expect(pictureOf('text/html', 'eA==')).toBe('')
    expect(['image/png', 'text/plain', 'text/html', 'application/pdf'].map(showOf)).toEqual([
      'picture',
      'text',
      'file',
      'file',
    ])
    expect(fileName('7', 'application/pdf')).toBe('telegram-7.pdf')
    expect(fileName('../7', 'text/html')).toBe('telegram-7.bin')
  })
})

describe('how it stands', () => {
  it('shows the bot, how messages come in, and the last real answer', async () => {
    await open('webhook')
    expect(said(panel('The bot'))).toContain('Reached Yes: Telegram answers.')
    expect(said(panel('The bot'))).toContain('@hoox_ana_bot')
    expect(said(panel('The bot'))).toContain('Telegram calls https://quiet-harbour-41.example.net/telegram')
    expect(said(panel('The bot'))).toMatch(/Last answer \d+ s ago, a call took 84 ms/)
  })

  it('says what is wrong, what waits since when and why, and what mends it', async () => {
    const { unmount } = await open('down')
    expect(said(panel('The bot'))).toMatch(/▲ 4 messages, the oldest from 5 min ago: no connection to Telegram/)
    expect(said(panel('The bot'))).toMatch(/the next try is in \d+ s/)
    unmount()
    await open('conflict')
    expect(said(panel('The bot'))).toContain('Another program has the bot')
    expect(said(panel('The bot'))).toContain('Fix stop the other program')
  })

  it('says that the file of chats cannot be opened, and that trading goes on', async () => {
    const why = new ApiFault({
      kind: 'unavailable',
      message: 'the file of chats cannot be opened',
      ref: 'e-1',
      field: '',
    })
    const { fake } = await open('polling', (one) => one.fail('Telegram.Get', why))
    expect(said(document.querySelector('[role=alert]') as HTMLElement)).toContain('The bot could not be read')
    expect(said(document.querySelector('[role=alert]') as HTMLElement)).toContain('Alerts and orders go on')
    fake.mend()
    await press('Try again')
    expect(said()).toContain('Reached Yes')
  })

  it('is switched off and its way chosen by the settings, and shows what is in force when that is refused', async () => {
    const { fake } = await open('polling')
    await choose('Messages come in', 'poll')
    expect((await asked(fake.api.settings.list())).items.find((row) => row.key === 'telegram:transport')?.value).toBe(
      'poll',
    )
    fake.fail('Settings.Set', refusal('not now'))
    await fireEvent.click(switchOf('Talk by Telegram'))
    await passed(200)
    expect(switchOf('Talk by Telegram').checked).toBe(true)
    expect(said(panel('The bot'))).toContain('Not changed: not now')
    fake.mend()
    await fireEvent.click(switchOf('Talk by Telegram'))
    await passed(1500)
    expect(said(panel('The bot'))).toContain('Switched off No')
  })

  it('is asked often while it is on its way, and after a hint', async () => {
    const { called, unmount } = await open('starting')
    const before = called('Telegram.Get')
    await passed(12_000)
    expect(called('Telegram.Get') - before).toBeGreaterThanOrEqual(3)
    unmount()
    const calm = await open('polling')
    // The line that opens has everything read once more.
    await passed(1500)
    const first = calm.called('Telegram.Get')
    await passed(12_000)
    expect(calm.called('Telegram.Get')).toBe(first)
    calm.fake.hint('chats')
    await passed(1500)
    expect(calm.called('Telegram.Get')).toBe(first + 1)
  })
})

describe('the first time', () => {
  it('leads from the token to the phone, and keeps the token to itself', async () => {
    const stored: object[] = []
    await open('none', ({ api }) => {
      const { set } = api.secrets
      api.secrets.set = (req) => (stored.push(req), set(req))
    })
    expect(said(panel('The bot'))).toContain('No bot')
    expect(button('Make a code').title).toBe('First store the token of a bot')
    const field = screen.getByLabelText<HTMLInputElement>('Token of the bot')
    expect(field.type).toBe('password')
    await fireEvent.input(field, { target: { value: 'hello' } })
    expect(button('Store token').disabled).toBe(true)
    await fireEvent.input(field, { target: { value: ' 123456:AAmadeup ' } })
    await press('Store token')
    expect(stored).toEqual([{ name: 'TG_BOT_TOKEN_BINDING', value: '123456:AAmadeup' }])
    expect(field.value).toBe('')
    expect(document.body.innerHTML).not.toContain('AAmadeup')
  })

  it('says that the vault is locked, and takes no token then', async () => {
    await open('none', ({ api }) => void api.secrets.lock())
    await fireEvent.input(screen.getByLabelText('Token of the bot'), { target: { value: '1:a' } })
    expect(button('Store token').disabled).toBe(true)
    expect(said(panel('Three steps to your phone'))).toContain('The vault is locked: unlock it first')
  })

  it('keeps what was typed when it was not stored', async () => {
    const { fake } = await open('none')
    fake.fail('Secrets.Set', refusal('the disk is full'))
    const field = screen.getByLabelText<HTMLInputElement>('Token of the bot')
    await fireEvent.input(field, { target: { value: '1:a' } })
    await press('Store token')
    expect(said()).toContain('Not stored: the disk is full')
    expect(field.value).toBe('1:a')
  })
})

describe('pairing', () => {
  it('shows the code once, counts down, and says who used it by itself', async () => {
    const writeText = copying()
    const { fake, called } = await open('alone', ({ api }) => {
      const { get } = api.telegram
      let used = false
      api.telegram.setRole = async () => ((used = true), { requestId: '', status: 'ok', reason: '' })
      api.telegram.get = async () => {
        const state = await get()
        const ana = {
          user: '7',
          name: 'Ana <b>',
          role: 'viewer',
          pairedAt: state.since,
          pairedBy: 'window',
          seenAt: '',
        }
        return used ? { ...state, people: [ana], pairingUntil: '', pairingRole: '' } : state
      }
    })
    await choose('What the phone may do', 'Viewer')
    await press('Make a code')
    expect(screen.getByLabelText('The code').textContent).toBe('MADEUPCODE7TESTS')
    expect((document.querySelector('[role=timer]') as HTMLElement).textContent).toMatch(/^(9:5\d|10:00)$/)
    await press('Copy code')
    expect(writeText).toHaveBeenCalledWith('MADEUPCODE7TESTS')
    await press('Copy link', panel('People'))
    expect(writeText).toHaveBeenCalledWith('https://t.me/hoox_ana_bot?start=MADEUPCODE7TESTS')
    await fake.api.telegram.setRole({ user: '', role: '' })
    fake.hint('chats')
    await passed(1500)
    expect(said()).toContain('Ana <b> is paired as viewer')
    expect(screen.queryByLabelText('The code')).toBeNull()
    expect(called('Telegram.Pair')).toBe(1)
  })

  it('is withdrawn, and is over when nobody used it in time', async () => {
    const { fake, called } = await open('polling')
    await press('Make a code')
    fake.fail('Telegram.Withdraw', refusal('not now'))
    await press('Withdraw code')
    expect(screen.getByLabelText('The code')).toBeTruthy()
    expect(said()).toContain('Not withdrawn: not now')
    fake.mend()
    await press('Withdraw code')
    expect(screen.queryByLabelText('The code')).toBeNull()
    expect(said()).toContain('The code is worth nothing any more')
    expect(called('Telegram.Withdraw')).toBe(2)
    await passed(2000)
    await press('Make a code')
    await passed(601_000)
    expect(screen.queryByLabelText('The code')).toBeNull()
    expect(said()).toContain('nobody used it')
  })

  it('does not show a code again that was made elsewhere, but lets it be withdrawn', async () => {
    await open('polling', ({ api }) => void api.telegram.pair({ role: 'owner' }))
    expect(said()).toContain('A code for owner is open. It was shown where it was made')
    expect(said()).not.toContain('MADEUPCODE7TESTS')
    await press('Withdraw code')
    await passed(1500)
    expect(button('Make a code').disabled).toBe(false)
  })
})

describe('people', () => {
  it('are listed by number, with a name that is only text', async () => {
    await open('polling')
    const row = screen.getByText('Ben <b>K.</b>', { selector: 'td *' }).closest('tr') as HTMLElement
    expect(said(row)).toMatch(/7340032811 ?Operator ?12 d ago, by window ?5 h ago/)
    expect(document.querySelector('td b')).toBeNull()
  })

  it('get another role after it was said what that gives', async () => {
    const { called } = await open('polling')
    await press('Change the role of Ben <b>K.</b>')
    expect(button('Change role', dialog()).disabled).toBe(true)
    await choose('Role', 'Owner', dialog())
    expect(said(dialog())).toContain('end a pause, make limits stricter')
    expect(called('Telegram.SetRole')).toBe(0)
    await press('Make them owner', dialog())
    expect(called('Telegram.SetRole')).toBe(1)
    await passed(1500)
    expect(said(dialog())).toContain('Ben <b>K.</b> is owner now')
    await press('Done', dialog())
    expect(within(panel('People')).getAllByText('Owner', { selector: 'td' })).toHaveLength(2)
  })

  it('are removed after a question, and stay when that fails', async () => {
    const { fake } = await open('polling')
    fake.fail('Telegram.Remove', refusal('not now'))
    await press('Remove Ana')
    await press('Remove them', dialog())
    expect(said(dialog())).toContain('Not removed: not now')
    fake.mend()
    await press('Remove them', dialog())
    await passed(1500)
    await press('Done', dialog())
    expect(within(panel('People')).queryByText('Ana')).toBeNull()
  })
})

describe('notices', () => {
  it('are set one by one, and a refusal stands beside the one it is about', async () => {
    const { fake } = await open('polling')
    expect(panel('Notices').querySelectorAll('tbody tr')).toHaveLength(13)
    await choose('Notices of Fill', 'Silent')
    expect((await asked(fake.api.telegram.get())).levels.find((one) => one.kind === 'fill')?.level).toBe('silent')
    fake.fail('Settings.Set', refusal('not now'))
    await choose('Notices of Kill', 'Off')
    expect(said(screen.getByText('Kill', { selector: 'td' }).closest('tr') as HTMLElement)).toContain('not now')
    expect(radio('Notices of Kill', 'On').checked).toBe(true)
  })

  it('have hours and chats, which are saved when they were changed', async () => {
    const { fake } = await open('polling')
    const chats = screen.getByLabelText<HTMLInputElement>('Allowed chats')
    const save = () => button('Save', chats.closest('form') as HTMLElement)
    expect(save().title).toBe('Nothing is changed')
    await fireEvent.input(chats, { target: { value: '-100123' } })
    fake.fail('Settings.Set', refusal('telegram:allowed_chat_ids: no number of a chat'))
    await fireEvent.click(save())
    await passed(200)
    expect(said()).toContain('Not changed: no number of a chat')
    expect(chats.value).toBe('-100123')
    fake.mend()
    await fireEvent.click(save())
    await passed(200)
    expect((await asked(fake.api.settings.list())).items.find((row) => row.key.endsWith('chat_ids'))?.value).toBe(
      '-100123',
    )
  })

  it('ask for codes only once an authenticator is set up, whose secret is shown once', async () => {
    const { called } = await open('polling')
    const totp = () => switchOf('Ask for an authenticator’s code')
    expect(totp().disabled).toBe(true)
    await press('Set up…')
    expect(called('Telegram.SetUpAuthenticator')).toBe(0)
    await press('Make the secret', dialog())
    expect(said(dialog())).toContain('MADEUPSECRETFORTESTSONLY23456777')
    expect(said(dialog())).toContain('otpauth://totp/Hoox:desktop')
    await press('I have it', dialog())
    await passed(1500)
    expect(document.body.innerHTML).not.toContain('MADEUPSECRET')
    expect(totp().disabled).toBe(false)
    await press('Set up another…')
    expect(document.body.innerHTML).not.toContain('MADEUPSECRET')
    expect(said(dialog())).toContain('worth nothing then')
  })
})

describe('what was said', () => {
  const grid = () => within(panel('What was said'))

  it('shows both directions with state, shape and reason, as text', async () => {
    await open('polling')
    expect(grid().getByText('/resume').closest('[role=row]')?.textContent).toMatch(/←.*Refused.*needs owner/)
    expect(
      grid()
        .getByText(/Sold 4.5/)
        .closest('[role=row]')?.textContent,
    ).toMatch(/→.*Ben.*✕.*Failed.*blocked/)
    expect(document.querySelector('[role=row] i')).toBeNull()
    await fireEvent.click(grid().getByText(/^Alert refused/))
    await passed(200)
    expect(said(dialog())).toContain('Rejected to Ana')
    expect(said(dialog())).toContain('raise the limit at the desktop')
  })

  it('is read page by page, and says when nothing was said yet', async () => {
    const cursors: string[] = []
    const { unmount } = await open('polling', ({ api }) => {
      const { log } = api.telegram
      api.telegram.log = (req) => (cursors.push(req.cursor), log(req))
    })
    expect(cursors).not.toContain('50')
    const table = panel('What was said').querySelector('[role=grid]') as HTMLElement
    table.scrollTop = 1200
    await fireEvent.scroll(table)
    await passed(200)
    expect(cursors).toContain('50')
    unmount()
    await open('alone')
    expect(said(panel('What was said'))).toContain('Nothing was said yet')
    expect(button('Send a test message').title).toBe('Nobody is paired yet')
  })

  it('begins with a test message once somebody is paired', async () => {
    await open('polling')
    await press('Send a test message')
    expect(said(panel('What was said'))).toContain('3 messages are on their way; the log shows whether they arrived')
    await passed(1000)
    expect(grid().getAllByText('Hoox can reach you here.')).toHaveLength(3)
  })
})

describe('uploads', () => {
  const uploads = () => within(panel('Uploads'))
  const openFile = async (text: string | RegExp) => {
    await fireEvent.click(uploads().getByText(text))
    await passed(300)
  }

  it('open as a picture, as text, or to be saved, and never as a page', async () => {
    await open('polling')
    await openFile('without a name')
    const picture = dialog().querySelector('img')
    expect(picture?.src).toMatch(/^data:image\/png;base64,/)
    expect(picture?.alt).toBe('Is this <i>the</i> level you meant?')
    await press('Close', dialog().querySelector('footer') as HTMLElement)
    await openFile('notes of the week.txt')
    expect(said(dialog())).toContain('<script>never run</script>')
    expect(dialog().querySelector('script')).toBeNull()
    await press('Close', dialog().querySelector('footer') as HTMLElement)
    await openFile('../../fees-2026-10.pdf')
    expect(said(dialog())).toContain('Save it to look at it')
    expect(button('Save file', dialog()).title).toBe('As telegram-1.pdf')
  })

  it('say why they could not be opened', async () => {
    const { fake } = await open('polling')
    fake.fail('Telegram.Open', refusal('the file is gone'))
    await openFile('notes of the week.txt')
    expect(said(dialog())).toContain('Not opened: the file is gone')
    fake.mend()
    await press('Try again', dialog())
    expect(said(dialog())).toContain('two stops too tight')
  })

  it('are dropped after a question', async () => {
    const { called } = await open('polling')
    await openFile('notes of the week.txt')
    await press('Drop…', dialog())
    expect(said(dialog())).toContain('Drop notes of the week.txt of Ben <b>K.</b>?')
    expect(called('Telegram.Drop')).toBe(0)
    await press('Drop file', dialog())
    await passed(1000)
    await press('Done', dialog())
    expect(uploads().queryByText('notes of the week.txt')).toBeNull()
  })
})
