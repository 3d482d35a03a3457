import { describe, expect, it } from 'vitest'
import { distance, divide, multiply, pnlPercent, portion, subtract } from '$lib/features/positions/exact'
import { quantityFault, quantityToSend } from '$lib/features/positions/quantity'

describe('exact arithmetic', () => {
  it.each([
    ['0.1', '0.2', '0.02'],
    ['123456789012345678901234567890.12345678', '3', '370370367037037036703703703670.37037034'],
    ['-1.5', '0.50', '-0.750'],
    ['x', '1', ''],
  ])('%s × %s = %s', (a, b, product) => expect(multiply(a, b)).toBe(product))

  it.each([
    ['1', '3', 4, 'cut', '0.3333'],
    ['2', '3', 4, 'cut', '0.6666'],
    ['2', '3', 4, 'half', '0.6667'],
    ['-2', '3', 4, 'cut', '-0.6666'],
    ['-1', '8', 2, 'half', '-0.13'],
    ['1', '0.00000003', 0, 'cut', '33333333'],
    ['1', '0', 2, 'cut', ''],
    ['', '1', 2, 'cut', ''],
  ] as const)('%s ÷ %s to %i places, %s, is %s', (a, b, places, rounding, quotient) =>
    expect(divide(a, b, places, rounding)).toBe(quotient),
  )

  it('subtracts every digit', () => {
    expect(subtract('0.3', '0.1')).toBe('0.2')
    expect(subtract('1', '1.00000001')).toBe('-0.00000001')
  })
})

describe('portion', () => {
  it.each([
    ['0.010', '25', '0.0025'],
    ['0.010', '50', '0.005'],
    ['0.010', '75', '0.0075'],
    ['0.010', '100', '0.01'],
    ['0.01', '25', '0.0025'],
    ['13.5', '75', '10.125'],
    ['1', '25', '0.25'],
    ['0.00000001', '50', '0'],
    ['0.00000003', '75', '0.00000002'],
    ['900719925474099.3', '50', '450359962737049.65'],
  ])('of %s, %s percent are %s, never more', (quantity, percent, part) => expect(portion(quantity, percent)).toBe(part))

  it('rounds down to the places it is told', () => {
    expect(portion('0.019', '50', 3)).toBe('0.009')
    expect(portion('0.999', '75', 0)).toBe('0')
  })

  it('is nothing of what is no number', () => expect(portion('', '50')).toBe(''))
})

it('tells profit and distance in percent', () => {
  expect(pnlPercent('7.55', '67412.5', '0.010')).toBe('1.12')
  expect(pnlPercent('-53.33', '171.46', '13.5')).toBe('-2.30')
  expect(pnlPercent('', '1', '1')).toBe('')
  expect(distance('100', '97.5')).toBe('2.5')
  expect(distance('100', '102.5')).toBe('2.5')
  expect(distance('', '102.5')).toBe('')
})

describe('quantity', () => {
  it.each([
    ['', 'how much?'],
    ['abc', 'must be a number such as 0.01'],
    ['1e3', 'must be a number such as 0.01'],
    ['0', 'must be a number such as 0.01'],
    ['-1', 'must be a number such as 0.01'],
    ['0.0100000001', 'only 0.010 is held'],
    ['0.01', ''],
  ])('%j of 0.010: %j', (quantity, fault) => expect(quantityFault(quantity, '0.010')).toBe(fault))

  it('sends nothing for all of it', () => {
    expect(quantityToSend('0.01', '0.010')).toBe('')
    expect(quantityToSend(' 0.005 ', '0.010')).toBe('0.005')
  })
})
