import { dialog, expect, open, test } from './fixture'

test('a tunnel is chosen, and what it lacks is said with what mends it', async ({ page }) => {
  await open(page, 'Tunnel')
  const main = page.getByRole('main')
  await expect(main).toContainText('only this computer can reach the gateway')
  await expect(main.getByRole('button', { name: 'Save…' })).toBeDisabled()

  await main.getByRole('radio', { name: /^Your own server/ }).check()
  await main.getByLabel('Public address').fill('hooks.example.com')
  await main.getByLabel('Server', { exact: true }).fill('127.0.0.1:9')
  await main.getByLabel('User', { exact: true }).fill('tunnel')
  await main.getByRole('button', { name: 'Save…' }).click()
  await dialog(page).getByRole('button', { name: 'Save and start' }).click()
  await expect(dialog(page)).toContainText('Done')
  await dialog(page).getByRole('button', { name: 'Done' }).click()

  await expect(main.getByRole('heading', { name: 'Your own server, by SSH' })).toBeVisible()
  await expect(main).toContainText('Down since', { timeout: 15_000 })
  await expect(main.getByRole('region', { name: 'Recipe' })).toContainText('hooks.example.com {')

  await page.reload()
  await expect(main.getByRole('radio', { name: /^Your own server.*chosen/ })).toBeChecked()
})
