// Times come as RFC 3339 text in UTC, "" when unknown; they leave as words.

import { unknown } from './decimal'

/** Milliseconds since 1970, or undefined for "" and for what is no time. */
export function millis(at: string): number | undefined {
  if (at === '') return undefined
  const value = Date.parse(at)
  return Number.isNaN(value) ? undefined : value
}

/** How long ago, in words: "now", "12 s ago", "3 min ago", "2 h ago", "4 d ago". A time to come says "in 12 s". */
export function ago(at: string, now: number): string {
  const then = millis(at)
  if (then === undefined) return unknown
  const gap = Math.round((now - then) / 1000)
  if (Math.abs(gap) < 1) return 'now'
  return gap > 0 ? `${span(gap)} ago` : `in ${span(-gap)}`
}

/** A length of time in its largest unit: "12 s", "3 min", "2 h", "4 d". */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86400)} d`
}

const two = (value: number) => String(value).padStart(2, '0')

/** "2026-11-22 01:02:03 UTC". */
export function absolute(at: string): string {
  const value = millis(at)
  if (value === undefined) return unknown
  const t = new Date(value)
  const day = `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())}`
  return `${day} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} UTC`
}

/** A sentence of the program with its RFC 3339 times as absolute ones. */
export function withTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, absolute)
}

/** "01:02:03" in UTC. */
export function clock(at: string): string {
  return millis(at) === undefined ? unknown : absolute(at).slice(11, 19)
}

/** A measured length: "870 µs", "41 ms", "1.2 s". */
export function micros(value: number): string {
  if (!Number.isFinite(value) || value < 0) return unknown
  if (value < 1000) return `${Math.round(value)} µs`
  if (value < 10_000) return `${(value / 1000).toFixed(1)} ms`
  if (value < 1_000_000) return `${Math.round(value / 1000)} ms`
  return value < 60_000_000 ? `${(value / 1_000_000).toFixed(1)} s` : span(value / 1_000_000)
}

/** A locale that Intl accepts: some systems call theirs "C", which Intl refuses. */
export function safeLocale(): string {
  try {
    return Intl.getCanonicalLocales(navigator.language)[0] ?? 'en-US'
  } catch {
    return 'en-US'
  }
}
