import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { backendOver, pageRequest } from '$lib/api'
import { decodeFault, faultOf } from '$lib/api/fault'
import { wailsTransport } from '$lib/api/wails'
import { fakeBackend } from '$lib/api/fake'
import { href, parseRoute } from '$lib/stores/router'

const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

describe('api', () => {
  it('calls exactly the methods the program answers', async () => {
    const golden = readFileSync('../app/testdata/callable.golden', 'utf8')
    const callable = golden
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/\(.*/, ''))
    const called: string[] = []
    const { api } = backendOver({
      call: (service, method) => (called.push(`${service}.${method}`), new Promise(() => {})),
      listen: () => () => {},
    })
    const named: string[] = []
    for (const [service, methods] of Object.entries(api)) {
      for (const [method, run] of Object.entries(methods as Record<string, (req: object) => unknown>)) {
        named.push(`${upper(service)}.${upper(method)}`)
        void run({})
      }
    }
    expect(called).toEqual(named)
    expect(called.toSorted()).toEqual(callable.toSorted())
  })

  it('has a made-up answer for each of them', () => {
    const { api } = backendOver({ call: () => new Promise(() => {}), listen: () => () => {} })
    const names = (of: object) =>
      Object.entries(of).map(([service, methods]) => [service, Object.keys(methods as object).sort()])
    expect(names(fakeBackend().api).toSorted()).toEqual(names(api).toSorted())
  })

  it('reads a fault out of the error of the window', async () => {
    const text = '{"kind":"refused","message":"above your limit","ref":"e-1","field":"quantity"}'
    const Set = vi.fn(() => Promise.reject(new Error(text)))
    const { api } = backendOver(
      wailsTransport({
        go: { app: { Settings: { Set } } },
        runtime: { EventsOn: () => () => {}, EventsEmit: () => {} },
      }),
    )
    await expect(api.settings.set({ key: 'a', value: 'b' })).rejects.toMatchObject({
      kind: 'refused',
      field: 'quantity',
      ref: 'e-1',
    })
    await expect(api.kill.get()).rejects.toMatchObject({ kind: 'internal' })
  })

  it('makes a fault of anything that is thrown', () => {
    expect(decodeFault('[]')).toBeUndefined()
    expect(decodeFault('no json')).toBeUndefined()
    expect(faultOf(new Error('broken')).message).toBe('broken')
    expect(faultOf(undefined)).toMatchObject({ kind: 'internal', message: 'no answer' })
  })

  it('fills a page request with what does not narrow', () => {
    expect(pageRequest({ filter: { symbol: 'BTCUSDT' } })).toEqual({
      limit: 50,
      cursor: '',
      filter: { exchange: '', symbol: 'BTCUSDT', status: '', requestId: '', side: '', openOnly: false },
    })
  })
})

describe('routes', () => {
  it('reads an address and writes the same one', () => {
    const address = href('signals', 'a/b c', { symbol: 'BTC&USDT', side: '' })
    const { name, id, query } = parseRoute(address)
    expect(address).toBe('#/signals/a%2Fb%20c?symbol=BTC%26USDT')
    expect([name, id, query.get('symbol')]).toEqual(['signals', 'a/b c', 'BTC&USDT'])
  })

  it('opens the overview when there is no address, and bears a broken one', () => {
    expect(parseRoute('').name).toBe('overview')
    expect(parseRoute('#/signals/%E0%A4%A').id).toBe('%E0%A4%A')
  })
})
