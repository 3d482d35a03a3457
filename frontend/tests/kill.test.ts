import { fireEvent, render, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FakeOptions } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { App } from '$lib/stores/app.svelte'
import Host from './Strip.host.svelte'

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: false }))
afterEach(() => vi.useRealTimers())

const passed = (ms = 50) => vi.advanceTimersByTimeAsync(ms)

async function strip(options: FakeOptions = {}) {
  const fake = fakeBackend(options)
  const app = new App(fake)
  render(Host, { app })
  await passed()
  const sets = () => fake.calls.filter((call) => call === 'Kill.Set').length
  return { fake, app, sets }
}

const button = () => screen.getByRole('button', { name: /halt trading/i })

describe('kill switch', () => {
  it('halts after it was held for one second', async () => {
    const { sets } = await strip()
    await fireEvent.pointerDown(button(), { button: 0 })
    await passed(990)
    expect(sets()).toBe(0)
    await passed(60)
    expect(sets()).toBe(1)
    await passed()
    expect(screen.getByText('HALTED')).toBeTruthy()
  })

  it('does nothing when it is let go too early, and says so', async () => {
    const { sets } = await strip()
    await fireEvent.pointerDown(button(), { button: 0 })
    await passed(700)
    await fireEvent.pointerUp(button())
    await passed(3000)
    expect(sets()).toBe(0)
    expect(screen.getByText(/nothing was halted/)).toBeTruthy()
  })

  it('does nothing when the pointer leaves it', async () => {
    const { sets } = await strip()
    await fireEvent.pointerDown(button(), { button: 0 })
    await passed(700)
    await fireEvent.pointerLeave(button())
    await passed(3000)
    expect(sets()).toBe(0)
  })

  it('halts when Enter is held', async () => {
    const { sets } = await strip()
    await fireEvent.keyDown(button(), { key: 'Enter' })
    await passed(500)
    await fireEvent.keyDown(button(), { key: 'Enter', repeat: true })
    await passed(550)
    expect(sets()).toBe(1)
  })

  it.each([
    [
      'a short press',
      async () => (await fireEvent.pointerDown(button(), { button: 0 }), fireEvent.pointerUp(button())),
    ],
    [
      'Enter',
      async () => (await fireEvent.keyDown(button(), { key: 'Enter' }), fireEvent.keyUp(button(), { key: 'Enter' })),
    ],
    ['a click without a pointer', async () => fireEvent.click(button())],
  ])('asks on %s, and halts on the answer', async (_, press) => {
    const { sets } = await strip()
    await press()
    await passed(100)
    expect(sets()).toBe(0)
    await fireEvent.click(screen.getByRole('button', { name: 'Halt trading' }))
    await passed(100)
    expect(sets()).toBe(1)
  })

  it('works while nothing can be read, and says when it did not work', async () => {
    const { fake, sets } = await strip({ failing: ['all'] })
    expect(screen.getByText(/could not be read/)).toBeTruthy()
    await fireEvent.pointerDown(button(), { button: 0 })
    await passed(1100)
    expect(sets()).toBe(1)
    expect(screen.getByText(/is not proven/)).toBeTruthy()

    fake.mend()
    await fireEvent.pointerDown(button(), { button: 0 })
    await passed(1100)
    expect(screen.getByText('HALTED')).toBeTruthy()
  })
})

describe('halted strip', () => {
  it('says since when, by whom, why and how far the cancels are', async () => {
    await strip({ state: 'halted' })
    const text = document.body.textContent.replace(/\s+/g, ' ')
    expect(text).toContain('HALTED 2 min ago by window')
    expect(text).toContain('drawdown, looking into it')
    expect(text).toContain('bybit 3/3 cancels proven ✓')
    expect(text).toContain('binance 1/2 cancels proven, asking…')
  })

  it('resumes only after the checklist and with a reason, exits first', async () => {
    const { app, sets } = await strip({ state: 'halted' })
    await fireEvent.click(screen.getByRole('button', { name: 'Resume…' }))
    await passed(200)
    expect(screen.getByText('Positions reconciled')).toBeTruthy()

    await fireEvent.click(screen.getByRole('button', { name: /Allow exits only/ }))
    await passed()
    expect(sets()).toBe(0)
    expect(screen.getByText(/say why/)).toBeTruthy()

    await fireEvent.input(screen.getByLabelText('Reason'), { target: { value: 'checked by hand' } })
    await fireEvent.click(screen.getByRole('button', { name: /Allow exits only PAPER/ }))
    await passed()
    expect(app.kill.current).toBe('reducing')
  })
})

describe('pausing entries', () => {
  it('needs a reason and keeps the kill switch in its place', async () => {
    const { app } = await strip()
    await fireEvent.click(screen.getByRole('button', { name: /Active/ }))
    await passed(100)
    await fireEvent.input(screen.getByLabelText('Reason'), { target: { value: 'news at two' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Pause entries' }))
    await passed(100)
    expect(app.kill.current).toBe('reducing')
    expect(screen.getByText('Exits only')).toBeTruthy()
    expect(button()).toBeTruthy()
  })
})
