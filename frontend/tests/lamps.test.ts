import { render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeBackend } from '$lib/api/fake'
import type { PartHealth } from '$lib/api'
import { App } from '$lib/stores/app.svelte'
import Strip from './Strip.host.svelte'
import { passed } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const inner = ['ledger', 'queue', 'backup', 'idempotency', 'user', 'trading', 'alerts', 'alarms', 'awake']

/** The names of the lamps in the strip while the parts are in these states. */
async function lamps(states: Record<string, string>): Promise<string[]> {
  const backend = fakeBackend()
  const { get } = backend.api.health
  backend.api.health.get = async () => {
    const one = await get()
    const part = one.items[0] as PartHealth
    return { ...one, items: Object.entries(states).map(([name, state]) => ({ ...part, name, state })) }
  }
  const app = new App(backend)
  render(Strip, { app })
  await passed(300)
  const list = within(screen.getByRole('list', { name: 'Parts' }))
  return list.queryAllByRole('link').map((link) => link.textContent.trim())
}

describe('the lamps of the strip', () => {
  it('are those between TradingView and the exchanges while all is well', async () => {
    const well = Object.fromEntries(inner.map((name) => [name, 'ok']))
    expect(await lamps({ ...well, gateway: 'ok', bybit: 'ok', tunnel: 'off' })).toEqual([
      'Webhook: OK',
      'Bybit: OK',
      'Tunnel: Off',
    ])
  })

  it('are joined by every other part that needs a hand', async () => {
    expect(await lamps({ gateway: 'ok', backup: 'down', awake: 'degraded', user: 'ok' })).toEqual([
      'Webhook: OK',
      'Backup: Down',
      'Awake: Degraded',
    ])
  })
})
