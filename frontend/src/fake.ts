import { fakeBackend } from '$lib/api/fake'
import type { FakeOptions } from '$lib/api/fake'
import type { Backend } from '$lib/api'

/** The made-up program that the address asks for: "?state=halted&mode=live&empty&troubled&broken&live&delay=400&fail=all". */
export function backend(): Backend {
  const ask = new URLSearchParams(window.location.search)
  return fakeBackend({
    state: (ask.get('state') ?? 'active') as FakeOptions['state'] & string,
    mode: (ask.get('mode') ?? 'paper') as FakeOptions['mode'] & string,
    mixed: ask.has('mixed'),
    agreed: ask.has('agreed'),
    empty: ask.has('empty'),
    troubled: ask.has('troubled'),
    broken: ask.has('broken'),
    tunnel: (ask.get('tunnel') ?? undefined) as FakeOptions['tunnel'],
    vault: (ask.get('vault') ?? undefined) as FakeOptions['vault'],
    telegram: (ask.get('telegram') ?? undefined) as FakeOptions['telegram'],
    live: ask.has('live'),
    delay: Math.trunc(+(ask.get('delay') ?? 0)),
    failing: ask.getAll('fail'),
  })
}
