package sqlite_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hoox/backend/audit"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// said writes a line of the audit.
func (h *house) said(subject string) {
	h.t.Helper()
	err := h.Audit(context.Background(), audit.Entry{Actor: "window", Origin: "this computer", Action: audit.SetSecret, Subject: subject, Decision: audit.Done})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) lines(p audit.Page) []audit.Entry {
	h.t.Helper()
	list, _, err := h.AuditLines(context.Background(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// TestTheAuditIsAppendOnly is item J9.
func TestTheAuditIsAppendOnly(t *testing.T) {
	h := newHouse(t)
	h.said("a")
	for _, forbidden := range []string{`UPDATE audit SET actor = 'nobody'`, `DELETE FROM audit`, `DELETE FROM audit WHERE seq = 1`} {
		if err := h.Exec(context.Background(), nil, forbidden); err == nil {
			t.Errorf("%s went through: a line once written stays", forbidden)
		}
	}
	h.said("b")
	if got := h.lines(audit.Page{}); len(got) != 2 || got[0].Subject != "b" || got[1].Subject != "a" {
		t.Errorf("had %+v, want both lines, newest first", got)
	}
	h.sound()
}

// TestNoStatementChangesTheAudit is item J9 too: the code has no such statement to begin with.
func TestNoStatementChangesTheAudit(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	changes := regexp.MustCompile(`(?is)(UPDATE\s+(OR\s+\w+\s+)?|DELETE\s+FROM\s+|REPLACE\s+INTO\s+|DROP\s+\w+\s+)audit`)
	writes := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if changes.MatchString(lit.Value) {
				t.Errorf("%s has %s", file, lit.Value)
			}
			if strings.Contains(lit.Value, "INSERT INTO audit ") {
				writes++
			}
			return true
		})
	}
	if writes != 1 {
		t.Errorf("%d statements write the audit, want one: else a line could be written without its link", writes)
	}
}

// TestAnEditedAuditIsFound is item J9: whoever edits the file behind our back is found, whichever column it is.
func TestAnEditedAuditIsFound(t *testing.T) {
	for name, edit := range map[string]string{
		"actor":       `UPDATE audit SET actor = 'somebody else' WHERE seq = 3`,
		"origin":      `UPDATE audit SET origin = '1.2.3.4' WHERE seq = 3`,
		"action":      `UPDATE audit SET action = 'secret.delete' WHERE seq = 3`,
		"subject":     `UPDATE audit SET subject = 'x' WHERE seq = 3`,
		"decision":    `UPDATE audit SET decision = 'refused' WHERE seq = 3`,
		"before":      `UPDATE audit SET before = 'x' WHERE seq = 3`,
		"after":       `UPDATE audit SET after = 'x' WHERE seq = 3`,
		"detail":      `UPDATE audit SET detail = 'x' WHERE seq = 3`,
		"time":        `UPDATE audit SET at = at + 1 WHERE seq = 3`,
		"shifted":     `UPDATE audit SET subject = 'ne', before = 'w' WHERE seq = 3`,
		"hash":        `UPDATE audit SET hash = zeroblob(32) WHERE seq = 5`,
		"first":       `DELETE FROM audit WHERE seq = 1`,
		"middle":      `DELETE FROM audit WHERE seq = 3`,
		"last":        `DELETE FROM audit WHERE seq = 5`,
		"all":         `DELETE FROM audit`,
		"one slipped": `INSERT INTO audit SELECT 6, at, actor, origin, action, subject, decision, before, after, detail, prev_hash, hash FROM audit WHERE seq = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for _, subject := range []string{"a", "b", "new", "c", "d"} {
				h.said(subject)
			}
			h.sound()
			_ = h.Close()
			if err := sqlite.Alter(context.Background(), h.file, `DROP TRIGGER audit_no_update`, `DROP TRIGGER audit_no_delete`, edit); err != nil {
				t.Fatal(err)
			}
			h.open()
			for _, newest := range []int64{0, 1000} {
				if found, err := h.CheckAudit(context.Background(), newest); err != nil || found.Wrong == "" {
					t.Errorf("checked %d: had %+v %v, want the edit found", newest, found, err)
				}
			}
			h.said("goes on")
			if found, err := h.CheckAudit(context.Background(), 0); err != nil || found.Wrong == "" {
				t.Errorf("had %+v %v: a line that is written later must not hide the edit", found, err)
			}
			findings, err := h.Verify(context.Background())
			if err != nil || findings[len(findings)-1].Check != "audit" || findings[len(findings)-1].OK {
				t.Errorf("verify says %+v %v, want the audit wrong", findings, err)
			}
			if findings, err := h.Check(context.Background()); err != nil || len(findings) != len(h.checksAtStart()) {
				t.Errorf("the check at the start has %d findings: a broken audit alarms, but closes must go", len(findings))
			}
		})
	}
}

// checksAtStart are the checks that keep a ledger from being traded on.
func (h *house) checksAtStart() []string {
	return []string{"file", "references", "journal", "orders as decided", "settings and history", "fills and orders", "fills and positions", "cash and balances", "keys"}
}

func TestTheStartLooksAtTheNewestLinesOnly(t *testing.T) {
	h := newHouse(t)
	for range 12 {
		h.said("x")
	}
	_ = h.Close()
	if err := sqlite.Alter(context.Background(), h.file, `DROP TRIGGER audit_no_update`, `UPDATE audit SET actor = 'x' WHERE seq = 2`); err != nil {
		t.Fatal(err)
	}
	h.open()
	if found, err := h.CheckAudit(context.Background(), 10); err != nil || found.Wrong != "" || found.Lines != 10 {
		t.Errorf("had %+v %v: the edit is older than the lines that were looked at", found, err)
	}
	if found, err := h.CheckAudit(context.Background(), 11); err != nil || !strings.Contains(found.Wrong, "line 2") {
		t.Errorf("had %+v %v, want line 2 named", found, err)
	}
}

func TestAWalkAlongTheChainTellsHowFarItHolds(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t)
	if found, err := h.CheckAudit(ctx, 0); err != nil || found != (audit.Check{}) {
		t.Errorf("had %+v %v of an audit without lines", found, err)
	}
	for range 5 {
		h.said("x")
		h.wait(time.Minute)
	}
	if found, err := h.CheckAudit(ctx, 0); err != nil || found != (audit.Check{Lines: 5, Since: noon}) {
		t.Errorf("had %+v %v, want five lines since noon", found, err)
	}
	for edit, want := range map[string]audit.Check{
		`UPDATE audit SET actor = 'x' WHERE seq = 4`: {Lines: 3, Since: noon, Wrong: "line 4 of the audit does not follow from the line before", Line: 4},
		`DELETE FROM audit WHERE seq > 2`:            {Lines: 2, Since: noon, Wrong: "the audit ends with line 2 and had 5"},
		`DELETE FROM audit WHERE seq = 1`:            {Wrong: "line 2 of the audit does not follow from the line before", Line: 2},
	} {
		t.Run(edit, func(t *testing.T) {
			h := newHouse(t)
			for range 5 {
				h.said("x")
			}
			_ = h.Close()
			if err := sqlite.Alter(ctx, h.file, `DROP TRIGGER audit_no_update`, `DROP TRIGGER audit_no_delete`, edit); err != nil {
				t.Fatal(err)
			}
			h.open()
			if found, err := h.CheckAudit(ctx, 0); err != nil || found != want {
				t.Errorf("had %+v %v, want %+v: a person must learn which lines can be trusted", found, err, want)
			}
		})
	}
}

func TestLinesAreNarrowedToWhatCameOfThem(t *testing.T) {
	h := newHouse(t)
	for n, decision := range []audit.Decision{audit.Done, audit.Refused, audit.Failed, audit.Refused} {
		e := audit.Entry{Actor: "window", Action: audit.SetSetting, Subject: string(rune('a' + n)), Decision: decision}
		if err := h.Audit(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	page := audit.Page{Decision: audit.Refused}
	if list := h.lines(page); len(list) != 2 || list[0].Subject != "d" || list[1].Subject != "b" {
		t.Errorf("had %+v, want what was refused and nothing else", list)
	}
	if list, err := h.AuditAfter(context.Background(), 2, page); err != nil || len(list) != 1 || list[0].Subject != "d" {
		t.Errorf("had %+v %v: a file holds what the list shows", list, err)
	}
}

func TestTheChainGoesOnAfterARestart(t *testing.T) {
	h := newHouse(t)
	h.said("a")
	h.reopen()
	h.said("b")
	h.reopen()
	h.said("c")
	h.sound()
	if n := len(h.lines(audit.Page{})); n != 3 {
		t.Errorf("%d lines, want 3", n)
	}
}

// TestAFactAndItsLineAreStoredTogether: the store writes the line of a change in the change's own transaction, under the name of
// whoever asked, and once only.
func TestAFactAndItsLineAreStoredTogether(t *testing.T) {
	h := newHouse(t)
	ctx, act := audit.Begin(context.Background(), audit.Who{Actor: "browser 1a2b", Origin: "127.0.0.1"}, audit.SetSetting)
	flushes := h.Flushes()
	if err := h.PutSetting(ctx, "trade:max_order_size", "9000", "browser", noon); err != nil {
		t.Fatal(err)
	}
	if n := h.Flushes() - flushes; n != 1 || !act.Noted() {
		t.Errorf("%d commits and noted %t, want setting and line in one", n, act.Noted())
	}
	if err := h.PutSetting(context.Background(), "trade:max_order_size", "1", "strategist", noon); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.SetStanding(ctx, risk.Standing{State: risk.Halted, Reason: "look", Actor: "browser", Since: noon}); err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteStrategy(ctx, "none", 1, "browser", noon); err == nil {
		t.Fatal("want no such strategy")
	}
	v := h.put(ema(), 0)
	if err := h.DeleteStrategy(context.Background(), ema().Name, v, "me", noon); err != nil {
		t.Fatal(err)
	}
	for _, on := range []bool{true, false} {
		if err := h.PutAccount(context.Background(), trading.Account{ID: testnet, Label: "mine", Enabled: on, CreatedAt: noon, Actor: "keys"}); err != nil {
			t.Fatal(err)
		}
	}
	var had []string
	for _, e := range h.lines(audit.Page{}) {
		had = append(had, strings.Join([]string{e.Actor, e.Origin, string(e.Action), e.Subject, string(e.Decision), e.Before, e.After, e.Detail}, "|"))
	}
	want := []string{
		"automatic: keys|this computer|account.enable|bybit:testnet|done|on mine|off mine|",
		"automatic: keys|this computer|account.add|bybit:testnet|done||on mine|",
		"automatic: me|this computer|strategy.delete|ema 9/21|done|version 1||",
		"automatic: me|this computer|strategy.save|ema 9/21|done||version 1|",
		"browser 1a2b|127.0.0.1|kill.set|trading|done|active|halted|look",
		"automatic: strategist|this computer|setting.set|trade:max_order_size|done|9000|1|",
		"browser 1a2b|127.0.0.1|setting.set|trade:max_order_size|done||9000|",
	}
	if strings.Join(had, "\n") != strings.Join(want, "\n") {
		t.Errorf("had\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheAuditIsNarrowedAndPaged(t *testing.T) {
	h := newHouse(t)
	for n := range 30 {
		actor, action := "window", audit.SetSecret
		if n%3 == 0 {
			actor, action = "browser 1a2b", audit.Login
		}
		err := h.Audit(context.Background(), audit.Entry{At: noon.Add(time.Duration(n) * time.Minute), Actor: actor, Action: action, Decision: audit.Done})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		page audit.Page
		want int
	}{
		"everything":        {audit.Page{}, 30},
		"an actor":          {audit.Page{Actor: "window"}, 20},
		"how actors begin":  {audit.Page{Actor: "browser"}, 10},
		"nobody":            {audit.Page{Actor: "%"}, 0},
		"an act":            {audit.Page{Action: audit.Login}, 10},
		"from":              {audit.Page{From: noon.Add(20 * time.Minute)}, 10},
		"to":                {audit.Page{To: noon.Add(20 * time.Minute)}, 20},
		"all at once":       {audit.Page{Actor: "browser", Action: audit.Login, From: noon.Add(3 * time.Minute), To: noon.Add(10 * time.Minute)}, 3},
		"an act of nobody":  {audit.Page{Actor: "window", Action: audit.Login}, 0},
		"an act not listed": {audit.Page{Action: "anything"}, 0},
	} {
		seen, p := map[int64]bool{}, c.page
		p.Limit = 4
		for {
			list, next, err := h.AuditLines(context.Background(), p)
			if err != nil {
				t.Fatal(name, err)
			}
			for _, e := range list {
				if seen[e.Seq] {
					t.Errorf("%s: line %d on two pages", name, e.Seq)
				}
				seen[e.Seq] = true
			}
			if p.Cursor = next; next == "" {
				break
			}
		}
		onwards, last := 0, int64(0)
		for {
			list, err := h.AuditAfter(context.Background(), last, p)
			if err != nil {
				t.Fatal(name, err)
			}
			for _, e := range list {
				if e.Seq <= last {
					t.Errorf("%s: line %d after %d", name, e.Seq, last)
				}
				onwards, last = onwards+1, e.Seq
			}
			if len(list) == 0 {
				break
			}
		}
		if len(seen) != c.want || onwards != c.want {
			t.Errorf("%s: %d lines backwards and %d onwards, want %d", name, len(seen), onwards, c.want)
		}
	}
	if _, _, err := h.AuditLines(context.Background(), audit.Page{Cursor: "nonsense"}); trading.KindOf(err) != trading.Invalid {
		t.Errorf("had %v, want Invalid", err)
	}
	if e, err := h.AuditLine(context.Background(), 7); err != nil || e.Seq != 7 || len(e.Hash) != 32 || len(e.Prev) != 32 {
		t.Errorf("had %+v %v", e, err)
	}
	if _, err := h.AuditLine(context.Background(), 99); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
}

func TestALineThatIsNoneIsRefusedAndALongOneIsCut(t *testing.T) {
	h := newHouse(t)
	for name, e := range map[string]audit.Entry{
		"no such act":      {Action: "coffee.make", Decision: audit.Done},
		"no such decision": {Action: audit.Login, Decision: "perhaps"},
	} {
		if err := h.Audit(context.Background(), e); trading.KindOf(err) != trading.Internal {
			t.Errorf("%s: had %v, want Internal", name, err)
		}
	}
	h.said("one\nforged " + strings.Repeat("x", 10_000))
	got := h.lines(audit.Page{})
	if len(got) != 1 || !strings.HasPrefix(got[0].Subject, `one\nforged xxx`) || len(got[0].Subject) > 200 || !got[0].At.Equal(noon) {
		t.Errorf("had %+v, want one line, escaped and short", got)
	}
	h.sound()
}
