import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Shell, Wish } from '$lib/api'
import type { FakeOptions } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { ApiFault } from '$lib/api/fault'
import { listenToKeys } from '$lib/features/frame/keys'
import App from '../src/App.svelte'

beforeEach(() => {
  // A page without a chart, which needs a canvas.
  window.location.hash = '#/about'
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }))
})
afterEach(() => vi.unstubAllGlobals())

/** The whole page in a window whose cross and keys the test presses. */
async function page(options: FakeOptions = {}) {
  const fake = fakeBackend(options)
  let wished: (wish: Wish) => void = () => undefined
  const quit = vi.fn()
  const shell: Shell = {
    onLeave: (hear) => {
      wished = hear
      return () => undefined
    },
    onGo: () => () => undefined,
    quit,
  }
  render(App, { backend: { ...fake, shell } })
  await waitFor(() => expect(fake.calls).toContain('Health.Get'))
  const left = () => fake.calls.filter((call) => call.startsWith('Desktop.Leave'))
  return { fake, wish: (wish: Wish) => wished(wish), quit, left }
}

const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }))

describe('closing the window', () => {
  it('says of everything that is open where it stands, before it asks', async () => {
    const { wish } = await page({ mode: 'live' })
    wish('close')
    await waitFor(() => screen.getByText('Keep running or quit?'))
    await waitFor(() => screen.getByText('stays open; stop 63000 stands at bybit'))
    expect(screen.getByText('stays open without a stop or a target')).toBeTruthy()
    expect(screen.getByText('unprotected')).toBeTruthy()
    expect(screen.getByText(/Alerts that come while it does not run are not traded/)).toBeTruthy()
  })

  it('shows lines that read alike, each of them: two equal orders may rest', async () => {
    const { wish, fake } = await page({ mode: 'live' })
    const { quitSummary } = fake.api.desktop
    fake.api.desktop.quitSummary = async () => {
      const sum = await quitSummary()
      const line = {
        kind: 'order',
        mode: 'live',
        account: 'bybit:live',
        what: 'buy 0.1 BTCUSDT',
        stands: 'exchange',
        after: 'rests',
      }
      return { ...sum, items: [line, line], notes: ['told twice', 'told twice'] }
    }
    wish('close')
    await waitFor(() => expect(screen.getAllByText('buy 0.1 BTCUSDT')).toHaveLength(2))
    expect(screen.getAllByText('told twice')).toHaveLength(2)
  })

  it('goes on in the tray and remembers it when that was ticked', async () => {
    const { wish, left, fake } = await page()
    const leave = vi.spyOn(fake.api.desktop, 'leave')
    wish('close')
    await waitFor(() => screen.getByLabelText(/Remember this/))
    await fireEvent.click(screen.getByLabelText(/Remember this/))
    await press('Keep running in the tray')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(leave).toHaveBeenCalledWith({ how: 'hide', remember: true })
    expect(left()).toEqual(['Desktop.Leave hide'])
  })

  it('offers only to quit or to stay when quitting was asked for, and tells the program that somebody stayed', async () => {
    const { wish, left } = await page({ empty: true })
    wish('quit')
    await waitFor(() => screen.getByText('No position, order or protection is open.', { exact: false }))
    expect(screen.queryByRole('button', { name: /Keep running/ })).toBeNull()
    await press('Stay here')
    await waitFor(() => expect(left()).toEqual(['Desktop.Leave stay']))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('can be left when nothing can be read, and shows a refusal', async () => {
    const { wish, fake, left } = await page()
    fake.fail('Desktop.QuitSummary')
    fake.fail('Desktop.Leave quit', new ApiFault({ kind: 'refused', message: 'not now', ref: '', field: '' }))
    wish('quit')
    await waitFor(() => screen.getByText('What is open could not be read'))
    await press('Quit')
    await waitFor(() => screen.getByText('✕ Not done: not now'))
    fake.mend()
    await press('Quit')
    await waitFor(() => expect(left().length).toBe(2))
  })
})

describe('Ctrl+Q', () => {
  it('asks the window to quit, also while something is typed, and nothing without a window', async () => {
    const quit = vi.fn()
    const stops = [listenToKeys(vi.fn(), quit), listenToKeys(vi.fn())]
    const field = document.body.appendChild(document.createElement('input'))
    await fireEvent.keyDown(field, { key: 'q', ctrlKey: true })
    expect(quit).toHaveBeenCalledTimes(1)
    await fireEvent.keyDown(field, { key: 'q' })
    await fireEvent.keyDown(field, { key: 'Q', ctrlKey: true, shiftKey: true })
    expect(quit).toHaveBeenCalledTimes(1)
    field.remove()
    stops.forEach((stop) => stop())
  })
})
