import type { SessionRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'

export const columns: Column<SessionRow>[] = [
  {
    key: 'browser',
    label: 'Browser',
    help: 'Which one it is, as it says itself',
    track: 'minmax(136px, 2fr)',
    text: (row) => row.browser,
  },
  {
    key: 'address',
    label: 'From',
    help: 'The address that it signed in from',
    track: 'minmax(88px, 1fr)',
    text: (row) => row.address,
  },
  {
    key: 'signedIn',
    label: 'Signed in',
    help: 'When it signed in',
    track: '88px',
    text: (row) => absolute(row.signedInAt),
  },
  {
    key: 'seen',
    label: 'Last seen',
    help: 'When it was heard of',
    track: '88px',
    text: (row) => absolute(row.lastSeen),
  },
  {
    key: 'ends',
    label: 'Ends',
    help: 'When it is signed out if nothing more is heard of it',
    track: '88px',
    from: 560,
    text: (row) => absolute(row.expiresAt),
  },
  {
    key: 'state',
    label: '',
    help: '',
    track: '112px',
    text: (row) => (row.current ? 'this browser' : ''),
  },
  { key: 'deeds', label: '', help: '', track: '96px', end: true, text: () => '' },
]
