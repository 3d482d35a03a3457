import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'
import type { Fake } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { App } from '$lib/stores/app.svelte'
import Host from './About.host.svelte'

async function page(prepare?: (fake: Fake) => void) {
  const fake = fakeBackend()
  prepare?.(fake)
  render(Host, { app: new App(fake) })
  await waitFor(() => screen.getByText('1.0.0'))
  return fake
}

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))

describe('about', () => {
  it('saves a support bundle only after it was looked at, and shows every file of it', async () => {
    const fake = await page()
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true)
    await press('Show what is in it')
    await waitFor(() => screen.getByText(/hoox 1\.0\.0 \(commit/))
    await fireEvent.click(screen.getByRole('button', { name: /hoox\.log/ }))
    expect(screen.getByLabelText('Text of hoox.log').textContent).toContain('saw •••')
    await press('Save')
    await waitFor(() => screen.getByText('~/.local/share/hoox/support/hoox-support.zip'))
    expect(fake.calls.filter((call) => call.startsWith('Support.'))).toEqual([
      'Support.Preview',
      'Support.Save 5ba93c9d',
    ])
  })

  it('forgets what was looked at when the balances are ticked: it would be another bundle', async () => {
    await page()
    await press('Show what is in it')
    await waitFor(() => screen.getByText(/hoox 1\.0\.0 \(commit/))
    await fireEvent.click(screen.getByLabelText(/what the accounts are worth/))
    expect(screen.queryByLabelText('Files of the bundle')).toBeNull()
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true)
  })

  it('says why nobody is asked for updates', async () => {
    await page()
    await waitFor(() => screen.getByText('off: nothing is asked'))
    expect(screen.getByRole('button', { name: 'Ask now' }).title).toBe('update:check is off')
  })

  it('says why it is not known whether there is another version', async () => {
    await page((fake) => fake.fail('Desktop.Update'))
    await waitFor(() => screen.getByText(/Desktop\.Update: the ledger is locked/))
  })

  it('finds a licence by its name', async () => {
    await page()
    await fireEvent.input(screen.getByLabelText('Search licences'), { target: { value: 'nothing' } })
    screen.getByText('Nothing of that name is built in.')
    await fireEvent.input(screen.getByLabelText('Search licences'), { target: { value: 'sql' } })
    expect(screen.getByText('No rights reserved.')).toBeTruthy()
  })
})
