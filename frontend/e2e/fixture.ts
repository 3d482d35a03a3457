import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { Program } from './program'

export { expect }

interface Fixtures {
  /** What the program finds in its environment beside the usual. */
  environment: Record<string, string>
  hoox: Program
  /** The first steps open by themselves, as on a first start; else they are put off. */
  fresh: boolean
  /** Console errors that a test provokes on purpose; any other fails it. */
  expected: RegExp[]
}

/** Every test has its own program and a page that is signed in to it. It fails on any error in the page's console, any
 * breach of the content security policy, and any request that leaves the machine. */
export const test = base.extend<Fixtures>({
  environment: [{}, { option: true }],
  fresh: [false, { option: true }],

  hoox: async ({ environment, fresh }, use, info) => {
    const program = await Program.start(environment)
    if (!fresh) await program.cli('setup', 'later')
    await use(program)
    const code = await program.stop()
    if (info.status !== info.expectedStatus) {
      await info.attach('hoox.log', { body: program.log, contentType: 'text/plain' })
    }
    expect(code, 'exit code of hoox serve after SIGTERM').toBe(0)
  },

  expected: [[], { option: true }],

  page: async ({ page, context, hoox, expected }, use) => {
    const faults: string[] = []
    const outside = (url: string) => {
      const { protocol, hostname } = new URL(url)
      return !['data:', 'blob:', 'about:'].includes(protocol) && hostname !== '127.0.0.1'
    }
    await context.route(
      (url) => outside(url.href),
      (route) => route.abort(),
    )
    context.on('request', (request) => {
      if (outside(request.url())) faults.push(`request to the outside: ${request.url()}`)
    })
    page.on('websocket', (socket) => {
      if (outside(socket.url())) faults.push(`socket to the outside: ${socket.url()}`)
    })
    page.on('pageerror', (error) => faults.push(`page error: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`)
    })
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy ${event.effectiveDirective} blocked ${event.blockedURI || event.sourceFile}`)
      })
    })

    await page.goto(hoox.browser)
    await expect(page).toHaveURL((url) => !url.searchParams.has('session'))
    await expect(strip(page)).toBeVisible()
    await use(page)

    expect(faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)))).toEqual([])
  },
})

/** open goes to a page by the navigation, as a person would. */
export async function open(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}\\b`) })
    .click()
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible()
}

/** strip is the bar on top of every page: mode, state, kill switch. An open dialog may have a header as well. */
export function strip(page: Page): Locator {
  return page.getByRole('banner').first()
}

/** dialog is the one that is open. */
export function dialog(page: Page): Locator {
  return page.getByRole('dialog').or(page.getByRole('alertdialog'))
}

/** row finds the lines of a table that show all these texts. */
export function row(page: Page, ...texts: (string | RegExp)[]): Locator {
  return texts.reduce((rows, hasText) => rows.filter({ hasText }), page.getByRole('row'))
}

/** api asks the control API with the browser's session: what the page shows is compared with it. */
export async function api<T>(page: Page, method: string, request: object = {}): Promise<T> {
  const answer = await page.request.post(new URL(`/api/${method}`, page.url()).href, { data: request })
  expect(answer.status(), `${method}: ${await answer.text()}`).toBe(200)
  return (await answer.json()) as T
}

/** positions lists what is held according to the ledger. */
export async function positions(page: Page): Promise<{ symbol: string; side: string; quantity: string }[]> {
  return (await api<{ items: { symbol: string; side: string; quantity: string }[] }>(page, 'Positions/List')).items
}
