package app

import (
	"io"
	"strings"
	"unicode/utf8"
)

// column is a heading, and on which side its values stand: money and sizes to the right, so that digits line up.
type column struct {
	name  string
	right bool
}

// table is aligned text for a person.
type table struct {
	columns []column
	rows    [][]string
}

// columns reads headings; one that ends with ">" stands to the right.
func columns(names ...string) table {
	t := table{}
	for _, name := range names {
		plain, right := strings.CutSuffix(name, ">")
		t.columns = append(t.columns, column{plain, right})
	}
	return t
}

// blank is a cell that is empty on purpose; an unknown value is a dash.
const blank = " "

// add adds a row. Unknown values are a dash; line breaks and control characters cannot forge another row.
func (t *table) add(values ...string) {
	row := make([]string, len(t.columns))
	for i := range row {
		if i < len(values) {
			row[i] = plainLine(values[i])
		}
		if row[i] == "" && (i >= len(values) || values[i] != blank) {
			row[i] = "–"
		}
	}
	t.rows = append(t.rows, row)
}

// plainLine is a text on one line without control characters: what an alert says is outside text.
func plainLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, s))
}

// print writes the table; the last column is not padded.
func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = utf8.RuneCountInString(c.name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	line := func(cell func(int) string) {
		for i, c := range t.columns {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell(i)))
			switch {
			case c.right:
				b.WriteString(pad + cell(i))
			case i == len(t.columns)-1:
				b.WriteString(cell(i))
			default:
				b.WriteString(cell(i) + pad)
			}
			if i < len(t.columns)-1 {
				b.WriteString("  ")
			}
		}
		b.WriteString("\n")
	}
	line(func(i int) string { return strings.ToUpper(t.columns[i].name) })
	for _, row := range t.rows {
		line(func(i int) string { return row[i] })
	}
	_, _ = io.WriteString(w, b.String()) // nobody is left to tell when the terminal is gone
}
