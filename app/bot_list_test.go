package app

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hoox/backend/chat"
)

// phoneWide is how many letters of one width a phone shows in a row.
const phoneWide = 34

func TestEveryTableFitsAPhone(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.buy()
	if status, answer := f.p.alert(`"exchange":"binance","action":"LONG","symbol":"ETHUSDT","quantity":"0.25","orderType":"limit","price":"1000.5"`); status != 200 {
		t.Fatalf("a resting entry was answered %d %+v", status, answer)
	}
	f.say("/lock BTCUSDT 2h")
	tables := 0
	for _, c := range f.commands {
		if c.halts {
			continue
		}
		f.asked[f.user] = nil
		_, answer := f.hear(f.update("/" + c.name))
		for _, m := range answer.Messages {
			for _, part := range strings.Split(m.HTML, "<pre>")[1:] {
				tables++
				table, _, _ := strings.Cut(part, "</pre>")
				for _, line := range strings.Split(chat.Words(table), "\n") {
					if n := utf8.RuneCountInString(line); n > phoneWide {
						t.Errorf("/%s: %q has %d letters, want at most %d: a phone breaks the line, and no column lines up", c.name, line, n, phoneWide)
					}
				}
			}
		}
	}
	if tables < 8 {
		t.Errorf("%d tables: this test looks at nothing", tables)
	}
	if had := f.say("/orders"); !strings.Contains(had, "buy 0.25 ETHUSDT at 1000.5") || !strings.Contains(had, "binance:paper (PAPER)") {
		t.Errorf("/orders: had %q, want the order, its account and its mode", had)
	}
	if had := f.say("/trades"); !strings.Contains(had, "buy 0.01 BTCUSDT at ") || !strings.Contains(had, "paper:paper") {
		t.Errorf("/trades: had %q, want the fill and its account", had)
	}
}

func TestTheHelpNamesEveryCommandAtItsRole(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	text, err := os.ReadFile("help/telegram.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[chat.Role]string{}
	for _, line := range strings.Split(string(text), "\n") {
		for _, role := range chat.Roles() {
			if strings.HasPrefix(line, "| "+string(role)+" |") {
				rows[role] = line
			}
		}
	}
	for _, c := range f.commands {
		off := strings.Contains("/report /chart /ask /search", "/"+c.name) && strings.Contains(string(text), "`/"+c.name+"`")
		if !off && !strings.Contains(rows[c.needs], "`/"+c.name+"`") {
			t.Errorf("/%s takes the role %s, and the help does not say so: %q", c.name, c.needs, rows[c.needs])
		}
	}
}

func TestTheLogIsShownInWordsAndByTheClockHere(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.zone = time.FixedZone("there", 5*3600)
	f.p.house.log.Warn("the <feed> is late", "exchange", "bybit")
	had := f.say("/logs")
	now := f.p.house.now().In(f.zone)
	if !strings.Contains(had, "WARN the <feed> is late") || !strings.Contains(had, "exchange=bybit") || strings.Contains(had, "{") {
		t.Errorf("had %q, want words", had)
	}
	if !strings.Contains(had, now.Format("15:04")) && !strings.Contains(had, now.Add(-time.Minute).Format("15:04")) {
		t.Errorf("had %q, want the time of the clock here, %s", had, now.Format("15:04"))
	}
}
