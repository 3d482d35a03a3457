import { fireEvent } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportSecrets, ImportSecrets, SealVault, SetSecret, UnlockVault } from '$lib/api'
import { ApiFault } from '$lib/api/fault'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { madeUpWords } from '$lib/api/fake/secrets'
import { places } from '$lib/features/frame/places'
import { counts, oddness, sent, stops } from '$lib/features/secrets/words'
import { readers } from '$lib/features/vault/words'
import Secrets from '../src/pages/Secrets.svelte'
import { button, dialog, field, panel, row, rowText, said } from './find'
import { passed, stage, withLayout } from './stage'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  withLayout(900)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const secret = 'a-secret-that-nobody-may-see'
const vault = () => panel('The vault')
const type = (label: string | RegExp, value: string, place?: HTMLElement) =>
  fireEvent.input(field(label, place), { target: { value } })
const press = async (name: string | RegExp, place: HTMLElement = dialog()) => {
  await fireEvent.click(button(name, place))
  await passed(100)
}
const choose = async (name: string | RegExp) => {
  await fireEvent.click(field(name))
  await passed()
}
const begin = (name: string) => press(name, document.body)

/** Opens the menu of a row; the labels of its deeds, those that cannot be chosen with why. */
async function menu(name: string) {
  const opener = button(`More for ${name}`)
  opener.focus()
  await fireEvent.keyDown(opener, { key: 'Enter' })
  await passed(100)
  return [...document.querySelectorAll<HTMLElement>('[role=menuitem]')]
}

async function deed(name: string, label: RegExp) {
  const item = (await menu(name)).find((one) => label.test(one.textContent))!
  await fireEvent.keyDown(item, { key: 'Enter' })
  await fireEvent.click(item)
  await passed(200)
}

/** Nothing of these texts is anywhere on the page, a field included. */
function gone(...texts: string[]) {
  const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map((one) => one.value)
  for (const text of texts) {
    expect(document.body.innerHTML, 'what was sent is still on the page').not.toContain(text)
    expect(fields.join('\n'), 'what was sent still stands in a field').not.toContain(text)
  }
}

const fails = (kind: string, message: string, at = '') => new ApiFault({ kind, message, ref: '', field: at })

function watching(options: FakeOptions = {}, more: (fake: Fake) => void = () => undefined) {
  const seen = {
    set: [] as SetSecret[],
    seal: [] as SealVault[],
    unlock: [] as UnlockVault[],
    export: [] as ExportSecrets[],
    import: [] as ImportSecrets[],
  }
  const opened = stage(Secrets, '#/secrets', options, (fake) => {
    const real = { ...fake.api.secrets }
    fake.api.secrets.set = (req) => (seen.set.push({ ...req }), real.set(req))
    fake.api.secrets.seal = (req) => (seen.seal.push({ ...req }), real.seal(req))
    fake.api.secrets.unlock = (req) => (seen.unlock.push({ ...req }), real.unlock(req))
    fake.api.secrets.export = (req) => (seen.export.push({ ...req }), real.export(req))
    fake.api.secrets.import = (req) => (seen.import.push({ ...req }), real.import(req))
    more(fake)
  })
  return opened.then((page) => ({ ...page, seen }))
}

it('has a place in the navigation with a key of its own', () => {
  const place = places.find((one) => one.name === 'secrets')
  expect(place).toMatchObject({ label: 'Secrets', key: 'v' })
  expect(places.filter((one) => one.key === place?.key)).toHaveLength(1)
})

describe('the vault', () => {
  it.each([
    ['file', /Has every secret/, /export the rest under a passphrase of their own/],
    ['keychain', /Has nothing/, /export the rest under a passphrase of their own/],
    ['passphrase', /Must guess your passphrase/, /Export, new keys and another seal want your passphrase/],
  ] as const)('that is sealed by a %s says who could read it', async (story, folder, window) => {
    await stage(Secrets, '#/secrets', { vault: story })
    expect(said(vault())).toContain('Open')
    expect(rowText(/^Whoever copies the data folder/)).toMatch(folder)
    expect(rowText(/^Whoever sits at this window/)).toMatch(window)
    expect(rowText(/^A program that runs as you/)).toMatch(/No seal helps against it/)
  })

  it('that a file beside it seals has nothing to lock, and says so', async () => {
    await stage(Secrets, '#/secrets', { vault: 'file' })
    const lock = button('Lock…', vault())
    expect(lock.disabled).toBe(true)
    expect(lock.title).toContain('opens it at any time')
  })

  it('is locked after a word on what goes on, and opened by its passphrase', async () => {
    const { seen } = await watching({ vault: 'passphrase' })
    expect(rowText(/^WEBHOOK_API_KEY/)).toContain('…9f2c')
    await begin('Lock…')
    expect(said()).toMatch(/What is connected goes on.*To stop trading, use HALT/)
    await press('Lock')
    expect(said()).toContain('The vault is locked; it is sealed by your passphrase')
    await press('Done')
    expect(said(vault())).toMatch(/Locked.*nothing new connects/)
    expect(rowText(/^WEBHOOK_API_KEY/)).not.toContain('9f2c')
    for (const name of ['Set a secret…', 'Import…', 'Export…', 'New keys…', 'Seal another way…']) {
      expect([button(name).disabled, button(name).title], name).toEqual([true, 'Unlock the vault first'])
    }

    await type('Passphrase', 'a wrong one', vault())
    await press('Unlock', vault())
    expect(said(vault())).toContain('the passphrase does not open the vault')
    gone('a wrong one')
    await type('Passphrase', madeUpWords, vault())
    await press('Unlock', vault())
    expect(seen.unlock).toEqual([{ passphrase: 'a wrong one' }, { passphrase: madeUpWords }])
    expect(said(vault())).toContain('Open')
    gone(madeUpWords)
  })

  it('that a start waits for says that nothing trades', async () => {
    await watching({ vault: 'locked' }, (fake) => {
      const { get } = fake.api.health
      fake.api.health.get = async () => {
        const report = await get()
        const items = report.items.map((part) => (part.name === 'vault' ? { ...part, state: 'down' } : part))
        return { ...report, items }
      }
    })
    expect(said(vault())).toMatch(/Nothing trades until it is unlocked\. Alerts are answered 503/)
  })

  it('has to wait after too many wrong passphrases, and says how long', async () => {
    const { called } = await watching({ vault: 'locked' }, (fake) => {
      const { list } = fake.api.secrets
      const until = Date.now() + 7400
      fake.api.secrets.list = async () => {
        const all = await list()
        const waitSeconds = Math.max(0, Math.ceil((until - Date.now()) / 1000))
        return { ...all, vault: { ...all.vault, waitSeconds } }
      }
    })
    await type('Passphrase', madeUpWords, vault())
    const unlock = button('Unlock', vault())
    expect(unlock.title).toMatch(/^Too many passphrases were wrong: wait [78] s$/)
    await passed(3000)
    expect(unlock.title).toMatch(/wait [456] s$/)
    await passed(5000)
    expect(unlock.disabled).toBe(false)
    expect(called('Secrets.Unlock')).toBe(0)
  })

  it('that opened tells what went wrong after it', async () => {
    await watching({ vault: 'locked' }, (fake) => {
      const { unlock } = fake.api.secrets
      fake.api.secrets.unlock = async (req) => {
        await unlock(req)
        throw fails('unavailable', 'bybit does not answer')
      }
    })
    await type('Passphrase', madeUpWords, vault())
    await press('Unlock', vault())
    expect(said(vault())).toMatch(/Open.*not all that waited for it follows: bybit does not answer/)
  })

  it('that the keychain keeps shut says why, and is tried again without a passphrase', async () => {
    const { seen } = await watching({ vault: 'keychain' }, (fake) => {
      const { list, lock } = fake.api.secrets
      void lock()
      fake.api.secrets.list = async () => {
        const all = await list()
        const detail = all.vault.locked ? 'locked: the keychain does not answer' : all.vault.detail
        return { ...all, vault: { ...all.vault, detail } }
      }
    })
    expect(said(vault())).toContain('the keychain does not answer')
    expect(vault().querySelector('input')).toBeNull()
    await press('Unlock', vault())
    expect(seen.unlock).toEqual([{ passphrase: '' }])
    expect(said(vault())).toContain('Open')
  })
})

describe('another seal', () => {
  it('by a passphrase wants it twice, and says what the program wants of it', async () => {
    const { seen } = await watching({ vault: 'keychain' })
    await begin('Seal another way…')
    const seal = () => button('Seal by this passphrase', dialog())
    expect(seal().title).toBe('Type the new passphrase twice')
    await type('New passphrase', 'short')
    await type('The same again', 'shorf')
    await passed()
    expect(said()).toContain('not the same as above')
    expect(seal().disabled).toBe(true)
    await type('The same again', 'short')
    await press('Seal by this passphrase')
    expect(field('New passphrase').getAttribute('aria-invalid')).toBe('true')
    expect(said()).toContain('a passphrase has at least 8 characters')
    expect([field('New passphrase').value, field('The same again').value]).toEqual(['', ''])

    await type('New passphrase', 'four other words')
    await type('The same again', 'four other words')
    await press('Seal by this passphrase')
    expect(seen.seal.at(-1)).toEqual({ kind: 'passphrase', passphrase: 'four other words', current: '' })
    expect(said()).toContain('sealed by your passphrase')
    gone('four other words')
    await press('Done')
    expect(said(vault())).toContain('sealed by your passphrase')
  })

  it('than a passphrase wants the one that seals it now', async () => {
    const { seen } = await watching({ vault: 'passphrase' })
    await begin('Seal another way…')
    await type('Passphrase that seals it now', 'not the words')
    await press('Seal by the keychain')
    expect(field('Passphrase that seals it now').getAttribute('aria-invalid')).toBe('true')
    expect(said()).toContain('the passphrase does not open the vault')
    await type('Passphrase that seals it now', madeUpWords)
    await press('Seal by the keychain')
    expect(seen.seal.at(-1)).toEqual({ kind: 'keychain', passphrase: '', current: madeUpWords })
    expect(said()).toContain('sealed by a key in the keychain')
    gone(madeUpWords)
  })

  it('that is not taken says why', async () => {
    const { fake } = await watching({ vault: 'file' })
    fake.fail('Secrets.Seal', fails('unavailable', 'the keychain of this system does not answer'))
    await begin('Seal another way…')
    await press('Seal by the keychain')
    expect(said(dialog().querySelector('[role=alert]')!)).toContain('Not sealed: the keychain of this system')
  })

  it('leaves the seal as it is with new keys', async () => {
    const { called } = await watching({ vault: 'passphrase' })
    await begin('New keys…')
    expect(said()).toMatch(/what seals the vault stays your passphrase.*old copy.*still opens with this passphrase/)
    expect(button('Make new keys', dialog())).toHaveProperty('disabled', true)
    expect(called('Secrets.Rotate')).toBe(0)
    await type('Passphrase that seals it', 'wrong words')
    await press('Make new keys')
    expect(said()).toContain('No new keys: the passphrase does not open the vault')
    await type('Passphrase that seals it', madeUpWords)
    await press('Make new keys')
    expect(said()).toContain('Every secret is sealed anew; the vault is sealed by your passphrase')
    gone(madeUpWords, 'wrong words')
  })
})

describe('the list of secrets', () => {
  it('shows what is set, where it comes from and when a change counts', async () => {
    await stage(Secrets, '#/secrets')
    expect(rowText(/^WEBHOOK_API_KEY/)).toMatch(/the key that every alert must carry.*vault.*…9f2c.*at once/)
    expect(rowText(/^INTERNAL_KEY_BINDING/)).toMatch(/after a restart/)
    expect(rowText(/^BYBIT_API_KEYAPI/)).toMatch(/bybit, live.*environment.*…Qz81.*after a restart/)
    expect(rowText(/^NEWSLETTER_TOKEN/)).toMatch(/nothing here uses it/)
    expect(row(/^TUNNEL_SSH_KEY/)).toBeUndefined()
    await fireEvent.click(field(/^All \d+/, document.body))
    await passed()
    expect(rowText(/^TUNNEL_SSH_KEY/)).toMatch(/private key of an ssh tunnel.*not set.*when the tunnel starts next/)
  })

  it('offers nothing that would be refused, and says why', async () => {
    await stage(Secrets, '#/secrets')
    const deeds = async (name: string) => {
      const items = (await menu(name)).map((item) => item.textContent.trim())
      await fireEvent.keyDown(document.querySelector('[role=menu]')!, { key: 'Escape' })
      await passed(200)
      return items
    }
    expect(await deeds('INSTALL_KEY')).toEqual([
      'Replace…It is made once and seeds every order id',
      'Delete…It is made once and seeds every order id',
    ])
    expect(await deeds('BYBIT_API_KEY')).toEqual(['Replace…', 'Delete…This run has it from HOOX_SECRET_BYBIT_API_KEY'])
    expect(await deeds('BYBIT_TESTNET_API_KEY')).toEqual(['Replace…', 'Delete…'])
  })

  it('says what failed, and that what it shows is old', async () => {
    const { fake } = await stage(Secrets, '#/secrets', { failing: ['Secrets.List'] })
    expect(said(document.querySelector('[role=alert]')!)).toMatch(/The secrets could not be read.*Trading goes on/)
    fake.mend()
    await begin('Try again')
    expect(row(/^WEBHOOK_API_KEY/)).toBeTruthy()
    fake.fail('Secrets.List')
    await passed(11_000)
    expect(said(document.body)).toMatch(/As of \d+ s ago/)
  })
})

describe('a secret', () => {
  it('is typed unseen, sent once, and leaves nothing on the page', async () => {
    const { seen, called } = await watching()
    await deed('BYBIT_TESTNET_API_SECRET', /^Replace/)
    expect(field('Value').getAttribute('type')).toBe('password')
    const before = called('Secrets.List')
    await type('Value', secret)
    await passed()
    expect(said()).toContain(`${secret.length} characters`)
    await press('Store secret')
    expect(seen.set).toEqual([{ name: 'BYBIT_TESTNET_API_SECRET', value: secret }])
    expect(said()).toMatch(/BYBIT_TESTNET_API_SECRET is in the vault\. It is not shown again/)
    gone(secret)
    expect(called('Secrets.List')).toBeGreaterThan(before)
  })

  it('is gone from its field while it is on its way, and when it is refused', async () => {
    let refuse: () => void = () => undefined
    await watching({}, (fake) => {
      fake.api.secrets.set = () =>
        new Promise((_, reject) => (refuse = () => reject(fails('unavailable', 'the vault is locked'))))
    })
    await deed('BYBIT_TESTNET_API_SECRET', /^Replace/)
    await type('Value', secret)
    await press('Store secret')
    gone(secret)
    refuse()
    await passed(100)
    expect(said()).toContain('Not stored: the vault is locked')
    gone(secret)
  })

  it('is gone from its field when the dialog is left', async () => {
    await watching()
    await begin('Set a secret…')
    await type('Value', secret)
    await press('Cancel')
    gone(secret)
    await begin('Set a secret…')
    expect(field('Value').value).toBe('')
  })

  it('of several lines keeps its breaks but the last', async () => {
    const { seen } = await watching()
    const key = '-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----\n'
    await begin('Set a secret…')
    await fireEvent.change(field('Which one'), { target: { value: 'TUNNEL_COMMAND_TOKEN' } })
    expect(field('Value').tagName).toBe('INPUT')
    // One line would swallow the breaks.
    await fireEvent.paste(field('Value'), { clipboardData: { getData: () => key } })
    await passed()
    expect(field('Value').tagName).toBe('TEXTAREA')
    expect(said()).toContain('4 lines')
    await press('Store secret')
    expect(seen.set.at(-1)).toEqual({ name: 'TUNNEL_COMMAND_TOKEN', value: key.trimEnd() })
    gone('BEGIN KEY')
    await press('Done')
    await begin('Set a secret…')
    await fireEvent.change(field('Which one'), { target: { value: 'TUNNEL_SSH_KEY' } })
    expect(field('Value').tagName).toBe('TEXTAREA')
  })

  it('may have another name, and a bad one is told at its field', async () => {
    const { seen } = await watching()
    await begin('Set a secret…')
    await fireEvent.change(field('Which one'), { target: { value: 'another' } })
    await passed()
    await type('Name', 'no name')
    await type('Value', secret)
    await press('Store secret')
    expect(field('Name').getAttribute('aria-invalid')).toBe('true')
    expect(said()).toContain("a secret's name has capitals")
    await type('Name', 'MY_OWN_SECRET')
    await type('Value', secret)
    await press('Store secret')
    expect(seen.set.map((one) => one.name)).toEqual(['no name', 'MY_OWN_SECRET'])
  })

  it('is deleted after what stops was told', async () => {
    const { fake, called } = await stage(Secrets, '#/secrets')
    await deed('BYBIT_TESTNET_API_KEY', /^Delete/)
    expect(said()).toMatch(/alerts for it are not carried out.*still holds positions or orders.*Delete it there too/)
    fake.fail('Secrets.Delete', fails('refused', 'account bybit:testnet still holds positions or orders'))
    await press('Delete secret')
    expect(said()).toContain('Not deleted: account bybit:testnet still holds')
    fake.mend()
    await press('Delete secret')
    expect(called('Secrets.Delete')).toBe(2)
    expect(said()).toContain('BYBIT_TESTNET_API_KEY is deleted')
    await press('Done')
    expect(row(/^BYBIT_TESTNET_API_KEY/)).toBeUndefined()
  })
})

describe('carrying them elsewhere', () => {
  it('hands over an encrypted file under a passphrase that was typed twice', async () => {
    const { seen } = await watching({ vault: 'passphrase' })
    const files: [Blob, string][] = []
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      files.at(-1)![1] = this.download
    })
    Object.assign(URL, { createObjectURL: (file: Blob) => (files.push([file, '']), 'blob:x'), revokeObjectURL() {} })
    await begin('Export…')
    await type('Passphrase of the vault', madeUpWords)
    await type('Passphrase for the file', 'words of the file')
    await type('The same again', 'words of the file')
    await press('Export to a file')
    expect(seen.export).toEqual([{ passphrase: 'words of the file', current: madeUpWords }])
    expect(files.map(([, name]) => name)).toEqual(['hoox-secrets-20261122-120000.age'])
    expect(await files[0]![0].text()).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
    expect(said()).toMatch(/10 secrets exported, encrypted.*Without its passphrase nobody can open it, you neither/)
    gone(madeUpWords, 'words of the file')
    click.mockRestore()
  })

  const choosing = async (text: string, size = text.length) => {
    const file = new File([text], 'secrets.age')
    Object.defineProperties(file, { size: { value: size }, text: { value: async () => text } })
    const input = dialog().querySelector<HTMLInputElement>('input[type=file]')!
    Object.defineProperty(input, 'files', { configurable: true, value: [file] })
    await fireEvent.change(input)
    await passed()
  }
  const exported = '-----BEGIN AGE ENCRYPTED FILE-----\nx\n'

  it('looks into a file before anything is stored, and stores what was chosen', async () => {
    const { seen } = await watching()
    await begin('Import…')
    await choosing(exported)
    await type('Passphrase of the file', madeUpWords)
    await press('Look into it')
    expect(seen.import).toEqual([{ text: exported, passphrase: madeUpWords, merge: 'look' }])
    gone(madeUpWords)
    const line = (name: string) => rowText(new RegExp(`^${name}`), dialog())
    expect(line('BINANCE_API_KEY')).toContain('is added')
    expect(line('WEBHOOK_API_KEY')).toContain('stays: another value is set here')
    expect(line('INSTALL_KEY')).toContain('every order id so far came from it')
    expect(button('Store 2 secrets', dialog())).toHaveProperty('disabled', true)

    await choose('Also replace what differs')
    expect(line('WEBHOOK_API_KEY')).toContain('is replaced')
    await type(/^Passphrase of the file, once more/, madeUpWords)
    await press('Store 3 secrets')
    expect(seen.import.at(-1)).toEqual({ text: exported, passphrase: madeUpWords, merge: 'replace' })
    expect(said()).toMatch(/3 secrets stored.*BINANCE_API_KEY.*was added.*WEBHOOK_API_KEY.*was replaced/)
    gone(madeUpWords)
    await press('Done')
    expect(rowText(/^BINANCE_API_KEY/)).toContain('vault')
  })

  it('says what is wrong with a file', async () => {
    const { called } = await watching()
    await begin('Import…')
    await choosing(exported, 2 << 20)
    expect(said()).toContain('secrets.age is too large for an export of secrets')
    await choosing('something else')
    await type('Passphrase of the file', madeUpWords)
    await press('Look into it')
    expect(said()).toContain('Not opened: this is no export of a vault')
    await choosing(exported)
    await type('Passphrase of the file', 'not the words')
    await press('Look into it')
    expect(field('Passphrase of the file').getAttribute('aria-invalid')).toBe('true')
    expect(said()).toContain('does not open this export, or the export is damaged')
    expect(called('Secrets.Import')).toBe(2)
  })
})

describe('in words', () => {
  it('no seal is said to be safer than it is', () => {
    const tones = (kind: string, locked: boolean) => readers({ kind, locked }).map((one) => one.tone)
    expect(tones('file', false)).toEqual(['bad', 'warn', 'bad', 'good'])
    expect(tones('keychain', false)).toEqual(['good', 'warn', 'bad', 'good'])
    expect(tones('passphrase', true)).toEqual(['good', 'good', 'bad', 'good'])
    expect(tones('something new', false)[0]).toBe('bad')
  })

  it('a change counts when the program says so, and a deletion stops what the secret is for', () => {
    expect(counts({ takesEffect: 'at once' })).toBe('at once')
    expect(counts({ takesEffect: 'when the tunnel starts next; `hoox tunnel retry`' })).toBe(
      'when the tunnel starts next',
    )
    expect(counts({ takesEffect: 'after a restart without HOOX_SECRET_A_KEY in the environment' })).toBe(
      'after a restart',
    )
    expect(counts({ takesEffect: 'never: it is made once' })).toBe('never')
    const lines = (name: string, help = 'what it is for') => stops({ name, help }).join(' ')
    expect(lines('WEBHOOK_API_KEY')).toMatch(/refused, closes too/)
    expect(lines('BYBIT_API_SECRET_SWING')).toMatch(/Its account is disconnected/)
    expect(lines('TUNNEL_SSH_KEY')).toMatch(/cannot start anew without it/)
    expect(lines('SOME_TOKEN', 'the token of a bot')).toBe('Whatever it is for goes without it: the token of a bot.')
    expect(lines('MY_API_KEY', '')).toBe('Nothing in this program uses it, so nothing stops.')
  })

  it('what cannot be seen is told when it is odd', () => {
    expect(oddness('abc ', 'BYBIT_API_KEY')).toContain('blank')
    expect(oddness('short', 'WEBHOOK_API_KEY')).toContain('guessed')
    expect(oddness('short', 'BYBIT_API_KEY')).toBe('')
    expect(sent('a\nb\r\n')).toBe('a\nb')
    expect(sent(' a ')).toBe(' a ')
  })
})
