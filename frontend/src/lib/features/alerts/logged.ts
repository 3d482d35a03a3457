import type { AlertLog, LoggedAlert } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { count } from '$lib/format/words'

const shown = ['action', 'symbol', 'strategy', 'comment'] as const

/** What an alert asks for in a few words; its whole message where it is no JSON. */
export function gist(message: string): string {
  try {
    const fields = JSON.parse(message) as Record<string, unknown>
    const words = shown.map((name) => fields[name]).filter((value) => typeof value === 'string' && value !== '')
    if (words.length > 0) return words.join(' ')
  } catch {
    // It is shown as it is.
  }
  return message.replace(/\s+/g, ' ')
}

/** From the first to the last alert in the file. */
export function spanWords(log: AlertLog): string {
  return log.from === '' ? '' : `${absolute(log.from).replace(' UTC', '')} to ${absolute(log.to)}`
}

export interface Verdict {
  tone: 'good' | 'bad' | 'warn'
  text: string
}

/** What the log shows, in one sentence. */
export function verdictOf(log: AlertLog): Verdict {
  const { lines, ours, missed } = log
  if (lines === 0) return { tone: 'warn', text: 'There is no alert in this file.' }
  if (ours === 0)
    return { tone: 'warn', text: `None of the ${count(lines, 'alert')} in this file is for this program.` }
  if (missed.length === 0) {
    const all = ours === 1 ? 'the one alert for this program arrived' : `all ${ours} alerts for this program arrived`
    return { tone: 'good', text: `Nothing was missed: ${all}.` }
  }
  const verb = missed.length === 1 ? 'is missing: it' : 'are missing: they'
  return { tone: 'bad', text: `${missed.length} of ${count(ours, 'alert')} ${verb} never came in.` }
}

const base: Column<LoggedAlert>[] = [
  {
    key: 'line',
    label: 'Line',
    help: 'Where it stands in the file, 1 is the heading',
    track: '40px',
    end: true,
    text: (row) => String(row.line),
  },
  {
    key: 'at',
    label: 'Fired, UTC',
    help: 'When TradingView fired it',
    track: '168px',
    text: (row) => absolute(row.at).replace(' UTC', ''),
  },
  {
    key: 'name',
    label: 'Alert',
    help: 'What the alert is called in TradingView',
    track: 'minmax(104px, 1fr)',
    text: (row) => row.name,
  },
  {
    key: 'ticker',
    label: 'Chart',
    help: 'The chart that it watches',
    track: 'minmax(104px, 1fr)',
    from: 760,
    text: (row) => row.ticker,
  },
]

export const missedColumns: Column<LoggedAlert>[] = [
  ...base,
  {
    key: 'delivery',
    label: 'TradingView says',
    help: 'What TradingView says about the delivery',
    track: 'minmax(112px, 1fr)',
    text: (row) => row.delivery,
  },
  {
    key: 'message',
    label: 'Asked for',
    help: 'What the alert asked for',
    track: 'minmax(144px, 2fr)',
    text: (row) => gist(row.message),
  },
]

export const otherColumns: Column<LoggedAlert>[] = [
  ...base,
  {
    key: 'notOurs',
    label: 'Why it is not ours',
    help: 'What is wrong with its message',
    track: 'minmax(200px, 3fr)',
    text: (row) => row.notOurs,
  },
]
