import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backendOver } from '$lib/api'
import { httpTransport } from '$lib/api/http'

class Socket {
  static all: Socket[] = []
  onopen?: () => void
  onmessage?: (event: { data: string }) => void
  onclose?: () => void
  constructor(readonly url: string) {
    Socket.all.push(this)
  }
  close() {
    this.onclose?.()
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  Socket.all = []
  vi.stubGlobal('WebSocket', Socket)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function answering(status: number, body: string) {
  const fetched = vi.fn<typeof fetch>(() => Promise.resolve(new Response(body, { status })))
  vi.stubGlobal('fetch', fetched)
  return { fetched, api: backendOver(httpTransport()).api }
}

describe('calls over HTTP', () => {
  it('posts the request to its own origin with the session', async () => {
    const { api, fetched } = answering(200, '{"items":[]}')
    expect(await api.settings.history({ key: 'a' })).toEqual({ items: [] })
    const [address, init] = fetched.mock.calls[0] ?? []
    expect(address).toBe('/api/Settings/History')
    expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin', body: '{"key":"a"}' })
  })

  it('throws the fault the program answered', async () => {
    const { api } = answering(422, '{"kind":"refused","message":"above your limit","ref":"e-1","field":""}')
    await expect(api.kill.get()).rejects.toMatchObject({ kind: 'refused', message: 'above your limit', ref: 'e-1' })
  })

  it('says unauthorized on 401, whatever the body is', async () => {
    const { api } = answering(401, 'no')
    await expect(api.kill.get()).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('says unavailable when nobody answers', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('refused')))
    await expect(backendOver(httpTransport()).api.kill.get()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('hints over a WebSocket', () => {
  it('hands on hints, passes over noise, and connects again after an end', async () => {
    const hints: unknown[] = []
    const links: string[] = []
    const stop = httpTransport().listen(
      (hint) => hints.push(hint),
      (link) => links.push(link),
    )
    const [first] = Socket.all
    expect(first?.url).toMatch(/^ws:\/\/.*\/api\/events$/)
    first?.onopen?.()
    for (const data of ['{"topic":"kill","seq":3}', 'noise', '{"topic":4}']) first?.onmessage?.({ data })
    expect(hints).toEqual([{ topic: 'kill', seq: 3 }])

    first?.onclose?.()
    await vi.advanceTimersByTimeAsync(600)
    expect(Socket.all).toHaveLength(2)
    Socket.all[1]?.onopen?.()
    expect(links).toEqual(['connecting', 'open', 'lost', 'open'])

    stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(Socket.all).toHaveLength(2)
  })
})
