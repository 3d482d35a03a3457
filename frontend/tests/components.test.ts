import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Copy from '$lib/components/Copy.svelte'
import Money from '$lib/components/Money.svelte'
import Confirm from './Confirm.host.svelte'
import { passed } from './stage'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const dialog = () => screen.getByRole('dialog')
const enter = () => fireEvent.submit(dialog().querySelector('form') as HTMLFormElement)

async function ask(work: () => Promise<{ reason: string }>) {
  render(Confirm, { work })
  await passed()
}

async function type(text: string) {
  await fireEvent.input(screen.getByLabelText('Type “end”'), { target: { value: text } })
}

describe('a deed that wants a typed word', () => {
  it('is done neither by Enter nor by its button before the word is there', async () => {
    const work = vi.fn(() => Promise.resolve({ reason: '' }))
    await ask(work)
    expect(document.activeElement).toBe(screen.getByLabelText('Type “end”'))
    await type('en')
    await enter()
    expect(screen.getByRole('button', { name: 'End key' })).toHaveProperty('disabled', true)
    expect(work).not.toHaveBeenCalled()
    await type('end')
    await enter()
    await passed()
    expect(work).toHaveBeenCalledTimes(1)
    expect(screen.getByRole('dialog', { name: 'The key is ended' }).textContent).toContain('No alert comes in with it.')
  })

  it('is not done twice by Enter while it is on its way', async () => {
    const work = vi.fn(() => new Promise<{ reason: string }>(() => {}))
    await ask(work)
    await type('end')
    await enter()
    await enter()
    expect(work).toHaveBeenCalledTimes(1)
  })

  it('says in its own word that it was refused, and stays', async () => {
    await ask(() => Promise.reject(new Error('the vault is locked')))
    await type('end')
    await enter()
    await passed()
    expect(within(dialog()).getByRole('alert').textContent).toContain('Not ended: the vault is locked')
    expect(screen.getByRole('dialog', { name: 'End the key?' })).toBeTruthy()
  })
})

describe('copying', () => {
  it('asks for the text when it is pressed, and says why there is none', async () => {
    const text = vi.fn(() => Promise.reject(new Error('the vault is locked')))
    render(Copy, { text })
    expect(text).not.toHaveBeenCalled()
    await fireEvent.click(screen.getByRole('button', { name: 'Copy' }))
    await passed()
    expect(screen.getByRole('status').textContent).toBe('Not copied: the vault is locked')
    await passed(2600)
    expect(screen.getByRole('status').textContent).toBe('')
  })

  it('goes another way where the clipboard is refused', async () => {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } })
    Object.assign(document, { execCommand: () => true })
    render(Copy, { text: 'hoox doctor' })
    await fireEvent.click(screen.getByRole('button', { name: 'Copy' }))
    await passed()
    expect(screen.getByRole('status').textContent).toBe('Copied')
  })
})

describe('a change in money', () => {
  const drawn = (value: string) => {
    const { container, unmount } = render(Money, { value, places: 2, change: true })
    const shown = { text: container.textContent, classes: container.querySelector('.num')?.className ?? '' }
    unmount()
    return shown
  }

  it('has an arrow, a sign and a colour', () => {
    expect(drawn('-0.017').text).toBe('▼−0.02')
    expect(drawn('-0.017').classes).toContain('text-down')
    expect(drawn('0.017').text).toBe('▲+0.02')
    expect(drawn('0.017').classes).toContain('text-up')
  })

  it('has none of them when it is rounded to nothing', () => {
    for (const value of ['-0.00197', '0.004', '0']) {
      expect(drawn(value).text, value).toBe('0.00')
      expect(drawn(value).classes, value).not.toMatch(/text-(up|down)/)
    }
  })
})
