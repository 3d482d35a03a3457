import type { SecretRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { counts, sourceWords } from './words'

export const columns: Column<SecretRow>[] = [
  {
    key: 'name',
    label: 'Secret',
    help: 'Its name in the vault',
    track: 'minmax(208px, 1fr)',
    text: (row) => row.name,
  },
  {
    key: 'help',
    label: 'What it is',
    help: 'What it is for',
    track: 'minmax(160px, 2fr)',
    text: (row) => row.help,
  },
  {
    key: 'source',
    label: 'From',
    help: 'The vault, or a variable of the environment, which wins for one run',
    track: '80px',
    text: sourceWords,
  },
  {
    key: 'hint',
    label: 'Ends in',
    help: 'The last four characters, where they are a name and no secret',
    track: '64px',
    text: (row) => row.hint,
  },
  {
    key: 'counts',
    label: 'A change counts',
    help: 'When another value comes into force',
    track: '160px',
    from: 760,
    text: counts,
  },
  { key: 'deeds', label: '', help: '', track: '32px', text: () => '' },
]
