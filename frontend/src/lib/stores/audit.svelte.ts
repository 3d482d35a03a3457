import type { Api, AuditCheck, AuditRow, ListAudit } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { FilteredList } from './lists.svelte'
import { Resource } from './resource.svelte'

/** What narrows the audit; "" does not. */
export type AuditFilter = Pick<ListAudit, 'actor' | 'action' | 'decision' | 'from' | 'to'>

export const everyLine: AuditFilter = { actor: '', action: '', decision: '', from: '', to: '' }

const aDay = 86_400_000

/** The day after one: "2026-11-30" is followed by "2026-12-01". What is no day stays, for the program to refuse. */
export function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + aDay).toISOString().slice(0, 10)
}

/** The filter that an address asks for: "?action=kill.set&decision=refused&from=2026-11-01&to=2026-11-30", the days whole. */
export function auditFilterOf(query: URLSearchParams): AuditFilter {
  const filter = { ...everyLine }
  for (const key of ['actor', 'action', 'decision', 'from'] as const) filter[key] = query.get(key) ?? ''
  filter.to = dayAfter(query.get('to') ?? '')
  return filter
}

export function auditList(api: Api, connection: Connection): FilteredList<AuditRow, AuditFilter> {
  return new FilteredList(
    connection,
    ({ filter, ...page }) => api.audit.list({ ...filter, ...page }),
    (row) => String(row.line),
    ['audit'],
    everyLine,
  )
}

/** One line. It never changes once it is written. */
export function auditLine(api: Api, connection: Connection, line: number): Resource<AuditRow> {
  return new Resource({ connection, read: () => api.audit.get({ line }), topics: [] })
}

/** Whether every line follows from the one before, once somebody has asked. */
export class AuditChain {
  readonly verify: Act<void, AuditCheck>
  /** When the last answer came, by this page's clock in ms. */
  at = $state(0)

  constructor(api: Api) {
    this.verify = new Act(async () => {
      const found = await api.audit.verify()
      this.at = Date.now()
      return found
    })
  }
}

/** The next piece of the file of a filter; the first is asked for with "". */
export function auditFile(api: Api, filter: AuditFilter, format: 'csv' | 'jsonl') {
  return async (cursor: string) => {
    const { text, lines, next } = await api.audit.export({ ...filter, format, after: Math.trunc(+cursor) })
    return { text, rows: lines, next: next === 0 ? '' : String(next) }
  }
}
