import type { Api, ClosePosition, Flatten, FlattenReport, OrderRow, PositionPage, PositionRow, Receipt } from '$lib/api'
import { pageRequest } from '$lib/api'
import { add, compare } from '$lib/format/decimal'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** What makes a position one: there is at most one of these. */
export function positionId(row: Pick<PositionRow, 'account' | 'symbol' | 'product' | 'side'>): string {
  return [row.account, row.symbol, row.product, row.side].join(' ')
}

/** A name for one deed: the program does it once, however often the button is pressed. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const failures = ['refused', 'rejected', 'blocked', 'expired', 'not_placed', 'no_op', 'partial']
const beat = 1000

export type Proof = 'asked' | 'proven' | 'failed'

/** The positions, read again and again after a deed until the ledger proves it. */
abstract class Proving<Request, Answer> {
  readonly act: Act<Request, Answer>
  readonly now: Resource<PositionPage>
  /** What was held when it was asked for. */
  before = $state.raw<PositionRow[]>([])
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(api: Api, connection: Connection, work: (req: Request) => Promise<Answer>) {
    this.now = new Resource({
      connection,
      read: () => api.positions.list(pageRequest({ limit: 500 })),
      topics: ['positions', 'fills', 'signals'],
    })
    this.act = new Act(work)
  }

  abstract get settled(): boolean

  /** Does it, once at a time; what is held now is what it will be measured against. */
  async run(req: Request, held: PositionRow[]): Promise<void> {
    if (this.act.busy) return
    this.before = held
    if ((await this.act.run(req)) === undefined) return
    this.#look()
    this.#timer = setInterval(() => this.#look(), beat)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The position as it is now; undefined when it is gone or not read yet. */
  current(row: PositionRow): PositionRow | undefined {
    return this.now.data?.items.find((one) => positionId(one) === positionId(row))
  }

  protected looked(): unknown {
    return undefined
  }

  #look(): void {
    if (this.settled) return this.stop()
    void this.now.refresh()
    this.looked()
  }
}

/** The close of one position, or of a part of it. */
export class CloseStore extends Proving<ClosePosition, Receipt> {
  /** What became of the signal the close made: its status and reason. */
  signal = $state.raw<{ status: string; reason: string } | undefined>()
  #api: Api
  #row: PositionRow
  #quantity = ''

  constructor(api: Api, connection: Connection, row: PositionRow) {
    super(api, connection, (req) => {
      this.#quantity = req.quantity
      return api.positions.close(req)
    })
    this.#api = api
    this.#row = row
  }

  get proof(): Proof {
    const answer = this.act.answer
    const before = this.before[0]
    if (!answer || !before || !this.now.data) return 'asked'
    const left = this.current(this.#row)
    if (!left) return 'proven'
    const status = this.signal?.status ?? answer.status
    if (this.#quantity !== '' && compare(left.quantity, before.quantity) < 0) {
      // The program rounds down to the market's step, so less than asked may be all of it.
      const all = compare(add(left.quantity, this.#quantity), before.quantity) <= 0
      if (all || status === 'filled') return 'proven'
    }
    return failures.includes(status) ? 'failed' : 'asked'
  }

  get settled(): boolean {
    return this.proof !== 'asked'
  }

  protected override async looked(): Promise<void> {
    const requestId = this.act.answer?.requestId
    if (!requestId) return
    try {
      const { status, reason } = await this.#api.signals.get({ requestId })
      this.signal = { status, reason }
    } catch {
      // The positions tell it as well; the next beat asks again.
    }
  }
}

/** The close of everything. */
export class FlattenStore extends Proving<Flatten, FlattenReport> {
  /** What is open at the exchanges: it is cancelled too. */
  readonly resting: Resource<{ items: OrderRow[] }>
  /** What was open when it was asked for. */
  orders = $state.raw<OrderRow[]>([])

  constructor(api: Api, connection: Connection) {
    super(api, connection, (req) => api.positions.flatten(req))
    this.resting = new Resource({
      connection,
      read: () => api.orders.list(pageRequest({ limit: 500, filter: { openOnly: true } })),
      topics: ['orders', 'fills'],
    })
  }

  flatten(req: Flatten, held: PositionRow[], orders: OrderRow[]): Promise<void> {
    if (!this.act.busy) this.orders = orders
    return this.run(req, held)
  }

  proofOf(row: PositionRow): Proof {
    return this.act.answer && this.now.data && !this.current(row) ? 'proven' : 'asked'
  }

  proofOfOrder(row: OrderRow): Proof {
    const open = this.resting.data?.items.some((one) => one.id === row.id) ?? true
    return this.act.answer && !open ? 'proven' : 'asked'
  }

  get settled(): boolean {
    return (
      this.act.answer !== undefined &&
      this.before.every((row) => this.proofOf(row) === 'proven') &&
      this.orders.every((row) => this.proofOfOrder(row) === 'proven')
    )
  }

  protected override looked(): void {
    void this.resting.refresh()
  }
}
