import { render } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { vi } from 'vitest'
import type { Fake, FakeOptions } from '$lib/api/fake'
import { fakeBackend } from '$lib/api/fake'
import { App } from '$lib/stores/app.svelte'
import Stage from './Stage.host.svelte'

export const passed = (ms = 50) => vi.advanceTimersByTimeAsync(ms)

/** A page over a made-up program, at an address, some moments after it opened. Wants fake timers. */
export async function stage(page: Component, hash: string, options: FakeOptions = {}, prepare?: (fake: Fake) => void) {
  window.location.hash = hash
  const fake = fakeBackend(options)
  prepare?.(fake)
  const app = new App(fake)
  const { unmount } = render(Stage, { app, page })
  await passed(400)
  const called = (method: string) => fake.calls.filter((call) => call === method).length
  return { fake, app, called, unmount }
}

/** jsdom lays nothing out: every element gets a size, so that a virtual table has a window to fill. */
export function withLayout(height = 560, width = 1200): void {
  for (const [name, value] of Object.entries({
    offsetHeight: height,
    offsetWidth: width,
    clientHeight: height,
    clientWidth: width,
  })) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })
  }
}
