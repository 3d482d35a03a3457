import { Bot } from './bot'
import { dialog, expect, open, row, test as base } from './fixture'

const ana = 48_151_623

const test = base.extend<{ bot: Bot }>({
  // eslint-disable-next-line no-empty-pattern
  bot: async ({}, use) => {
    const bot = await Bot.start()
    await use(bot)
    await bot.stop()
  },
  environment: async ({ bot }, use) => use({ HOOX_TELEGRAM_API_URL: bot.api }),
})

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'base64',
)

test('a bot is set up, a phone paired, told and shut out, and what it sent is looked at', async ({
  page,
  hoox,
  bot,
}) => {
  test.setTimeout(180_000)
  await open(page, 'Telegram')
  const main = page.getByRole('main')
  await expect(main).toContainText('No bot')
  await expect(main.getByRole('button', { name: 'Make a code' })).toBeDisabled()

  await main.getByLabel('Token of the bot').fill(bot.token)
  await main.getByRole('button', { name: 'Store token' }).click()
  await expect(main).toContainText('@hoox_test_bot', { timeout: 30_000 })
  await expect(main).toContainText('Telegram answers, but nobody is paired')
  expect(hoox.log).not.toContain(bot.token)

  await main.getByRole('radiogroup', { name: 'What the phone may do' }).getByText('Operator').click()
  await main.getByRole('button', { name: 'Make a code' }).click()
  const code = (await main.getByLabel('The code').textContent()) ?? ''
  expect(code).toMatch(/^[A-Z2-7]{16}$/)
  await expect(main).toContainText(`https://t.me/hoox_test_bot?start=${code}`)
  await main.getByRole('button', { name: 'Withdraw code' }).click()
  await expect(main).toContainText('worth nothing any more')
  await bot.say(ana, 'Ana <b>', `/start ${code}`)
  await main.getByRole('button', { name: 'Make a code' }).click()
  await bot.say(ana, 'Ana <b>', (await main.getByLabel('The code').textContent()) ?? '')
  await expect(main).toContainText('Ana <b> is paired as operator', { timeout: 30_000 })

  await main.getByRole('button', { name: 'Send a test message' }).click()
  await expect(row(page, 'Test', /Hoox can reach you here/, 'Sent')).toBeVisible({ timeout: 30_000 })
  expect((await bot.sent()).map((one) => one.text)).toContainEqual(expect.stringContaining('Hoox can reach you here'))

  await bot.upload(ana, pixel, 'Is this <i>the</i> level?')
  await main
    .getByRole('grid', { name: 'The uploads' })
    .getByText('Is this <i>the</i> level?')
    .click({ timeout: 30_000 })
  await expect(dialog(page).getByRole('img')).toHaveJSProperty('naturalWidth', 1)
  await dialog(page).getByRole('button', { name: 'Drop…' }).click()
  await dialog(page).getByRole('button', { name: 'Drop file' }).click()
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(main).toContainText('Nothing was sent')

  await main.getByRole('button', { name: 'Remove Ana <b>' }).click()
  await dialog(page).getByRole('button', { name: 'Remove them' }).click()
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(main).toContainText('Nobody is paired')
})

test.describe('with a value that is refused', () => {
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('notices, hours and an authenticator are set and outlive a reload', async ({ page }) => {
    test.setTimeout(120_000)
    await open(page, 'Telegram')
    const main = page.getByRole('main')
    const fills = () => main.getByRole('radiogroup', { name: 'Notices of Fill' }).getByRole('radio', { name: 'Silent' })
    await fills().check()
    await main.getByLabel('Quiet hours').fill('late')
    const hours = main.locator('form', { has: page.getByLabel('Quiet hours') })
    await hours.getByRole('button', { name: 'Save' }).click()
    await expect(main).toContainText('Not changed: "late" is not allowed')
    await main.getByLabel('Quiet hours').fill('22:30-07:00')
    await hours.getByRole('button', { name: 'Save' }).click()
    await expect(hours.getByRole('button', { name: 'Save' })).toBeDisabled()

    await expect(main.getByRole('switch', { name: 'Ask for an authenticator’s code' })).toBeDisabled()
    await main.getByRole('button', { name: 'Set up…' }).click()
    await dialog(page).getByRole('button', { name: 'Make the secret' }).click()
    const secret = (await dialog(page).getByLabel('The secret').textContent()) ?? ''
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    await expect(dialog(page).getByLabel('The address for an authenticator')).toContainText('otpauth://totp/Hoox')
    await dialog(page).getByRole('button', { name: 'I have it' }).click()
    await main.getByRole('switch', { name: 'Ask for an authenticator’s code' }).check({ force: true })

    await page.reload()
    await expect(fills()).toBeChecked()
    await expect(main.getByLabel('Quiet hours')).toHaveValue('22:30-07:00')
    await expect(main.getByRole('switch', { name: 'Ask for an authenticator’s code' })).toBeChecked()
    expect(await page.content()).not.toContain(secret)
  })
})
