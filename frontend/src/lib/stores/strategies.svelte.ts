import type { Api, StrategyDoc, StrategyList, StrategyRow } from '$lib/api'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'
import { StrategyDraft } from './strategy-draft.svelte'

/** What a new strategy is first: on, and changing nothing about an alert. */
export function blankStrategy(): StrategyDoc {
  return {
    name: '',
    enabled: true,
    routes: [],
    symbols: [],
    pyramiding: 'add',
    maxAdds: 0,
    cancelPrevious: false,
    dust: false,
    stopLoss: '',
    takeProfit: [],
    trailingStop: '',
    maxAgeSeconds: 0,
    expectMinutes: 0,
    paperTwin: false,
  }
}

/** The stored strategies and the ones that are being edited. An edit is kept while the window is open, whatever page shows. */
export class StrategiesStore {
  readonly list: Resource<StrategyList>
  #api: Api
  #drafts = $state.raw<ReadonlyMap<string, StrategyDraft>>(new Map())

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.strategies.list(),
      topics: ['settings'],
      every: 15_000,
    })
  }

  get rows(): StrategyRow[] {
    return this.list.data?.items ?? []
  }

  /** The edit of a stored strategy, or of the new one (""); undefined while there is none. */
  draftOf(name: string): StrategyDraft | undefined {
    return this.#drafts.get(name)
  }

  /** Begins to edit a stored strategy. */
  edit(row: StrategyRow): StrategyDraft {
    return this.#put(row.doc.name, new StrategyDraft(this.#api, row.doc, row.version))
  }

  /** Begins a new one, or a copy. */
  begin(doc: StrategyDoc = blankStrategy()): StrategyDraft {
    return this.#put('', new StrategyDraft(this.#api, { ...doc, name: '' }, 0))
  }

  /** Forgets an edit. */
  drop(name: string): void {
    const drafts = new Map(this.#drafts)
    drafts.get(name)?.stop()
    drafts.delete(name)
    this.#drafts = drafts
  }

  /** Stores an edit; the stored row, or undefined when it was refused: the edit says why. */
  async save(draft: StrategyDraft): Promise<StrategyRow | undefined> {
    const before = draft.stored ? draft.doc.name : ''
    const row = await draft.save.run()
    void this.list.refresh()
    if (!row) return undefined
    const others = this.rows.filter((one) => one.doc.name !== row.doc.name)
    this.list.put({ items: [...others, row].sort((a, b) => (a.doc.name < b.doc.name ? -1 : 1)) })
    draft.take(row)
    const drafts = new Map(this.#drafts)
    drafts.delete(before)
    this.#drafts = drafts.set(row.doc.name, draft)
    return row
  }

  /** Ends a strategy; whether it did. */
  async remove(draft: StrategyDraft): Promise<boolean> {
    const { name } = draft.doc
    const answer = await draft.remove.run()
    void this.list.refresh()
    if (!answer) return false
    this.list.put({ items: this.rows.filter((one) => one.doc.name !== name) })
    this.drop(name)
    return true
  }

  #put(name: string, draft: StrategyDraft): StrategyDraft {
    this.#drafts.get(name)?.stop()
    this.#drafts = new Map(this.#drafts).set(name, draft)
    return draft
  }
}
