package telegramsim

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// tags are those of the small HTML, with what may stand in them.
var tags = map[string]*regexp.Regexp{
	"b": none, "strong": none, "i": none, "em": none, "u": none, "ins": none, "s": none, "strike": none, "del": none, "pre": none, "tg-spoiler": none,
	"code":       regexp.MustCompile(`^( class="language-[^"]*")?$`),
	"span":       regexp.MustCompile(`^ class="tg-spoiler"$`),
	"a":          regexp.MustCompile(`^ href="[^"]*"$`),
	"blockquote": regexp.MustCompile(`^( expandable)?$`),
}

var none = regexp.MustCompile(`^$`)

// plain is what a person reads of a text with markup; wrong says, in the real server's words, why it does not read it.
func plain(text string) (read, wrong string) {
	var out strings.Builder
	var open []string
	for at := 0; at < len(text); {
		if text[at] != '<' {
			end := strings.IndexByte(text[at:], '<')
			if end < 0 {
				end = len(text) - at
			}
			out.WriteString(html.UnescapeString(text[at : at+end]))
			at += end
			continue
		}
		end := strings.IndexByte(text[at:], '>')
		if end < 0 {
			return "", fmt.Sprintf("Unclosed start tag at byte offset %d", at)
		}
		inside := text[at+1 : at+end]
		if name, closing := strings.CutPrefix(inside, "/"); closing {
			if len(open) == 0 {
				return "", fmt.Sprintf("Unexpected end tag at byte offset %d", at)
			}
			if last := open[len(open)-1]; last != strings.ToLower(name) {
				return "", fmt.Sprintf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", at, last, name)
			}
			open = open[:len(open)-1]
		} else {
			name, rest, _ := strings.Cut(inside, " ")
			if rest != "" {
				rest = " " + rest
			}
			shape, known := tags[strings.ToLower(name)]
			if !known || !shape.MatchString(rest) {
				return "", fmt.Sprintf("Unsupported start tag \"%s\" at byte offset %d", name, at)
			}
			open = append(open, strings.ToLower(name))
		}
		at += end + 1
	}
	if len(open) > 0 {
		return "", fmt.Sprintf("Can't find end tag corresponding to start tag \"%s\"", open[len(open)-1])
	}
	return out.String(), ""
}
