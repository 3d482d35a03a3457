import type { TelegramLine, UploadRow } from '$lib/api'
import type { Column } from '$lib/components/table/column'
import { absolute } from '$lib/format/time'
import { kindWord, lineState, sizeWords } from './words'

export const logColumns: Column<TelegramLine>[] = [
  { key: 'at', label: 'When', help: 'When it was said', track: '88px', text: (line) => absolute(line.at) },
  {
    key: 'who',
    label: 'Who',
    help: 'From whom it came, or to whom it goes',
    track: 'minmax(112px, 1.2fr)',
    text: (line) => line.who || line.chat,
  },
  {
    key: 'kind',
    label: 'Kind',
    help: 'Why it was said',
    track: '120px',
    from: 760,
    text: (line) => kindWord(line.kind),
  },
  { key: 'words', label: 'Words', help: 'What was said', track: 'minmax(160px, 5fr)', text: (line) => line.words },
  { key: 'state', label: 'State', help: 'What came of it', track: '112px', text: (line) => lineState(line.state).word },
  {
    key: 'detail',
    label: 'Why',
    help: 'Why it was not done or not delivered',
    track: 'minmax(120px, 2.5fr)',
    from: 900,
    text: (line) => line.detail,
  },
]

export const uploadColumns: Column<UploadRow>[] = [
  { key: 'at', label: 'When', help: 'When it was sent', track: '88px', text: (row) => absolute(row.at) },
  { key: 'who', label: 'Who', help: 'Who sent it', track: 'minmax(112px, 1.2fr)', text: (row) => row.who },
  {
    key: 'title',
    label: 'File',
    help: 'What the sender called it; a picture has no name',
    track: 'minmax(120px, 2fr)',
    text: (row) => row.title,
  },
  {
    key: 'type',
    label: 'Type',
    help: 'What it is, by its bytes and not by its name',
    track: '128px',
    from: 760,
    text: (row) => row.type,
  },
  { key: 'size', label: 'Size', help: 'How large it is', track: '72px', end: true, text: (row) => sizeWords(row.size) },
  {
    key: 'caption',
    label: 'Caption',
    help: 'What was written beside it',
    track: 'minmax(120px, 3fr)',
    text: (row) => row.caption,
  },
  { key: 'deeds', label: '', help: '', track: '32px', text: () => '' },
]
