import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { api, dialog, expect, open, row, test } from './fixture'

interface Listed {
  items: { name: string; set: boolean; source: string; hint: string }[]
  vault: { kind: string; locked: boolean }
}

const listed = (page: Page) => api<Listed>(page, 'Secrets/List')
const secretOf = async (page: Page, name: string) => (await listed(page)).items.find((one) => one.name === name)
const vault = (page: Page) => page.getByRole('region', { name: 'The vault' })

/** Presses a button of the open dialog. */
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click()

async function set(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole('button', { name: 'Set a secret…' }).click()
  await dialog(page).getByLabel('Which one').selectOption(name)
  await dialog(page).getByLabel('Value').fill(value)
  await press(page, 'Store secret')
  await expect(dialog(page)).toContainText(`${name} is in the vault. It is not shown again.`)
  await press(page, 'Done')
}

async function deed(page: Page, name: string, label: RegExp): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: label }).click()
  await expect(dialog(page)).toBeVisible()
}

async function remove(page: Page, name: string): Promise<void> {
  await deed(page, name, /^Delete/)
  await press(page, 'Delete secret')
  await expect(dialog(page)).toContainText(`${name} is deleted`)
  await press(page, 'Done')
  await expect(row(page, name)).toHaveCount(0)
}

test('a secret goes into the vault unseen, is nowhere afterwards, and is deleted', async ({ page, hoox }) => {
  const name = 'BINANCE_TESTNET_API_KEY'
  const value = 'made-up-for-tests-only-w7Kq'
  await open(page, 'Secrets')
  await expect(vault(page)).toContainText(/sealed by .*Whoever copies the data folder/)
  await expect(row(page, 'WEBHOOK_API_KEY', 'environment')).toContainText('after a restart')

  await page.getByRole('button', { name: 'Set a secret…' }).click()
  await expect(dialog(page).getByLabel('Value')).toHaveAttribute('type', 'password')
  await page.keyboard.press('Escape')
  await set(page, name, value)
  await expect(row(page, name)).toContainText(/API key of binance, testnet.*vault.*…w7Kq.*at once/)
  expect(await page.content()).not.toContain(value)
  expect(hoox.log).not.toContain(value)
  const seen = await hoox.cli<Listed>('secret', 'list')
  expect(seen.items.find((one) => one.name === name)).toMatchObject({ source: 'vault', hint: 'w7Kq' })

  // A private key has several lines, and is not shown either.
  await page.getByRole('button', { name: 'Set a secret…' }).click()
  await dialog(page).getByLabel('Which one').selectOption('TUNNEL_SSH_KEY')
  await dialog(page).getByLabel('Value').fill('-----BEGIN KEY-----\nbWFkZSB1cA==\n-----END KEY-----\n')
  await expect(dialog(page)).toContainText('3 lines')
  const style = await dialog(page)
    .getByLabel('Value')
    .evaluate((node) => getComputedStyle(node).getPropertyValue('-webkit-text-security'))
  expect(style).toBe('disc')
  await press(page, 'Store secret')
  await press(page, 'Done')
  expect(await secretOf(page, 'TUNNEL_SSH_KEY')).toMatchObject({ set: true })

  await deed(page, name, /^Delete/)
  await expect(dialog(page)).toContainText('Its account is disconnected')
  await press(page, 'Keep it')
  await remove(page, name)
  expect(await secretOf(page, name)).toMatchObject({ set: false })
})

test.describe('a vault that a passphrase seals', () => {
  // Every passphrase is stretched over 64 MiB.
  test.describe.configure({ timeout: 90_000 })
  // The browser itself writes a refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  const words = 'four words for tests'
  const fileWords = 'other words for the file'

  /** Seals the vault by the passphrase, after one that is too short. */
  async function seal(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Seal another way…' }).click()
    await dialog(page).getByText('Passphrase', { exact: true }).click()
    for (const typed of ['short', words]) {
      await dialog(page).getByLabel('New passphrase').fill(typed)
      await dialog(page).getByLabel('The same again').fill(typed)
      await press(page, 'Seal by this passphrase')
      if (typed === words) break
      await expect(dialog(page)).toContainText('at least 8 characters')
      await expect(dialog(page).getByLabel('New passphrase')).toHaveValue('')
    }
    await expect(dialog(page)).toContainText('sealed by your passphrase', { timeout: 15_000 })
    await press(page, 'Done')
  }

  test('is locked and unlocked, and says what each means', async ({ page, hoox }) => {
    await open(page, 'Secrets')
    const lock = vault(page).getByRole('button', { name: 'Lock…' })
    await expect(lock).toBeDisabled()
    await seal(page)
    await expect(vault(page)).toContainText('Must guess your passphrase')
    expect((await listed(page)).vault).toMatchObject({ kind: 'passphrase', locked: false })

    await lock.click()
    await expect(dialog(page)).toContainText('What is connected goes on')
    await press(page, 'Lock')
    await expect(dialog(page)).toContainText('The vault is locked; it is sealed by your passphrase')
    await press(page, 'Done')
    await expect(vault(page)).toContainText(/Locked.*No secret can be read or changed/)
    await expect(page.getByRole('button', { name: 'Set a secret…' })).toBeDisabled()
    const refused = await page.request.post(`${hoox.control}/api/Secrets/Set`, { data: { name: 'A_KEY', value: 'x' } })
    expect(refused.status()).toBe(503)
    // Alerts still trade: the program has its keys in memory.
    expect((await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })).status).toBe(200)

    await vault(page).getByLabel('Passphrase').fill('not these words')
    await vault(page).getByRole('button', { name: 'Unlock' }).click()
    await expect(vault(page)).toContainText('the passphrase does not open the vault', { timeout: 15_000 })
    await expect(vault(page).getByLabel('Passphrase')).toHaveValue('')
    await vault(page).getByLabel('Passphrase').fill(words)
    await page.keyboard.press('Enter')
    await expect(vault(page)).toContainText('Open', { timeout: 15_000 })
    expect((await listed(page)).vault.locked).toBe(false)

    await vault(page).getByRole('button', { name: 'New keys…' }).click()
    await dialog(page).getByLabel('Passphrase that seals it').fill(words)
    await press(page, 'Make new keys')
    await expect(dialog(page)).toContainText('Every secret is sealed anew', { timeout: 15_000 })
    await press(page, 'Done')
    expect(await page.content()).not.toContain(words)
    expect(hoox.log).not.toContain(words)
  })

  test('is exported under its passphrase, and what was deleted comes back by an import', async ({ page, hoox }) => {
    const value = 'made-up-for-tests-only-Zp3x'
    await open(page, 'Secrets')
    await set(page, 'MEXC_API_KEY', value)
    await seal(page)

    await page.getByRole('button', { name: 'Export…' }).click()
    await dialog(page).getByLabel('Passphrase of the vault').fill(words)
    await dialog(page).getByLabel('Passphrase for the file').fill(fileWords)
    await dialog(page).getByLabel('The same again').fill(fileWords)
    const handed = page.waitForEvent('download')
    await press(page, 'Export to a file')
    const download = await handed
    expect(download.suggestedFilename()).toMatch(/^hoox-secrets-\d{8}-\d{6}\.age$/)
    const text = await readFile(await download.path(), 'utf8')
    expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
    expect(text).not.toContain(value)
    await expect(dialog(page)).toContainText('Without its passphrase nobody can open it')
    await press(page, 'Done')

    await remove(page, 'MEXC_API_KEY')
    await page.getByRole('button', { name: 'Import…' }).click()
    await dialog(page)
      .getByLabel('The exported file')
      .setInputFiles({ name: 'secrets.age', mimeType: 'text/plain', buffer: Buffer.from(text) })
    for (const typed of ['not the words', fileWords]) {
      await dialog(page).getByLabel('Passphrase of the file').fill(typed)
      await press(page, 'Look into it')
      if (typed !== fileWords)
        await expect(dialog(page)).toContainText('does not open this export', { timeout: 15_000 })
    }
    await expect(dialog(page).getByRole('row', { name: /^MEXC_API_KEY/ })).toContainText('is added', {
      timeout: 15_000,
    })
    await expect(dialog(page).getByRole('row', { name: /^INSTALL_KEY/ })).toContainText('the same already')
    expect(await secretOf(page, 'MEXC_API_KEY')).toMatchObject({ set: false })
    await dialog(page)
      .getByLabel(/once more/)
      .fill(fileWords)
    await press(page, 'Store 1 secret')
    await expect(dialog(page)).toContainText('1 secret stored', { timeout: 15_000 })
    await press(page, 'Done')
    await expect(row(page, 'MEXC_API_KEY')).toContainText('…Zp3x')
    for (const typed of [value, words, fileWords]) {
      expect(await page.content()).not.toContain(typed)
      expect(hoox.log).not.toContain(typed)
    }
  })
})
