import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SetSetting } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { places } from '$lib/features/frame/places'
import {
  changesOf,
  fieldsOf,
  fileNote,
  forgetWords,
  key,
  secretsOf,
  standingOf,
  webhookOf,
} from '$lib/features/tunnel/words'
import Alerts from '../src/pages/Alerts.svelte'
import Tunnel from '../src/pages/Tunnel.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const open = (tunnel: FakeOptions['tunnel'], prepare?: (fake: Fake) => void) =>
  stage(Tunnel, '#/tunnel', { tunnel }, prepare)
const said = () => document.body.textContent.replace(/\s+/g, ' ')
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const press = async (name: string | RegExp) => {
  await fireEvent.click(button(name))
  await passed(200)
}
const type = (label: string, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } })
const choose = async (name: RegExp) => {
  await fireEvent.click(screen.getByRole('radio', { name }))
  await passed()
}

/** Every change of a setting, in the order it was asked for. */
function watching(seen: SetSetting[]) {
  return (fake: Fake) => {
    const { set } = fake.api.settings
    fake.api.settings.set = (req) => (seen.push(req), set(req))
  }
}

it('has a place in the navigation with a key of its own', () => {
  const place = places.find((one) => one.name === 'tunnel')
  expect(place).toMatchObject({ label: 'Tunnel', key: 'u' })
  expect(places.filter((one) => one.key === place?.key)).toHaveLength(1)
})

describe('the words of a tunnel', () => {
  it('gives each phase a shape and an answer, and promises nothing that is not proved', () => {
    const words = ['up', 'starting', 'degraded', 'down', 'off', 'odd'].map((phase) => {
      const { lamp, word, answer } = standingOf({ phase, provedAt: '2026-11-22T12:00:00Z' })
      return `${lamp} ${word} ${answer.split(/[ :]/)[0]}`
    })
    expect(words).toEqual([
      'ok Up Yes',
      'unknown Starting Not',
      'degraded Degraded Perhaps',
      'down Down No',
      'off Off No',
      'unknown odd It',
    ])
    expect(standingOf({ phase: 'up', provedAt: '' }).answer).not.toContain('Yes')
    expect(webhookOf('')).toBe('')
  })

  it('asks for what a kind needs, and hides nothing that counts beside config.toml', () => {
    const values = { [key.kind]: 'config', [key.hostname]: '', [key.address]: 'a:22', [key.user]: '' }
    const keys = (kind: string) => fieldsOf(kind, values).map((field) => field.key)
    expect(keys('ssh')).toEqual([key.hostname, key.address, key.user])
    expect(keys('tailscale')).toEqual([])
    expect(keys('config')).toEqual([key.hostname, key.address])
    expect(secretsOf('ssh').map((one) => one.name)).toEqual(['TUNNEL_SSH_KEY', 'TUNNEL_SSH_PASSPHRASE'])
    expect(fileNote('command')).toContain('config.toml')
    const wanted = { ...values, [key.kind]: 'ssh', [key.hostname]: ' h.example.com ', [key.user]: 'me' }
    expect(changesOf(values, wanted)).toEqual([
      { key: key.hostname, value: 'h.example.com' },
      { key: key.user, value: 'me' },
      { key: key.kind, value: 'ssh' },
    ])
    // What was typed for another kind is no part of this one.
    expect(changesOf(values, { ...wanted, [key.kind]: 'tailscale' })).toEqual([{ key: key.kind, value: 'tailscale' }])
  })

  it('never promises what an empty field does while config.toml may fill it', () => {
    for (const kind of ['cloudflared', 'ngrok', 'ssh', 'command', 'none', 'config'])
      for (const field of fieldsOf(kind, { [key.kind]: kind, [key.hostname]: '', [key.address]: 'a', [key.user]: 'b' }))
        expect(field.help, `${kind} ${field.label}`).toContain('Empty leaves it to config.toml')
  })
})

describe('how it stands', () => {
  it('shows the address for TradingView, and when it was proved', async () => {
    const writeText = vi.fn(() => Promise.resolve())
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
    await open('up')
    expect(said()).toContain('Up Yes: an answer came back through the public address.')
    expect(said()).toMatch(/Proved \d+ s ago/)
    await press(/Copy URL/)
    expect(writeText).toHaveBeenCalledWith('https://quiet-harbour-41.example.net/webhook')
    expect(button('Retry now').title).toBe('Only a tunnel that is down is started again')
  })

  it('says what is wrong, what fixes it, and tries again when asked', async () => {
    const { called } = await open('down')
    expect(said()).toContain('It says cloudflared ended: the token is refused')
    expect(said()).toContain('Fix make another token')
    expect(said()).toMatch(/started again 3 times; the next try is in/)
    expect(said()).toContain('None while no public address is known')
    await press('Retry now')
    expect(called('Tunnel.Retry')).toBe(1)
    await passed(1500)
    expect(said()).toContain('Starting Not yet')
  })

  it('shows warnings that read alike', async () => {
    await open('degraded', ({ api }) => {
      const { get } = api.tunnel
      api.tunnel.get = async () => ({ ...(await get()), warnings: ['it is old', 'it is old'] })
    })
    expect(screen.getAllByText(/it is old/)).toHaveLength(2)
  })

  it('says that real money must not come this way', async () => {
    await open('quick')
    expect(said()).toContain('Not for real money. this tunnel carries no alerts for real money')
  })

  it('looks every five seconds until it is up, and then seldom', async () => {
    const { called, unmount } = await open('starting')
    const before = called('Tunnel.Get')
    await passed(20_000)
    expect(called('Tunnel.Get') - before).toBeGreaterThanOrEqual(4)
    unmount()
    const calm = await open('up')
    const first = calm.called('Tunnel.Get')
    await passed(20_000)
    const seldom = calm.called('Tunnel.Get')
    expect(seldom - first).toBeLessThanOrEqual(1)
    calm.fake.hint('health')
    await passed(1500)
    expect(calm.called('Tunnel.Get')).toBe(seldom + 1)
  })

  it('says what failed, and what it shows is old', async () => {
    const { fake } = await open('up', (one) => one.fail('Tunnel.Get'))
    expect(screen.getByRole('alert').textContent).toContain('The tunnel could not be read')
    fake.mend()
    await press('Try again')
    expect(said()).toContain('Up Yes')
    fake.fail('Tunnel.Get')
    await passed(31_000)
    expect(screen.getByText(/As of \d+ s ago/)).toBeTruthy()
  })

  it('folds the last words of the program away, as text', async () => {
    await open('up')
    const words = screen.getByText(/Last words of the program/).closest('details')
    expect(words?.open).toBe(false)
    expect(words?.querySelector('pre')?.textContent).toContain('INF Starting tunnel\nINF Registered')
  })
})

describe('an address that has changed', () => {
  it('warns until a person says that every alert is changed', async () => {
    const { called } = await open('moved')
    expect(said()).toContain('TradingView still points at https://stale-meadow-7.example.net')
    expect(said()).toContain('to https://quiet-harbour-41.example.net/webhook')
    await press(/^Confirm: every alert/)
    expect(called('Tunnel.Confirm')).toBe(1)
    await passed(1500)
    expect(said()).not.toContain('TradingView still points')
  })

  it('keeps the warning when the address is another one by now', async () => {
    const { fake } = await open('moved')
    fake.fail('Tunnel.Confirm', new ApiFault({ kind: 'conflict', message: 'it is "b" now', ref: '', field: '' }))
    await press(/^Confirm: every alert/)
    await passed(1500)
    expect(said()).toContain('Not confirmed: it is "b" now')
    expect(said()).toContain('TradingView still points')
  })
})

describe('the key of a server', () => {
  const end = 'kN4n3nQ'.slice(-6)

  it('is trusted once its end was typed, and by its whole fingerprint', async () => {
    const asked: string[] = []
    await open('stranger', ({ api }) => {
      const { trustHost } = api.tunnel
      api.tunnel.trustHost = (req) => (asked.push(req.fingerprint), trustHost(req))
    })
    expect(said()).toContain('hooks.example.com:22 is met for the first time')
    expect(said()).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    await press('Trust this key…')
    expect(screen.getByRole('dialog').textContent).not.toContain(end)
    const dialog = within(screen.getByRole('dialog'))
    const trust = dialog.getByRole<HTMLButtonElement>('button', { name: 'Trust key' })
    await type('Its last 6 characters, as your server shows them', 'wrong1')
    await fireEvent.submit(screen.getByRole('dialog').querySelector('form') as HTMLFormElement)
    expect(trust.disabled).toBe(true)
    expect(asked).toEqual([])
    await type('Its last 6 characters, as your server shows them', end)
    await fireEvent.click(trust)
    // By then the page has read that no key waits any more.
    await passed(1500)
    expect(said()).not.toContain('is met for the first time')
    expect(asked).toEqual(['SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDyE5uQ4jkWkN4n3nQ'])
    expect(within(screen.getByRole('dialog')).getByText(/The tunnel is started again/)).toBeTruthy()
    await press('Done')
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it.each(['stranger', 'changed', 'moved'] as const)('is read out in one sentence: %s', async (story) => {
    await open(story)
    const [alert, ...more] = screen.getAllByRole('alert')
    expect(more).toEqual([])
    expect(alert?.querySelector('button')).toBeNull()
    expect(alert?.textContent).toMatch(/first time|another key|still points/)
  })

  it('that differs from the known one cannot be trusted before that one is forgotten', async () => {
    const { called } = await open('changed')
    expect(said()).toContain('shows another key than the one you trusted')
    expect(said()).toContain('SHA256:2bqR0m5Wn7yqGm8q1pE3o1H0Zt5vXkq7gJb8cYw4uLs')
    expect(button('Trust this key…').disabled).toBe(true)
    await press('Forget host key…')
    expect(screen.getByRole('dialog').textContent).toContain('No tunnel is up, so nothing is cut')
    expect(called('Tunnel.ForgetHost')).toBe(0)
    await press('Forget host key')
    expect(called('Tunnel.ForgetHost')).toBe(1)
    await passed(1500)
    expect(said()).toContain('is met for the first time')
    expect(button('Trust this key…').disabled).toBe(false)
  })

  it('that is forgotten ends the tunnel that is up on it, until the key is confirmed anew', async () => {
    await open('up', ({ api }) => void api.settings.set({ key: key.kind, value: 'ssh' }))
    expect(said()).toContain('Up Yes')
    await press('Forget host key…')
    expect(screen.getByRole('dialog').textContent).toContain('ends now, at https://quiet-harbour-41.example.net.')
    await press('Forget host key')
    await passed(1500)
    await press('Done')
    expect(said()).toContain('Down No')
    expect(said()).toContain('is met for the first time')
  })

  it('ends nothing when no tunnel of its kind runs', () => {
    const now = { phase: 'up', kind: 'ngrok', public: 'https://a.example.net' }
    expect(forgetWords(now)[0]).toBe('Nothing ends: ngrok does not use this key.')
    expect(forgetWords({ ...now, kind: 'ssh' })[0]).toContain('ends now, at https://a.example.net.')
  })
})

describe('choosing a kind', () => {
  it('tells what it is and needs before it is chosen', async () => {
    await open('up')
    await choose(/^Tailscale/)
    expect(said()).toContain('nobody in between can read alerts')
    await choose(/^Cloudflare Tunnel/)
    expect(said()).toContain('Not for live: a quick tunnel')
    expect(said()).toContain('hoox secret set TUNNEL_CLOUDFLARED_TOKEN')
    expect(said()).toContain('config.toml under [tunnel], and only there')
    await choose(/^Your own server/)
    expect(screen.getByRole('region', { name: 'Recipe' }).textContent).toContain('{\n\treverse_proxy 127.0.0.1:8787')
  })

  it('says what a change cuts, and saves the kind last', async () => {
    const seen: SetSetting[] = []
    await open('up', watching(seen))
    expect(button('Save…').title).toBe('Nothing is changed')
    await choose(/^Your own server/)
    await type('Public address', 'hooks.example.com')
    await type('Server', 'hooks.example.com:22')
    await type('User', 'tunnel')
    await press('Save…')
    expect(seen).toEqual([])
    expect(screen.getByRole('dialog').textContent).toContain('Alerts that are sent meanwhile are lost')
    await press('Save and start')
    expect(seen).toEqual([
      { key: 'tunnel:hostname', value: 'hooks.example.com' },
      { key: 'tunnel:ssh_addr', value: 'hooks.example.com:22' },
      { key: 'tunnel:ssh_user', value: 'tunnel' },
      { key: 'tunnel:kind', value: 'ssh' },
    ])
    await press('Done')
    expect(button('Save…').title).toBe('Nothing is changed')
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Your own server.*chosen/ }).checked).toBe(true)

    await choose(/^Tailscale/)
    await press('Save…')
    expect(screen.getByRole('dialog').textContent).toContain('Tailscale Funnel is started')
  })

  it('leaves empty fields to config.toml, and what was typed for another kind alone', async () => {
    const seen: SetSetting[] = []
    await open('up', watching(seen))
    await choose(/^Your own server/)
    expect(button('Save…').disabled).toBe(false)
    await type('Server', 'hooks.example.com:22')
    await choose(/^Tailscale/)
    await press('Save…')
    await press('Save and start')
    expect(seen).toEqual([{ key: 'tunnel:kind', value: 'tailscale' }])
    await press('Done')
    await choose(/^Your own server/)
    expect(screen.getByLabelText<HTMLInputElement>('Server').value).toBe('hooks.example.com:22')
    await choose(/^Your own proxy/)
    await press('Save…')
    expect(within(screen.getByRole('dialog')).getByRole('button', { name: 'Save' })).toBeTruthy()
  })

  it('says what was saved before a refusal', async () => {
    await open('up', ({ api }) => {
      const { set } = api.settings
      api.settings.set = (req) =>
        req.key === key.address
          ? Promise.reject(new ApiFault({ kind: 'invalid', message: 'is no host', ref: '', field: 'value' }))
          : set(req)
    })
    await choose(/^Your own server/)
    await type('Public address', 'hooks.example.com')
    await type('Server', 'no host')
    await press('Save…')
    await press('Save and start')
    expect(screen.getByRole('dialog').textContent).toContain(
      'Not done: is no host. Saved before that: tunnel:hostname is hooks.example.com',
    )
  })

  it('stops at what is refused, says it at its field, and keeps what was typed', async () => {
    const seen: SetSetting[] = []
    await open('up', (fake) => {
      fake.fail('Settings.Set', new ApiFault({ kind: 'invalid', message: 'is no host', ref: '', field: 'value' }))
      watching(seen)(fake)
    })
    await choose(/^ngrok/)
    await type('Public address', 'no host')
    await press('Save…')
    await press('Save and start')
    expect(screen.getByRole('dialog').textContent).toContain('Not done: is no host')
    expect(seen.map((one) => one.key)).toEqual(['tunnel:hostname'])
    await press('Leave it as it is')
    expect(screen.getByLabelText<HTMLInputElement>('Public address').value).toBe('no host')
    expect(screen.getByLabelText('Public address').getAttribute('aria-invalid')).toBe('true')
  })
})

it('is where the alerts page leads while there is no public address', async () => {
  await stage(Alerts, '#/alerts', { empty: true })
  expect(screen.getByRole('link', { name: 'Set up the tunnel' }).getAttribute('href')).toBe('#/tunnel')
})
