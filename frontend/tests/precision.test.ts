import { describe, expect, it } from 'vitest'
import type { SettingRow } from '$lib/api'
import { bounds, editable, shown } from '$lib/features/settings/form'
import { meaning } from '$lib/features/signals/meaning'
import { verdict } from '$lib/features/signals/verdict'
import { price, pricePlaces, readable, small } from '$lib/format/precision'
import { withTimes } from '$lib/format/time'
import { groupSettings, settingAliases } from '$lib/stores/settings.svelte'

describe('numbers as their instrument has them', () => {
  const rows = [
    { exchange: 'bybit', symbol: 'XRPUSDT', price: '0.607' },
    { exchange: 'bybit', symbol: 'XRPUSDT', price: '0.6071' },
    { exchange: 'mexc', symbol: 'XRP_USDT', price: '0.6' },
  ]
  const places = pricePlaces(rows, (row) => [row.price])

  it('fills a price up to the places that others of its instrument have', () => {
    expect(rows.map((row) => price(row.price, row, places))).toEqual(['0.6070', '0.6071', '0.6'])
    expect(price('', rows[0]!, places)).toBe('–')
  })

  it('shortens small money, but never to nothing', () => {
    expect(['0.98801175', '-0.002', '-0.00004', '0', ''].map(small)).toEqual([
      '0.9880',
      '−0.0020',
      '−0.00004',
      '0',
      '–',
    ])
  })

  it('makes the numbers and times in a sentence readable', () => {
    expect(readable('1796.38 USDT')).toBe('1,796.38 USDT')
    expect(readable('4.977187888842803816 SOL')).toBe('4.97718789 SOL')
    expect(readable('10x on 127.0.0.1:8787')).toBe('10x on 127.0.0.1:8787')
    expect(withTimes('since 2026-11-22T03:25:23.280Z.')).toBe('since 2026-11-22 03:25:23 UTC.')
  })
})

describe('settings', () => {
  const row = (more: Partial<SettingRow>): SettingRow => ({
    key: 'a',
    value: '',
    default: '',
    type: 'text',
    bounds: '',
    options: [],
    help: '',
    group: 'G',
    unit: '',
    readOnly: false,
    updatedAt: '',
    actor: '',
    ...more,
  })

  it('shows a list with commas, and what is no plain list as it is', () => {
    const list = row({ type: 'list', value: '["10.0.0.1","10.0.0.0/8"]' })
    expect(editable(list)).toBe('10.0.0.1, 10.0.0.0/8')
    expect(shown(list, '[]')).toBe('empty')
    expect(editable(row({ type: 'list', value: '["a,b"]' }))).toBe('["a,b"]')
    expect(bounds(row({ type: 'integer', bounds: '0 to 100000' }))).toBe('0 to 100,000')
  })

  it('gives another name no row of its own, and finds the setting by it', () => {
    const rows = [
      row({ key: 'new:name', help: 'What it does.' }),
      row({ key: 'old', help: 'Another name of new:name.' }),
    ]
    expect(settingAliases(rows).get('new:name')).toEqual(['old'])
    expect(groupSettings(rows, 'old', false)[0]?.[1].map(({ key }) => key)).toEqual(['new:name'])
  })
})

it('says that an order which waits in the book rests', () => {
  expect(verdict('accepted', [{ status: 'accepted' }]).word).toBe('Resting')
  expect(verdict('accepted', []).word).toBe('Accepted')
  expect(meaning('accepted', [{ status: 'accepted' }])).toMatch(/waits for its price/)
})
