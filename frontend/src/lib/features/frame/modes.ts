import { partLabel } from '$lib/features/health/part'
import type { ExchangeMode } from '$lib/stores/accounts.svelte'
import { byMoney } from '$lib/stores/accounts.svelte'

/** A mode and where it holds, in words: "LIVE Bybit", "PAPER rest". */
export interface ModeGroup {
  mode: string
  where: string
}

/** The modes that are in use, the one with real money first; one without a place when every exchange has the same. */
export function modeGroups(overall: string, modes: ExchangeMode[]): ModeGroup[] {
  const used = byMoney(modes.map((one) => one.mode))
  if (used.length < 2) return [{ mode: overall, where: '' }]
  return used.map((mode, n) => {
    const names = modes.filter((one) => one.mode === mode).map((one) => partLabel(one.exchange))
    return { mode, where: n === used.length - 1 && names.length > 1 ? 'rest' : names.join(', ') }
  })
}
