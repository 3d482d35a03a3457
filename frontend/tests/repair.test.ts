import { fireEvent, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Fake } from '$lib/api/fake'
import Orders from '../src/pages/Orders.svelte'
import Signals from '../src/pages/Signals.svelte'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  withLayout()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole('button', { name }))
  await passed(100)
}
const dialog = () => screen.getByRole('dialog')

describe('an order that waits for a person', () => {
  const doubtful = (fake: Fake) => {
    const { list } = fake.api.orders
    fake.api.orders.list = async (req) => {
      const page = await list(req)
      return { ...page, items: page.items.slice(0, 1).map((row) => ({ ...row, status: 'needs_review' })), next: '' }
    }
  }

  it('is settled with a word and a reason, and never by one press', async () => {
    const { called } = await stage(Orders, '#/orders', {}, doubtful)
    await press('Settle')
    const deed = () => screen.getByRole('button', { name: 'Settle order PAPER' })
    expect(deed()).toHaveProperty('disabled', true)
    await fireEvent.click(screen.getByRole('radio', { name: 'Not placed' }))
    expect(deed().title).toBe('Say how you know')
    await fireEvent.input(screen.getByLabelText('How do you know?'), { target: { value: 'looked at the order page' } })
    await fireEvent.click(deed())
    await passed(100)
    expect(called('Orders.Settle')).toBe(1)
    expect(dialog().textContent).toContain('Settled')
  })
})

describe('an alert that led to nothing', () => {
  const story = (fake: Fake, status: string) => {
    const { get } = fake.api.signals
    fake.api.signals.get = async (req) => {
      const parts = {
        status,
        parent: 'sig-000001',
        children: [{ requestId: 'sig-000009', account: 'binance:paper', status: 'refused', reason: 'above the cap' }],
      }
      return { ...(await get(req)), ...parts }
    }
  }

  it('shows what it would do now, and is traded anew only then', async () => {
    const { called } = await stage(Signals, '#/signals/sig-000200', {}, (fake) => story(fake, 'blocked'))
    await press('Trade anew…')
    expect(called('Queue.Requeue')).toBe(1)
    expect(dialog().textContent).toContain('Would go')
    await press('Trade anew PAPER')
    expect(called('Queue.Requeue')).toBe(2)
    expect(dialog().textContent).toContain('Filled')
  })

  it('is not offered for one that traded', async () => {
    await stage(Signals, '#/signals/sig-000200', {}, (fake) => story(fake, 'filled'))
    expect(screen.queryByRole('button', { name: 'Trade anew…' })).toBeNull()
  })

  it('leads to the same alert on the other accounts', async () => {
    await stage(Signals, '#/signals/sig-000200', {}, (fake) => story(fake, 'filled'))
    expect(screen.getByRole('link', { name: 'Binance PAPER' }).getAttribute('href')).toBe('#/signals/sig-000009')
    expect(screen.getByRole('link', { name: 'the story of the first' })).toBeTruthy()
  })
})
