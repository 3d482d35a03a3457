import type { Page } from '@playwright/test'
import { dialog, expect, open, strip, test } from './fixture'

const pages = [
  'Overview',
  'Signals',
  'Positions',
  'Orders',
  'Fills',
  'Alerts',
  'Tunnel',
  'Strategies',
  'Accounts',
  'Access',
  'Secrets',
  'Health',
  'Audit',
  'Settings',
]

/** What is wrong with the page for somebody who cannot see it, as sentences. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const seen = (node: Element) => node.checkVisibility() && node.closest('[aria-hidden=true], [inert]') === null
    const nameOf = (node: Element) => {
      const by = node.getAttribute('aria-labelledby')?.split(' ') ?? []
      const labels =
        node instanceof HTMLInputElement || node instanceof HTMLSelectElement ? [...(node.labels ?? [])] : []
      const texts = [
        node.getAttribute('aria-label'),
        ...by.map((id) => document.getElementById(id)?.textContent),
        ...labels.map((label) => label.textContent),
        node instanceof HTMLInputElement ? '' : node.textContent,
        node.getAttribute('title'),
      ]
      return texts.find((text) => text?.trim()) ?? ''
    }
    const controls = 'a[href], button, input, select, textarea, [tabindex="0"], [role=grid], [role=img], [role=switch]'
    for (const node of document.querySelectorAll(controls)) {
      if (seen(node) && nameOf(node).trim() === '') found.push(`no name: ${node.outerHTML.slice(0, 120)}`)
    }
    let last = 0
    for (const node of document.querySelectorAll('h1, h2, h3, h4')) {
      if (!seen(node)) continue
      const level = Number(node.tagName.slice(1))
      if (level > last + 1) found.push(`h${level} after h${last}: ${node.textContent}`)
      last = level
    }
    if (document.querySelectorAll('h1').length !== 1) found.push('not exactly one h1')
    for (const role of ['main', 'nav', 'header', 'footer']) {
      if (document.querySelector(`#app ${role}`) === null) found.push(`no ${role}`)
    }
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id)
    for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) found.push(`id twice: ${id}`)
    if (document.documentElement.lang === '') found.push('no language')
    return found
  })
}

/** Presses Tab until the focus is back where it began, and returns how many stops showed no focus. */
async function walk(page: Page): Promise<{ stops: number; unseen: string[]; ended: boolean }> {
  const unseen: string[] = []
  await page.evaluate(() => {
    // The next Tab begins at the top.
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
    document.querySelectorAll('[data-stop]').forEach((node) => node.removeAttribute('data-stop'))
  })
  for (let stops = 0; stops < 260; stops++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const node = document.activeElement
      if (!node || node === document.body) return 'out'
      if (node.hasAttribute('data-stop')) return 'again'
      node.setAttribute('data-stop', '')
      // The ring may be drawn by the control, by its label or by what stands around it.
      const ringed = [node, node.nextElementSibling, ...parents(node, 3)].some((one) => {
        if (!one) return false
        const style = getComputedStyle(one)
        return style.outlineStyle !== 'none' && style.outlineWidth !== '0px'
      })
      const framed = node.matches('input') && node.parentElement?.matches(':focus-within') === true
      return ringed || framed ? 'seen' : node.outerHTML.slice(0, 120)

      function parents(from: Element, depth: number): Element[] {
        return depth > 0 && from.parentElement ? [from.parentElement, ...parents(from.parentElement, depth - 1)] : []
      }
    })
    if (at === 'out' || at === 'again') return { stops, unseen, ended: true }
    if (at !== 'seen') unseen.push(at)
  }
  return { stops: 260, unseen, ended: false }
}

test('every page has names, headings in order and landmarks, and Tab goes through it and shows where it is', async ({
  page,
  hoox,
}) => {
  test.setTimeout(90_000)
  for (const action of ['LONG', 'SHORT'])
    await hoox.post({ action, symbol: action === 'LONG' ? 'BTCUSDT' : 'ETHUSDT', quantity: '0.05' })
  for (const name of pages) {
    await open(page, name)
    await page.waitForLoadState('networkidle')
    expect(await faults(page), name).toEqual([])
    const { stops, unseen, ended } = await walk(page)
    expect(ended, `${name}: Tab comes round`).toBe(true)
    expect(stops, name).toBeGreaterThan(12)
    expect(unseen, `${name}: focus is seen`).toEqual([])
  }
})

test('a dialog keeps the focus inside, Escape closes it, and the focus goes back', async ({ page, hoox }) => {
  await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await open(page, 'Positions')
  for (const name of [/^Close /, /^Part of/, /^Flatten all/]) {
    const opener = page.getByRole('main').getByRole('button', { name }).first()
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect(dialog(page)).toBeVisible()
    expect(await faults(page)).toEqual([])
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab')
      expect(await dialog(page).evaluate((node) => node.contains(document.activeElement))).toBe(true)
    }
    await page.keyboard.press('Escape')
    await expect(dialog(page)).toBeHidden()
    await expect(opener).toBeFocused()
  }
})

test('nothing is cut off at the smallest window', async ({ page, hoox }) => {
  await page.setViewportSize({ width: 1024, height: 640 })
  await hoox.post({ action: 'LONG', exchange: 'bybit', symbol: '1000PEPEUSDT', quantity: 50_000 })
  for (const name of pages) {
    await open(page, name)
    await page.waitForLoadState('networkidle')
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('main, main *')]
        .filter((node) => ['auto', 'scroll'].includes(getComputedStyle(node).overflowX))
        .filter((node) => node.scrollWidth > node.clientWidth + 1)
        .map((node) => node.outerHTML.slice(0, 80)),
    )
    expect(wide, name).toEqual([])
  }
  await expect(strip(page)).toContainText('HALT')
})

test('nothing moves for those who asked for that', async ({ page, hoox }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, 'Fills')
  await hoox.post({ action: 'LONG', symbol: 'BTCUSDT', quantity: 0.01 })
  await expect(page.getByRole('row').filter({ hasText: 'BTCUSDT' })).toBeVisible()
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((node) => {
        const { transitionDuration, animationDuration } = getComputedStyle(node)
        return [transitionDuration, animationDuration].some((time) =>
          time.split(', ').some((one) => parseFloat(one) > 0),
        )
      }).length,
  )
  expect(moving).toBe(0)
})
