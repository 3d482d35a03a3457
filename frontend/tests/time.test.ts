import { afterEach, describe, expect, it, vi } from 'vitest'
import { absolute, ago, clock, micros, millis, safeLocale, span } from '$lib/format/time'

const now = Date.parse('2026-11-22T12:00:00.000Z')

afterEach(() => vi.unstubAllGlobals())

describe('time', () => {
  it.each([
    ['2026-11-22T11:59:59.900Z', 'now'],
    ['2026-11-22T11:59:48.000Z', '12 s ago'],
    ['2026-11-22T11:57:00.000Z', '3 min ago'],
    ['2026-11-22T10:00:00.000Z', '2 h ago'],
    ['2026-11-18T12:00:00.000Z', '4 d ago'],
    ['2026-11-22T12:00:30.000Z', 'in 30 s'],
    ['', '–'],
    ['soon', '–'],
  ])('says %j as %j', (at, words) => {
    expect(ago(at, now)).toBe(words)
  })

  it('writes the absolute time in UTC', () => {
    expect(absolute('2026-11-22T01:02:03.456Z')).toBe('2026-11-22 01:02:03 UTC')
    expect(absolute('2026-11-22T01:02:03.456+02:00')).toBe('2026-11-21 23:02:03 UTC')
    expect(clock('2026-11-22T01:02:03.456Z')).toBe('01:02:03')
    expect(absolute('')).toBe('–')
    expect(millis('')).toBeUndefined()
  })

  it.each([
    [0, '0 µs'],
    [870, '870 µs'],
    [4_180, '4.2 ms'],
    [41_200, '41 ms'],
    [1_200_000, '1.2 s'],
    [90_000_000, '1 min'],
    [-1, '–'],
  ])('measures %i µs as %j', (value, words) => {
    expect(micros(value)).toBe(words)
  })

  it('counts in the largest unit', () => {
    expect([span(59), span(3599), span(47 * 3600), span(48 * 3600)]).toEqual(['59 s', '59 min', '47 h', '2 d'])
  })

  it('never hands Intl a locale that it refuses', () => {
    vi.stubGlobal('navigator', { language: 'C' })
    expect(safeLocale()).toBe('en-US')
    vi.stubGlobal('navigator', { language: 'de-de' })
    expect(safeLocale()).toBe('de-DE')
  })
})
