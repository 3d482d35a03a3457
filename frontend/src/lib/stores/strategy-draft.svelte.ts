import type { Api, Preview, Receipt, StrategyDoc, StrategyRow } from '$lib/api'
import type { ApiFault } from '$lib/api/fault'
import { faultOf } from '$lib/api/fault'
import { Act } from './act.svelte'

const pause = 400

/** The alert that the preview begins with. */
export const sampleAlert = `{
  "action": "LONG",
  "exchange": "bybit",
  "symbol": "BTCUSDT",
  "quantity": 0.01
}`

// What the program calls a field that has another name in the document.
const renamed: [RegExp, string][] = [
  [/\.size\.value$|\.multiplier$/, '.sizeValue'],
  [/\.size\.mode$/, '.sizeMode'],
  [/^pyramiding\.mode$/, 'pyramiding'],
  [/^pyramiding\.maxAdds$/, 'maxAdds'],
  [/^maxAge$/, 'maxAgeSeconds'],
  [/^takeProfit\.share$/, 'takeProfit'],
]

/** The field of the document that a fault names, such as "routes[0].sizeValue"; "" when it names none of them. */
export function fieldOf(doc: StrategyDoc, fault: Pick<ApiFault, 'field'> | undefined): string {
  if (!fault || fault.field === '') return ''
  const [from, to] = renamed.find(([pattern]) => pattern.test(fault.field)) ?? [/^$/, '']
  const field = fault.field.replace(from, to)
  return field.replace(/[[.].*/s, '') in doc ? field : ''
}

/** The document as plain data. */
function sent(doc: StrategyDoc): StrategyDoc {
  const plain = $state.snapshot(doc) as StrategyDoc
  return { ...plain, name: plain.name.trim() }
}

/** A strategy that is being edited: what an alert would do with it is asked anew whenever it rests for a moment. */
export class StrategyDraft {
  doc = $state() as StrategyDoc
  alert = $state(sampleAlert)
  /** The version that is edited, 0 for a new one. */
  version = $state(0)
  preview = $state.raw<Preview | undefined>()
  /** Why there is no preview. */
  fault = $state.raw<ApiFault | undefined>()
  /** The preview does not say yet what the form says. */
  waiting = $state(true)
  readonly save: Act<void, StrategyRow>
  readonly remove: Act<void, Receipt>
  #api: Api
  #kept = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn = 0

  constructor(api: Api, doc: StrategyDoc, version: number) {
    this.#api = api
    this.doc = structuredClone(doc)
    this.version = version
    this.#kept = JSON.stringify(doc)
    this.save = new Act(() => api.strategies.save({ doc: sent(this.doc), version: this.version }))
    this.remove = new Act(() => api.strategies.delete({ name: this.doc.name, version: this.version }))
  }

  get stored(): boolean {
    return this.version > 0
  }

  /** Something differs from what is stored. */
  get dirty(): boolean {
    return JSON.stringify(this.doc) !== this.#kept
  }

  /** Takes what was stored: nothing differs from it now. */
  take(row: StrategyRow): void {
    this.doc = structuredClone(row.doc)
    this.version = row.version
    this.#kept = JSON.stringify(row.doc)
  }

  /** Takes another version as the one that is edited; what was typed stays. */
  over(row: StrategyRow): void {
    this.version = row.version
    this.#kept = JSON.stringify(row.doc)
    this.save.clear()
  }

  /** The fault that counts now: of the save, else of the preview. */
  get wrong(): ApiFault | undefined {
    return this.save.fault ?? this.fault
  }

  /** What is wrong with a field, as the program said. */
  faultAt(field: string): string {
    const wrong = this.wrong
    return wrong && fieldOf(this.doc, wrong) === field ? wrong.message.replace(`${wrong.field}: `, '') : ''
  }

  /** What is wrong with no field of the form: with the alert, or with everything. */
  get elsewhere(): string {
    return this.fault && fieldOf(this.doc, this.fault) === '' ? this.fault.message : ''
  }

  /** The form changed: the preview is asked for once it rests. */
  changed(wait = pause): void {
    this.save.clear()
    this.waiting = true
    this.#turn += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#turn += 1
  }

  async #look(): Promise<void> {
    const turn = this.#turn
    try {
      const doc = sent(this.doc)
      // A preview needs no name yet.
      const preview = await this.#api.strategies.preview({
        doc: { ...doc, name: doc.name || 'new' },
        alert: this.alert,
      })
      if (turn !== this.#turn) return
      this.preview = preview
      this.fault = undefined
    } catch (thrown) {
      if (turn !== this.#turn) return
      this.fault = faultOf(thrown)
    }
    this.waiting = false
  }
}
