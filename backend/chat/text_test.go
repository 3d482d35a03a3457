package chat_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"hoox/backend/chat"
)

func TestWhatSomebodyElseWroteIsNeverMarkup(t *testing.T) {
	had := chat.Escape("<b>BTC</b> & \"x\"\u202e\x1b[31m\ngo")
	if want := "&lt;b&gt;BTC&lt;/b&gt; &amp; &#34;x&#34;[31m\ngo"; had != want {
		t.Fatalf("want %q, had %q: outside text could dress up as ours", want, had)
	}
	if had := chat.Bold("</b><a href=\"tg://x\">"); strings.Count(had, "<") != 2 {
		t.Fatalf("had %q, want two tags, both ours", had)
	}
}

func TestDigitsOfATableLineUp(t *testing.T) {
	s := chat.NewSheet("symbol", "qty>")
	s.Add("BTCUSDT", "0.010")
	s.Add("DOGE<USDT", "1200")
	s.Add("ETH\nUSDT")
	want := "<pre>symbol      qty\nBTCUSDT   0.010\nDOGE&lt;USDT  1200\nETH USDT      –</pre>"
	if had := s.HTML(); had != want {
		t.Fatalf("want\n%s\nhad\n%s", want, had)
	}
}

func TestALongTextIsCutAtLinesAndStaysReadable(t *testing.T) {
	s := chat.NewSheet("n>", "what")
	for i := range 400 {
		s.Add(fmt.Sprint(i), "<a> & line")
	}
	text := "head\n" + s.HTML() + "\n" + chat.Escape(strings.Repeat("😀<", 3000)) + "\ntail"
	parts := chat.Split(text, chat.MaxText)
	if len(parts) < 4 {
		t.Fatalf("had %d parts of %d characters", len(parts), chat.Length(text))
	}
	var all strings.Builder
	for i, part := range parts {
		if n := chat.Length(part); n > chat.MaxText || n == 0 {
			t.Errorf("part %d has %d characters, want 1 to %d: the messenger refuses it", i, n, chat.MaxText)
		}
		if strings.Count(part, "<pre>") != strings.Count(part, "</pre>") {
			t.Errorf("part %d opens a table and does not end it: the messenger refuses the whole message\n%s", i, part)
		}
		all.WriteString(html.UnescapeString(strings.NewReplacer("<pre>", "", "</pre>", "").Replace(part)))
	}
	squeeze := func(s string) string { return strings.ReplaceAll(s, "\n", "") }
	whole := html.UnescapeString(strings.NewReplacer("<pre>", "", "</pre>", "").Replace(text))
	if squeeze(all.String()) != squeeze(whole) {
		t.Error("the parts together are not the text: something was dropped without a word")
	}
}

func FuzzSplitLosesNothing(f *testing.F) {
	f.Add("a\nb", 10)
	f.Add(strings.Repeat("x", 50)+"\n"+strings.Repeat("é😀", 30), 16)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 8 || limit > 200 || len(text) > 2000 {
			return
		}
		parts := chat.Split(chat.Escape(text), limit)
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		for _, part := range parts {
			if chat.Length(part) > limit {
				t.Fatalf("a part of %d characters, want at most %d", chat.Length(part), limit)
			}
		}
		if had, want := squeeze(html.UnescapeString(strings.Join(parts, ""))), squeeze(html.UnescapeString(chat.Escape(text))); had != want {
			t.Fatalf("want %q, had %q", want, had)
		}
	})
}

func TestCommandsAreReadAndThoseOfOtherBotsAreNot(t *testing.T) {
	for _, c := range []struct {
		text, name, rest string
		ok               bool
	}{
		{"/status", "status", "", true},
		{" /Close@Hoox_Bot  BTCUSDT 50 ", "close", "BTCUSDT 50", true},
		{"/close@other BTCUSDT", "", "", false},
		{"/close\nBTCUSDT", "close", "BTCUSDT", true},
		{"close BTCUSDT", "", "", false},
		{"/", "", "", false},
		{"/ status", "", "", false},
		{"/stätus", "", "", false},
	} {
		had, ok := chat.Parse(c.text, "hoox_bot")
		if ok != c.ok || had.Name != c.name || had.Rest != c.rest {
			t.Errorf("%q: had %+v %v, want %q with %q, %v", c.text, had, ok, c.name, c.rest, c.ok)
		}
	}
}

func TestARoleThatIsNoneMayNothing(t *testing.T) {
	for _, needed := range chat.Roles() {
		if chat.Role("").May(needed) || chat.Role("admin").May(needed) {
			t.Errorf("no role may what a %s may", needed)
		}
	}
	if chat.Viewer.May(chat.Operator) || !chat.Owner.May(chat.Operator) || !chat.Viewer.May(chat.Viewer) {
		t.Error("each role has all that the one before may, and no more")
	}
	if chat.Viewer.May("") {
		t.Error("what needs no known role is nobody's")
	}
}
