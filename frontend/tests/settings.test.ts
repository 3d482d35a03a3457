import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'
import { fakeBackend } from '$lib/api/fake'
import { App } from '$lib/stores/app.svelte'
import Host from './Settings.host.svelte'

async function page() {
  const fake = fakeBackend()
  render(Host, { app: new App(fake) })
  await waitFor(() => screen.getByLabelText('risk.max_leverage'))
  return fake
}

const field = (key: string) => screen.getByLabelText<HTMLInputElement>(key)

describe('settings', () => {
  it("shows the program's refusal at the field and keeps what was typed", async () => {
    await page()
    await fireEvent.input(field('risk.max_leverage'), { target: { value: '900' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => screen.getByText(/must be 1 to 125/))
    expect(field('risk.max_leverage').getAttribute('aria-invalid')).toBe('true')
    expect(field('risk.max_leverage').value).toBe('900')
  })

  it('saves with Enter, says who changed it, and goes back to the default', async () => {
    const { api } = await page()
    await fireEvent.input(field('risk.max_leverage'), { target: { value: '7' } })
    await fireEvent.keyDown(field('risk.max_leverage'), { key: 'Enter' })
    const reset = await waitFor(() => screen.getByRole('button', { name: 'Reset to 5 ×' }))
    await fireEvent.click(reset)
    await waitFor(() => expect(field('risk.max_leverage').value).toBe('5'))
    const { items } = await api.settings.list()
    expect(items.find((row) => row.key === 'risk.max_leverage')?.value).toBe('5')
  })

  it('forgets what was typed on Escape', async () => {
    const { calls } = await page()
    await fireEvent.input(field('risk.max_leverage'), { target: { value: '7' } })
    await fireEvent.keyDown(field('risk.max_leverage'), { key: 'Escape' })
    expect(field('risk.max_leverage').value).toBe('5')
    expect(calls).not.toContain('Settings.Set')
  })

  it('finds a setting by a word of its meaning', async () => {
    await page()
    await fireEvent.input(screen.getByLabelText('Search settings'), { target: { value: 'fill leverage higher' } })
    expect(screen.queryByLabelText('risk.max_leverage')).toBeNull()
    await fireEvent.input(screen.getByLabelText('Search settings'), { target: { value: 'higher leverage' } })
    expect(screen.getByLabelText('risk.max_leverage')).toBeTruthy()
    expect(screen.queryByLabelText('paper.latency')).toBeNull()
  })
})
