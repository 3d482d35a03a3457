package chat

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Escape makes any text safe inside a message: what it says is shown, never read as markup. Control and direction characters,
// with which a text can pretend to be another line, are taken out.
func Escape(text string) string { return html.EscapeString(plain(text)) }

// Bold and Code are Escape with the words marked.
func Bold(text string) string { return "<b>" + Escape(text) + "</b>" }

// Code is text in letters of one width.
func Code(text string) string { return "<code>" + Escape(text) + "</code>" }

// plain leaves line breaks and letters.
func plain(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0,
			r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, text)
}

// Line is text on one line, at most wide characters long.
func Line(text string, wide int) string {
	text = strings.Join(strings.Fields(plain(text)), " ")
	if utf8.RuneCountInString(text) <= wide {
		return text
	}
	return string([]rune(text)[:wide-1]) + "…"
}

// Sheet is a table in letters of one width. Columns whose heading ends with ">" stand to the right, so that digits line up.
type Sheet struct {
	heads []string
	right []bool
	rows  [][]string
}

// NewSheet makes a table with headings.
func NewSheet(heads ...string) *Sheet {
	s := &Sheet{}
	for _, head := range heads {
		name, right := strings.CutSuffix(head, ">")
		s.heads, s.right = append(s.heads, name), append(s.right, right)
	}
	return s
}

// Add adds a row; what is unknown is a dash.
func (s *Sheet) Add(cells ...string) {
	row := make([]string, len(s.heads))
	for i := range row {
		row[i] = "–"
		if i < len(cells) && cells[i] != "" {
			row[i] = Line(cells[i], maxCell)
		}
	}
	s.rows = append(s.rows, row)
}

// maxCell bounds one cell: a phone shows about 34 letters in a row.
const maxCell = 24

// Empty tells whether there is no row.
func (s *Sheet) Empty() bool { return len(s.rows) == 0 }

// HTML is the table.
func (s *Sheet) HTML() string {
	widths := make([]int, len(s.heads))
	for i, head := range s.heads {
		widths[i] = utf8.RuneCountInString(head)
		for _, row := range s.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		var text strings.Builder
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if s.right[i] {
				cell = pad + cell
			} else {
				cell += pad
			}
			if i > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(cell)
		}
		b.WriteString(html.EscapeString(strings.TrimRight(text.String(), " ")) + "\n")
	}
	line(s.heads)
	for _, row := range s.rows {
		line(row)
	}
	return "<pre>" + strings.TrimSuffix(b.String(), "\n") + "</pre>"
}

// Length is how long the messenger finds a text: in UTF-16 units, without its markup.
func Length(text string) int {
	return len(utf16.Encode([]rune(Words(text))))
}

// Words is a message as plain text, as a person reads it.
func Words(text string) string { return html.UnescapeString(tagless(text)) }

func tagless(text string) string {
	var b strings.Builder
	inside := false
	for _, r := range text {
		switch {
		case r == '<':
			inside = true
		case r == '>' && inside:
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Split cuts a text into messages of at most limit characters, at ends of lines. A table that is cut is a table on both sides. A
// line that is too long alone is cut where it must be.
func Split(text string, limit int) []string {
	if Length(text) <= limit {
		return []string{text}
	}
	var parts []string
	var part strings.Builder
	sheet := false
	flush := func() {
		if strings.TrimSpace(tagless(part.String())) != "" {
			if sheet {
				part.WriteString("</pre>")
			}
			parts = append(parts, strings.Trim(part.String(), "\n"))
		}
		part.Reset()
		if sheet {
			part.WriteString("<pre>")
		}
	}
	for _, line := range strings.Split(text, "\n") {
		for _, piece := range pieces(line, limit) {
			if Length(part.String())+1+Length(piece) > limit {
				flush()
			}
			if part.Len() > 0 && part.String() != "<pre>" {
				part.WriteByte('\n')
			}
			part.WriteString(piece)
			if open, end := strings.LastIndex(piece, "<pre>"), strings.LastIndex(piece, "</pre>"); open >= 0 || end >= 0 {
				sheet = open > end
			}
		}
	}
	flush()
	return parts
}

// pieces cuts one line that is longer than a message. Its marks are lost: half a mark would make the whole message unreadable.
func pieces(line string, limit int) []string {
	if Length(line) <= limit {
		return []string{line}
	}
	var list []string
	var piece strings.Builder
	size := 0
	for _, r := range Words(line) {
		if n := len(utf16.Encode([]rune{r})); size+n > limit {
			list = append(list, html.EscapeString(piece.String()))
			piece.Reset()
			size = n
		} else {
			size += n
		}
		piece.WriteRune(r)
	}
	return append(list, html.EscapeString(piece.String()))
}
