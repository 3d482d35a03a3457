import type { Component } from 'svelte'
import type { BuildAlert, SetupState, SetupStep } from '$lib/api'
import type { ExchangeMode } from '$lib/stores/accounts.svelte'
import type { AlertDraft } from '$lib/stores/alerts.svelte'

/** What every view of a step is handed. */
export interface Walk {
  state: SetupState
  /** The alert that is written in one step and sent in another. */
  draft: AlertDraft
  next: () => void
  /** undefined at the first step. */
  back: (() => void) | undefined
  leave: () => void
}

export type View = Component<{ walk: Walk }>

/** A step in the list at the side. */
export interface Stop {
  id: string
  name: string
  mark: 'done' | 'here' | 'open' | 'optional' | 'ahead'
  /** The state in a word. */
  word: string
  /** Why it cannot be gone to, "" when it can. */
  why: string
}

export const end = 'end'

const words = { done: 'done', here: 'you are here', open: 'open', optional: 'may wait', ahead: 'to come' }

/** The steps that have a view, in the program's order, and the end; while the words on money are not accepted, only those. */
export function stopsOf(state: SetupState, views: Record<string, View>, here: string): Stop[] {
  const locked = state.terms.accepted ? '' : 'First read what the program does with money, and accept it'
  const stop = (id: string, name: string, done: boolean, otherwise: Stop['mark']): Stop => {
    const mark = done ? 'done' : id === here ? 'here' : otherwise
    return { id, name, mark, word: words[mark], why: id === 'terms' || id === here ? '' : locked }
  }
  return [
    ...stepsShown(state, views).map((one) => stop(one.id, one.name, one.done, one.optional ? 'optional' : 'open')),
    stop(end, 'Summary', state.outcome === 'done', 'ahead'),
  ]
}

/** The steps of the program that this page can show. */
export function stepsShown(state: SetupState, views: Record<string, View>): SetupStep[] {
  return state.steps.filter((one) => views[one.id] !== undefined)
}

/** Where the address leads: the step it names, else the first that is not done; the words on money before everything else. */
export function placeOf(state: SetupState, views: Record<string, View>, asked: string): string {
  const shown = stepsShown(state, views)
  const known = asked === end || shown.some((one) => one.id === asked)
  if (!state.terms.accepted && shown.some((one) => one.id === 'terms')) return 'terms'
  if (known) return asked
  return shown.find((one) => !one.done)?.id ?? end
}

/**
 * The first alert as it is proposed: a small one that any chart can fire, on the paper account, or on the exchange that is
 * switched to more, where a test never touches real money.
 */
export function firstAlert(modes: readonly ExchangeMode[]): Partial<BuildAlert> {
  const exchange = modes.find(({ mode }) => mode !== 'paper')?.exchange ?? 'paper'
  return { exchange, symbol: 'BTCUSDT', test: true }
}
