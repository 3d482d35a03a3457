import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PreviewStrategy, SaveStrategy } from '$lib/api'
import type { Fake } from '$lib/api/fake'
import { blankStrategy } from '$lib/stores/strategies.svelte'
import { fieldOf } from '$lib/stores/strategy-draft.svelte'
import Strategies from '../src/pages/Strategies.svelte'
import { passed, stage } from './stage'

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] }),
)
afterEach(() => vi.useRealTimers())

function watching() {
  const seen = { save: [] as SaveStrategy[], preview: [] as PreviewStrategy[] }
  const prepare = (fake: Fake) => {
    const { save, preview } = fake.api.strategies
    fake.api.strategies.save = (req) => (seen.save.push(structuredClone(req)), save(req))
    fake.api.strategies.preview = (req) => (seen.preview.push(structuredClone(req)), preview(req))
  }
  return { seen, prepare }
}

const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole('button', { name }))
  await passed(100)
}
const field = (label: string, n = 0) => screen.getAllByLabelText<HTMLInputElement>(label)[n] as HTMLInputElement
const visit = async (hash: string) => {
  window.location.hash = hash
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  await passed(100)
}
const type = async (label: string, value: string, n = 0) => {
  await fireEvent.input(field(label, n), { target: { value } })
  await passed(600)
}

describe('the preview', () => {
  it('is asked for once the form rests, and says what would happen in words and numbers', async () => {
    const { seen, prepare } = watching()
    await stage(Strategies, '#/strategies', {}, prepare)
    expect(seen.preview).toHaveLength(1)
    for (const text of ['3', '30', '300']) await fireEvent.input(field('Size'), { target: { value: text } })
    await passed(600)
    expect(seen.preview).toHaveLength(2)
    expect(seen.preview[1]?.doc.routes[0]).toMatchObject({ sizeValue: '300', maxOrder: '', maxPosition: '2000' })

    const panel = within(screen.getByRole('region', { name: 'What an alert would do now' }))
    expect(panel.getByText('Would go')).toBeTruthy()
    expect(panel.getByText('Refused')).toBeTruthy()
    expect(panel.getByText('Max position: asked 1348.25 USDT, allowed 1000 USDT')).toBeTruthy()
    expect(panel.getByText('6 checks, 1 said no')).toBeTruthy()
  })

  it('shows a fault of the alert at the alert', async () => {
    await stage(Strategies, '#/strategies')
    await fireEvent.input(screen.getByLabelText('The alert'), { target: { value: '{"action": "LONG"' } })
    await passed(600)
    expect(screen.getByLabelText('The alert').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByText(/ends too early/)).toBeTruthy()
  })

  it('says that it is shown as if switched on while the strategy is off', async () => {
    await stage(Strategies, '#/strategies/Mean%20reversal')
    await passed(600)
    expect(screen.getByText(/The strategy is off. This is shown as if switched on:/)).toBeTruthy()
  })
})

describe('the form', () => {
  it('shows a fault at the field that it names', async () => {
    await stage(Strategies, '#/strategies')
    await type('Size', 'much')
    expect(field('Size').getAttribute('aria-invalid')).toBe('true')
    expect(field('Size', 1).getAttribute('aria-invalid')).toBe('false')
    await type('Size', '10')
    await type('Stop loss', 'soon')
    expect(field('Stop loss').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByText(/✕ want a price such as/)).toBeTruthy()
  })

  it('knows the fields of the program by its own names', () => {
    const doc = blankStrategy()
    const at = (name: string) => fieldOf(doc, { field: name })
    expect(at('routes[2].size.value')).toBe('routes[2].sizeValue')
    expect(at('routes[0].multiplier')).toBe('routes[0].sizeValue')
    expect(at('routes[0].size.mode')).toBe('routes[0].sizeMode')
    expect(at('pyramiding.maxAdds')).toBe('maxAdds')
    expect(at('pyramiding.mode')).toBe('pyramiding')
    expect(at('maxAge')).toBe('maxAgeSeconds')
    expect(at('takeProfit[1].share')).toBe('takeProfit[1].share')
    expect(at('quantity')).toBe('')
    expect(at('')).toBe('')
  })

  it('saves with the version that was edited, and says so', async () => {
    const { seen, prepare } = watching()
    const { app } = await stage(Strategies, '#/strategies', {}, prepare)
    expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
    await type('Stop loss', '3%')
    expect(screen.getAllByText(/not saved/).length).toBeGreaterThan(0)
    await press('Save')
    expect(seen.save).toHaveLength(1)
    expect(seen.save[0]).toMatchObject({ version: 4, doc: { name: 'Breakout', stopLoss: '3%' } })
    expect(screen.getByText('stored')).toBeTruthy()
    expect(app.strategies.draftOf('Breakout')).toMatchObject({ version: 5, dirty: false })
  })

  it('keeps what was typed while another page is looked at, and forgets it on Discard', async () => {
    const { app } = await stage(Strategies, '#/strategies')
    await type('Stop loss', '7%')
    await visit('#/strategies/Mean%20reversal')
    expect(field('Name').value).toBe('Mean reversal')
    expect(app.strategies.draftOf('Breakout')?.dirty).toBe(true)
    await visit('#/strategies/Breakout')
    expect(field('Stop loss').value).toBe('7%')
    await press('Discard')
    expect(field('Stop loss').value).toBe('2%')
  })

  it('asks before it deletes, and says what that means', async () => {
    const { called } = await stage(Strategies, '#/strategies')
    await press('Delete…')
    expect(called('Strategies.Delete')).toBe(0)
    expect(screen.getByRole('dialog').textContent).toContain('Open positions and their stops stay')
    await press('Delete strategy')
    expect(called('Strategies.Delete')).toBe(1)
    await waitFor(() => expect(screen.queryByRole('link', { name: /Breakout/ })).toBeNull())
  })
})

describe('a strategy that somebody else changed', () => {
  const elsewhere = async (fake: Fake) => {
    const done = (async () => {
      const { items } = await fake.api.strategies.list()
      const doc = { ...items[0]!.doc, stopLoss: '9%' }
      await fake.api.strategies.save({ doc, version: 4 })
    })()
    await passed(50)
    await done
  }

  it('is shown anew when nothing was typed', async () => {
    const { fake } = await stage(Strategies, '#/strategies')
    await elsewhere(fake)
    fake.hint('settings')
    await passed(400)
    expect(field('Stop loss').value).toBe('9%')
  })

  it('says so in words, and lets a person choose', async () => {
    const { fake, app } = await stage(Strategies, '#/strategies')
    await type('Trailing stop', '1%')
    await elsewhere(fake)
    await press('Save')
    await passed(400)
    expect(screen.getByText(/changed this strategy since you opened/)).toBeTruthy()
    expect(field('Trailing stop').value).toBe('1%')

    await press('Keep mine, to save over theirs')
    await press('Save')
    expect(app.strategies.draftOf('Breakout')).toMatchObject({ version: 6, dirty: false })
  })
})

describe('a new strategy', () => {
  it('is written from the empty page and needs a name', async () => {
    const { seen, prepare } = watching()
    await stage(Strategies, '#/strategies', { empty: true }, prepare)
    await press('Write the first one')
    await waitFor(() => screen.getByLabelText('Name'))
    await passed(600)
    expect(seen.preview.at(-1)?.doc.name).toBe('new')
    await press('Save')
    expect(field('Name').getAttribute('aria-invalid')).toBe('true')
    await type('Name', 'Swing')
    await press('Add an account')
    await press('Save')
    expect(seen.save.at(-1)).toMatchObject({ version: 0, doc: { name: 'Swing', routes: [{ account: 'bybit:paper' }] } })
    await waitFor(() => expect(screen.getByRole('link', { name: /Swing/ })).toBeTruthy())
  })

  it('says when its name is taken', async () => {
    await stage(Strategies, '#/strategies/?new=1')
    await type('Name', 'Breakout')
    await press('Save')
    expect(screen.getByText(/already: open it, or choose another name/)).toBeTruthy()
  })
})
