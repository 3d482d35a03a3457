import type { Page } from '@playwright/test'
import { api, expect, open, test } from './fixture'

const key = 'trade:default_leverage'

async function value(page: Page): Promise<string | undefined> {
  const { items } = await api<{ items: { key: string; value: string }[] }>(page, 'Settings/List')
  return items.find((item) => item.key === key)?.value
}

test.describe('a value out of bounds', () => {
  // The browser itself writes the refused request to the console.
  test.use({ expected: [/the server responded with a status of 4\d\d/] })

  test('shows its error at the field and is not kept', async ({ page }) => {
    const before = await value(page)
    await open(page, 'Settings')
    await page.getByRole('searchbox').fill(key)

    const field = page.getByRole('textbox', { name: key, exact: true })
    await field.fill('500')
    await field.press('Enter')

    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByText(/1\D+125/).first()).toBeVisible()
    expect(await value(page)).toBe(before)
  })
})

test('a setting is changed, kept and shown after a reload', async ({ page }) => {
  await open(page, 'Settings')
  await page.getByRole('searchbox').fill(key)

  await page.getByRole('textbox', { name: key, exact: true }).fill('7')
  await page.getByRole('textbox', { name: key, exact: true }).press('Enter')

  await expect.poll(() => value(page)).toBe('7')
  await page.reload()
  await open(page, 'Settings')
  await page.getByRole('searchbox').fill(key)
  await expect(page.getByRole('textbox', { name: key, exact: true })).toHaveValue('7')
})
