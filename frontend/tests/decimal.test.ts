import { describe, expect, it } from 'vitest'
import { add, arrow, atLeast, compare, decimal, fixed, isDecimal, signed, signOf, trimmed } from '$lib/format/decimal'
import { plotShare } from '$lib/format/plot'

describe('decimal', () => {
  it.each([
    ['', '–'],
    ['0', '0'],
    ['0.0001000', '0.0001000'],
    ['1234567.8900', '1,234,567.8900'],
    ['-1234.5', '−1,234.5'],
    ['-0.00', '0.00'],
    ['+12', '12'],
    ['007.5', '7.5'],
    ['999', '999'],
    ['1000', '1,000'],
    ['123456789012345678901234567890.12', '123,456,789,012,345,678,901,234,567,890.12'],
    ['1e5', '1e5'],
    ['n/a', 'n/a'],
  ])('shows %j as %j, keeping every digit', (text, shown) => {
    expect(decimal(text)).toBe(shown)
  })

  it.each([
    ['10412.185', 2, '10,412.19'],
    ['10412.184999', 2, '10,412.18'],
    ['-0.005', 2, '−0.01'],
    ['-0.004', 2, '0.00'],
    ['0.999', 2, '1.00'],
    ['9.5', 0, '10'],
    ['3', 2, '3.00'],
    ['', 2, '–'],
  ])('rounds %j to %i places as %j, half away from zero', (text, places, shown) => {
    expect(fixed(text, places)).toBe(shown)
  })

  it('shows a sign for a change, and none for zero', () => {
    expect(signed('1.24', 2)).toBe('+1.24')
    expect(signed('-1.24', 2)).toBe('−1.24')
    expect(signed('0.001', 2)).toBe('0.00')
    expect(signed('')).toBe('–')
  })

  it('gives the arrow that goes with the sign', () => {
    expect([arrow('0.1'), arrow('-0.1'), arrow('0.00'), arrow('')]).toEqual(['▲', '▼', '', ''])
  })

  it('knows zero in every spelling', () => {
    expect([signOf('0'), signOf('-0.000'), signOf('0.001'), signOf('-3'), signOf('x')]).toEqual([0, 0, 1, -1, 0])
  })

  it('adds and compares without a float', () => {
    expect(add('0.1', '0.2')).toBe('0.3')
    expect(add('-10284.61', '10412.18')).toBe('127.57')
    expect(add('12345678901234567890.1', '0.02')).toBe('12345678901234567890.12')
    expect(add('', '1')).toBe('')
    expect(compare('0.30', '0.3')).toBe(0)
    expect(compare('-2', '-10')).toBe(1)
  })

  it('pads and trims zeros only after the point', () => {
    expect(atLeast('3.1', 2)).toBe('3.10')
    expect(atLeast('3.123', 2)).toBe('3.123')
    expect([trimmed('1.500'), trimmed('2.000'), trimmed('100')]).toEqual(['1.5', '2', '100'])
  })

  it('refuses what is not plain decimal text', () => {
    expect(['1', '-1.5', '.5', '1.', '1,000', '1e3', ''].map(isDecimal)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})

describe('plotShare', () => {
  it('places a value between two others and keeps it inside', () => {
    expect(plotShare('15', '10', '20')).toBe(0.5)
    expect(plotShare('25', '10', '20')).toBe(1)
    expect(plotShare('', '10', '20')).toBeUndefined()
    expect(plotShare('1', '1', '1')).toBeUndefined()
  })
})
