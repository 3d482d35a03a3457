import type { Api, SettingHistory, SettingList, SettingRow, SetSetting } from '$lib/api'
import { Act } from './act.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** The registry of settings. Whether a value is allowed is the program's word, not the page's. */
export class SettingsStore {
  readonly list: Resource<SettingList>
  #api: Api

  constructor(api: Api, connection: Connection) {
    this.#api = api
    this.list = new Resource({
      connection,
      read: () => api.settings.list(),
      topics: ['settings'],
    })
  }

  /** A change of one row; the row the program answers takes the place of the old one. */
  change(): Act<SetSetting, SettingRow> {
    return new Act(async (req) => {
      const row = await this.#api.settings.set(req)
      const items = (this.list.data?.items ?? []).map((old) => (old.key === row.key ? row : old))
      this.list.put({ items, next: '' })
      return row
    })
  }

  history(): Act<string, SettingHistory> {
    return new Act((key) => this.#api.settings.history({ key }))
  }
}

/** The names that only stand for another setting, by the name they stand for. */
export function settingAliases(rows: SettingRow[]): Map<string, string[]> {
  const aliases = new Map<string, string[]>()
  for (const row of rows) {
    const key = /^Another name of (\S+)\.$/.exec(row.help)?.[1]
    if (key === undefined || !rows.some((other) => other.key === key)) continue
    aliases.set(key, [...(aliases.get(key) ?? []), row.key])
  }
  return aliases
}

/** The rows whose key, meaning, group or value holds every word of the search, grouped in the registry's order. Another name
 * of a setting has no row of its own; a search for it finds the setting. */
export function groupSettings(rows: SettingRow[], search: string, changedOnly: boolean): [string, SettingRow[]][] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, SettingRow[]>()
  const aliases = settingAliases(rows)
  const doubles = new Set([...aliases.values()].flat())
  for (const row of rows) {
    if (doubles.has(row.key)) continue
    if (changedOnly && row.value === row.default) continue
    const text =
      `${row.key} ${(aliases.get(row.key) ?? []).join(' ')} ${row.group} ${row.help} ${row.value}`.toLowerCase()
    if (!wanted.every((word) => text.includes(word))) continue
    const group = groups.get(row.group)
    if (group) group.push(row)
    else groups.set(row.group, [row])
  }
  return [...groups]
}
