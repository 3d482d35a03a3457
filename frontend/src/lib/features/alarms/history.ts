import type { AlarmRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { alarmKind } from './words'

/** The columns of what was acknowledged. */
export const columns: Column<AlarmRow>[] = [
  {
    key: 'seen',
    label: 'Seen',
    help: 'When it was acknowledged',
    track: '72px',
    text: (r) => absolute(r.acknowledgedAt),
  },
  { key: 'by', label: 'By', help: 'Who acknowledged it', track: '88px', text: (r) => r.acknowledgedBy },
  {
    key: 'kind',
    label: 'Alarm',
    help: 'What it was',
    track: 'minmax(144px, 0.7fr)',
    text: (r) => alarmKind(r.kind).word,
  },
  { key: 'text', label: 'What it said', help: 'Its last words', track: 'minmax(160px, 2fr)', text: (r) => r.text },
  { key: 'first', label: 'First', help: 'When it first rang', track: '72px', text: (r) => absolute(r.firstAt) },
  {
    key: 'count',
    label: 'Times',
    help: 'How often it happened until then',
    track: '48px',
    end: true,
    text: (r) => `${r.count}×`,
  },
]
