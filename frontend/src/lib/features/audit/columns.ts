import type { AuditRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { changeWords, deedWords, resultOf, whoShort } from './words'

export const columns: Column<AuditRow>[] = [
  { key: 'at', label: 'When', help: 'When it was written', track: '72px', text: (r) => absolute(r.at) },
  {
    key: 'who',
    label: 'Who',
    help: 'Window, command line, a browser, a token, the program by itself, or a stranger',
    track: 'minmax(112px, 1fr)',
    text: (r) => whoShort(r.actor),
  },
  {
    key: 'origin',
    label: 'From where',
    help: 'This computer, or the address it came from',
    track: 'minmax(96px, 0.6fr)',
    from: 880,
    text: (r) => r.origin,
  },
  {
    key: 'what',
    label: 'What',
    help: 'What was done or was to be done',
    track: 'minmax(128px, 1fr)',
    text: (r) => deedWords(r.action),
  },
  {
    key: 'about',
    label: 'About',
    help: 'What it was about',
    track: 'minmax(112px, 1.2fr)',
    from: 600,
    text: (r) => r.subject,
  },
  {
    key: 'change',
    label: 'Change',
    help: 'Before and after, and why',
    track: 'minmax(112px, 1.6fr)',
    from: 1040,
    text: (r) => [changeWords(r), r.detail].filter(Boolean).join(' · '),
  },
  {
    key: 'result',
    label: 'Result',
    help: 'Done, refused or failed',
    track: '72px',
    text: (r) => resultOf(r.decision).word,
  },
]
