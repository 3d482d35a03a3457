import type { AlertAnswer, AlertText, Api, BuildAlert, RevealedKey, SignalPage, WebhookAddress } from '$lib/api'
import { pageRequest } from '$lib/api'
import type { ApiFault } from '$lib/api/fault'
import { faultOf } from '$lib/api/fault'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** Stands for the webhook key in text that people look at. */
const mask = '<apiKey>'
const pause = 250

/** The form as it is first: a small order on the chart's own symbol. */
export const blank: BuildAlert = {
  kind: 'indicator',
  exchange: 'bybit',
  symbol: '',
  action: 'LONG',
  sizeMode: 'quoteQuantity',
  size: '100',
  leverage: '',
  orderType: 'market',
  price: '',
  takeProfit: '',
  stopLoss: '',
  trailingStop: '',
  strategy: '',
  maxAge: '',
  test: false,
}

/** Whether it may open a position; a strategy may. */
export function opens(form: BuildAlert): boolean {
  return form.kind === 'strategy' || form.action === 'LONG' || form.action === 'SHORT'
}

/** Whether the strategy's own size counts. */
export function ownSize(form: BuildAlert): boolean {
  return form.kind === 'strategy' && form.sizeMode === 'quantity'
}

/** What the form asks for: what it does not show counts as empty. */
export function asked(form: BuildAlert): BuildAlert {
  const request = { ...form }
  if (form.kind === 'strategy') request.action = ''
  if (ownSize(form)) request.size = ''
  if (form.orderType === 'market') request.price = ''
  if (!opens(form)) Object.assign(request, { takeProfit: '', stopLoss: '', trailingStop: '', leverage: '' })
  return request
}

/** The alert that is being written: the program writes the message anew whenever the form rests for a moment. */
export class AlertDraft {
  form = $state<BuildAlert>({ ...blank })
  text = $state.raw<AlertText | undefined>()
  fault = $state.raw<ApiFault | undefined>()
  /** The message does not say yet what the form says. */
  waiting = $state(true)
  readonly send: Act<void, AlertAnswer>
  readonly reveal: Act<void, RevealedKey>
  #api: Api
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn = 0

  constructor(api: Api) {
    this.#api = api
    this.reveal = new Act(() => api.alerts.reveal())
    // A test never touches live money, whatever the form says.
    this.send = new Act(async () => {
      const { json } = await api.alerts.build({ ...asked(this.form), test: true })
      return api.alerts.send({ body: json })
    })
  }

  /** The form changed: the message is written once it rests. */
  changed(wait = pause): void {
    this.waiting = true
    this.#turn += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#build(), wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#turn += 1
  }

  /** What is wrong with a field, as the program said. */
  faultOf(field: keyof BuildAlert): string {
    return this.fault?.field === field ? this.fault.message : ''
  }

  /** The message with the key in it, for TradingView; throws when the key cannot be read. */
  async withKey(): Promise<string> {
    const { key } = await this.#api.alerts.reveal()
    return (this.text?.json ?? '').replaceAll(mask, JSON.stringify(key).slice(1, -1))
  }

  async key(): Promise<string> {
    return (await this.#api.alerts.reveal()).key
  }

  async #build(): Promise<void> {
    const turn = this.#turn
    try {
      const text = await this.#api.alerts.build(asked(this.form))
      if (turn !== this.#turn) return
      this.text = text
      this.fault = undefined
    } catch (thrown) {
      if (turn !== this.#turn) return
      this.fault = faultOf(thrown)
    }
    this.waiting = false
  }
}

export function webhookAddress(api: Api, connection: Connection): Resource<WebhookAddress> {
  return new Resource({
    connection,
    read: () => api.alerts.address(),
    topics: ['settings', 'health'],
    gap: 2000,
  })
}

/** The newest signals that came through the webhook. */
export function webhookHits(api: Api, connection: Connection): Resource<SignalPage> {
  return new Resource({
    connection,
    read: async () => {
      const page = await api.signals.list(pageRequest({ limit: 100 }))
      return { ...page, items: page.items.filter((row) => row.source === 'webhook').slice(0, 20) }
    },
    topics: ['signals', 'orders', 'fills'],
  })
}
