import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiFault } from '$lib/api/fault'
import { fakeBackend } from '$lib/api/fake'
import { Connection } from '$lib/stores/connection.svelte'
import { signalList } from '$lib/stores/lists.svelte'
import type { Page } from '$lib/stores/paged.svelte'
import { PagedList } from '$lib/stores/paged.svelte'
import { Resource } from '$lib/stores/resource.svelte'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const passed = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

function listening() {
  const fake = fakeBackend()
  const connection = new Connection(fake.listen)
  connection.start()
  return { fake, connection }
}

describe('Resource', () => {
  function watched(gap = 250) {
    const { fake, connection } = listening()
    const read = vi.fn(() => fake.api.kill.get())
    const resource = new Resource({ connection, read, topics: ['kill'], gap })
    resource.watch()
    return { fake, connection, read, resource }
  }

  it('reads when it is watched, and again when its topic is hinted', async () => {
    const { fake, read, resource } = watched()
    await passed()
    expect(read).toHaveBeenCalledTimes(1)
    expect(resource.data?.state).toBe('active')

    fake.hint('orders')
    await passed(300)
    expect(read).toHaveBeenCalledTimes(1)

    fake.hint('kill')
    await passed(300)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('makes at most four reads a second of a burst of hints', async () => {
    const { fake, read } = watched()
    await passed()
    read.mockClear()

    for (let n = 0; n < 100; n++) {
      fake.hint('kill')
      await passed(10)
    }
    expect(read.mock.calls.length).toBeLessThanOrEqual(5)
    expect(read.mock.calls.length).toBeGreaterThanOrEqual(4)
  })

  it('reads again after a gap in the numbers, whatever the topic was', async () => {
    const { fake, connection, read } = watched()
    fake.hint('market', 10)
    await passed(300)
    read.mockClear()

    fake.hint('market', 11)
    await passed(300)
    expect(read).not.toHaveBeenCalled()

    fake.hint('market', 14)
    await passed(300)
    expect(read).toHaveBeenCalledTimes(1)
    expect(connection.gaps).toBe(1)
  })

  it('is stale while the connection is lost and reads again when it is back', async () => {
    const { fake, read, resource } = watched()
    await passed()
    fake.link('lost')
    expect(resource.stale).toBe(true)

    read.mockClear()
    await passed(300)
    fake.link('open')
    await passed(300)
    expect(read).toHaveBeenCalled()
    expect(resource.stale).toBe(false)
  })

  it('keeps what it had when a read fails, and says that it is stale', async () => {
    const { fake, resource } = watched()
    await passed()
    fake.fail('Kill.Get')
    void resource.refresh()
    await passed()
    expect(resource.data?.state).toBe('active')
    expect(resource.error?.kind).toBe('unavailable')
    expect(resource.stale).toBe(true)
  })

  it('reads again when the window comes back to the front', async () => {
    const { read } = watched()
    await passed(300)
    read.mockClear()
    window.dispatchEvent(new Event('focus'))
    await passed(300)
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('stops when nobody watches', async () => {
    const { fake, connection } = listening()
    const read = vi.fn(() => fake.api.kill.get())
    const resource = new Resource({ connection, read, topics: ['kill'], every: 1000 })
    const stop = resource.watch()
    await passed(300)
    stop()
    read.mockClear()
    fake.hint('kill')
    await passed(5000)
    expect(read).not.toHaveBeenCalled()
  })

  it('tells the connection when this browser is not signed in', async () => {
    const { fake, connection, resource } = watched()
    fake.fail('Kill.Get', new ApiFault({ kind: 'unauthorized', message: 'no session', ref: '', field: '' }))
    void resource.refresh()
    await passed(300)
    expect(connection.link).toBe('signed-out')
  })
})

describe('PagedList', () => {
  interface Row {
    id: string
    status: string
  }

  /** Rows n, n−1, … 1, newest first, three a page. */
  function world(n: number) {
    const rows: Row[] = Array.from({ length: n }, (_, i) => ({ id: `r${n - i}`, status: 'open' }))
    const { fake, connection } = listening()
    const read = vi.fn(async (cursor: string, limit: number): Promise<Page<Row>> => {
      const start = cursor === '' ? 0 : rows.findIndex((row) => row.id === cursor) + 1
      const items = rows.slice(start, start + limit).map((row) => ({ ...row }))
      return { items, next: start + limit < rows.length ? (items.at(-1)?.id ?? '') : '' }
    })
    const list = new PagedList<Row>({ connection, read, id: (row) => row.id, topics: ['orders'], pageSize: 3 })
    list.watch()
    return { rows, fake, read, list, ids: () => list.items.map((row) => row.id) }
  }

  it('loads page after page until there is no more', async () => {
    const { list, ids } = world(7)
    await passed()
    await list.more()
    await list.more()
    expect(ids()).toEqual(['r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1'])
    expect(list.hasMore).toBe(false)
  })

  it('keeps the loaded pages when new rows come on top', async () => {
    const { rows, fake, list, ids } = world(7)
    await passed()
    await list.more()
    rows.unshift({ id: 'r8', status: 'open' })
    fake.hint('orders')
    await passed(300)
    expect(ids()).toEqual(['r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2'])
    expect(list.hasMore).toBe(true)
  })

  it('takes the new text of a row, and drops one that left the first page', async () => {
    const { rows, fake, list, ids } = world(7)
    await passed()
    await list.more()
    rows[0] = { id: 'r7', status: 'filled' }
    rows.splice(1, 1)
    fake.hint('orders')
    await passed(300)
    expect(list.items[0]?.status).toBe('filled')
    expect(ids()).not.toContain('r6')
  })

  it('reads rows further down again once the hints pause', async () => {
    const { rows, fake, list } = world(7)
    await passed()
    await list.more()
    rows[5] = { id: 'r2', status: 'filled' }
    fake.hint('orders')
    await passed(300)
    expect(list.items[5]?.status).toBe('open')
    await passed(2500)
    expect(list.items[5]?.status).toBe('filled')
  })

  it('starts over when more rows came than a page holds, so that no row is left out', async () => {
    const { rows, fake, list, ids } = world(4)
    await passed()
    await list.more()
    for (const n of [5, 6, 7, 8]) rows.unshift({ id: `r${n}`, status: 'open' })
    fake.hint('orders')
    await passed(300)
    expect(ids()).toEqual(['r8', 'r7', 'r6'])
    await list.more()
    expect(ids()).toEqual(['r8', 'r7', 'r6', 'r5', 'r4', 'r3'])
  })

  it('forgets its rows when the filter changes', async () => {
    const { fake, connection } = listening()
    const list = signalList(fake.api, connection)
    list.watch()
    await passed(10)
    expect(list.items).toHaveLength(50)

    list.filter = { symbol: 'ETHUSDT' }
    expect(list.ready).toBe(false)
    await passed(300)
    expect(new Set(list.items.map((row) => row.symbol))).toEqual(new Set(['ETHUSDT']))
  })
})
