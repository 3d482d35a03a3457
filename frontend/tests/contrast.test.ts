import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync('src/lib/styles/tokens.css', 'utf8')

/** The tokens of every block whose selector holds all the words. */
function tokens(...selectors: string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, selector = '', body = ''] of css.matchAll(/([^{}]+)\{([^}]*)\}/g)) {
    if (!selectors.some((wanted) => selector.trim().endsWith(wanted))) continue
    for (const [, name = '', value = ''] of body.matchAll(/--([\w-]+):\s*([^;]+);/g)) found[name] = value
  }
  return found
}

function luminance(colour: string): number {
  const channel = (from: number) => {
    const c = parseInt(colour.slice(from, from + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

function ratio(one = '', other = ''): number {
  const [a, b] = [luminance(one), luminance(other)]
  return Math.round(((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)) * 10) / 10
}

const themes = {
  dark: { colours: tokens("[data-theme='dark']"), blue: tokens("[data-theme='dark'][data-palette='blue']") },
  light: { colours: tokens("[data-theme='light']"), blue: tokens("[data-theme='light'][data-palette='blue']") },
}

// On the background and on the surface, as the design computed them.
const wanted = {
  dark: {
    text: [16.3, 14.8],
    muted: [7.8, 7.1],
    up: [10.3, 9.4],
    down: [7.7, 7.0],
    warn: [11.5, 10.5],
    focus: [11.5, 10.5],
    border: [4.2, 3.9],
  },
  light: {
    text: [16.5, 15.2],
    muted: [6.5, 6.0],
    up: [5.5, 5.1],
    down: [6.5, 6.0],
    warn: [5.9, 5.5],
    focus: [5.9, 5.5],
    border: [3.7, 3.4],
  },
}

const blue = { dark: { up: [8.3, 7.6], down: [9.0, 8.1] }, light: { up: [6.6, 6.1], down: [6.2, 5.7] } }

/** The design's numbers are rounded, so the last digit may differ; the floor of the guideline may not. */
function near(had: number[], wanted: number[], floor: number): void {
  had.forEach((value, n) => expect(Math.abs(value - (wanted[n] ?? 0)), `${value}`).toBeLessThan(0.15))
  expect(Math.min(...had)).toBeGreaterThanOrEqual(floor)
}

describe.each(['dark', 'light'] as const)('%s tokens', (name) => {
  const { colours, blue: palette } = themes[name]

  it.each(Object.entries(wanted[name]))('%s has the contrast of the design', (token, ratios) => {
    near(
      [ratio(colours[token], colours.bg), ratio(colours[token], colours.surface)],
      ratios,
      token === 'border' ? 3 : 4.5,
    )
  })

  it.each(Object.entries(blue[name]))('%s of the colour-blind palette has it too', (token, ratios) => {
    near([ratio(palette[token], colours.bg), ratio(palette[token], colours.surface)], ratios, 4.5)
  })

  it('text stays readable on a row under the pointer and on the accent', () => {
    expect(ratio(colours.muted, colours.hover)).toBeGreaterThanOrEqual(4.5)
    expect(ratio(colours['on-accent'], colours.focus)).toBeGreaterThanOrEqual(4.5)
  })
})

describe('strips', () => {
  const colours = tokens(':root')

  it.each([
    ['live', 5.7],
    ['paper', 6.7],
    ['halted', 11.6],
    ['kill', 7.3],
  ])('%s has the contrast of the design', (name, wanted) => {
    expect(ratio(colours[`on-${name}`], colours[name])).toBe(wanted)
  })
})
