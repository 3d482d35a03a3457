import { describe, expect, it, vi } from 'vitest'
import { csvCell, csvHead, csvRows } from '$lib/components/table/csv'
import { csvPieces, Exporter } from '$lib/components/table/exporter.svelte'

describe('csvCell', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['a\r\nb', '"a\r\nb"'],
    [' padded ', '" padded "'],
  ])('quotes %j after RFC 4180', (text, cell) => expect(csvCell(text)).toBe(cell))

  it.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['+44', "'+44"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['-', "'-"],
  ])('makes text of the formula %j', (text, cell) => expect(csvCell(text)).toBe(cell))

  it.each(['-12.50', '0.00000001', '67412.5', '-0'])('leaves the number %s a number', (text) =>
    expect(csvCell(text)).toBe(text),
  )
})

const columns = [
  { name: 'id', text: (row: { id: string; note: string }) => row.id },
  { name: 'note', text: (row: { id: string; note: string }) => row.note },
]

describe('Exporter', () => {
  it('writes a head and one line for each row', () => {
    expect(csvHead(columns) + csvRows(columns, [{ id: '1', note: 'a,b' }])).toBe('id,note\r\n1,"a,b"\r\n')
  })

  it('reads page after page into one file', async () => {
    const pages = [
      { items: [{ id: '1', note: '' }], next: 'one' },
      { items: [{ id: '2', note: '=x' }], next: '' },
    ]
    const read = vi.fn(async () => pages.shift() ?? { items: [], next: '' })
    const exporter = new Exporter()
    const file = await exporter.run(csvPieces(read, columns), 'text/csv')
    expect(read.mock.calls).toEqual([[''], ['one']])
    expect(exporter.rows).toBe(2)
    expect(await file?.text()).toBe("id,note\r\n1,\r\n2,'=x\r\n")
  })

  it('stops when it is cancelled and keeps no file', async () => {
    const exporter = new Exporter()
    let reads = 0
    const file = await exporter.run(async () => {
      reads += 1
      if (reads === 2) exporter.cancel()
      return { text: `${reads}\n`, rows: 1, next: 'more' }
    }, 'text/plain')
    expect(reads).toBe(2)
    expect(file).toBeUndefined()
    expect(exporter.busy).toBe(false)
  })

  it('says what went wrong', async () => {
    const exporter = new Exporter()
    await exporter.run(() => Promise.reject(new Error('the ledger is locked')), 'text/csv')
    expect(exporter.error).toBe('the ledger is locked')
    expect(exporter.file).toBeUndefined()
  })
})
