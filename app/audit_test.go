package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/trading"
)

// lines are the newest lines of the audit.
func (p *program) lines(f AuditFilter) []AuditRow {
	p.t.Helper()
	return must[AuditPage](p, "Audit/List", ListAudit{AuditFilter: f, Limit: 500}).Items
}

// since are the lines after one, oldest first.
func (p *program) since(line int64) []AuditRow {
	p.t.Helper()
	list := p.lines(AuditFilter{})
	list = slices.DeleteFunc(list, func(r AuditRow) bool { return r.Line <= line })
	slices.Reverse(list)
	return list
}

// deeds is what every method leaves in the audit; a method that only looks leaves nothing.
var deeds = map[string]audit.Action{
	"Orders.Cancel": audit.CancelOrder, "Orders.Settle": audit.SettleOrder, "Positions.Close": audit.ClosePosition, "Positions.Flatten": audit.Flatten,
	"Kill.Set": audit.SetKill, "Settings.Set": audit.SetSetting, "Queue.Retry": audit.RetryJob, "Queue.Discard": audit.DiscardJob,
	"Queue.Requeue": audit.RequeueAlert, "Alerts.Reveal": audit.RevealWebhookKey, "Alerts.Send": audit.SendAlert,
	"Accounts.SaveKeys": audit.SaveKeys, "Accounts.RemoveKeys": audit.RemoveKeys, "Accounts.Add": audit.AddAccount, "Accounts.Enable": audit.EnableAccount,
	"Accounts.SetUp": audit.SetUpAccount, "Accounts.Test": audit.TestAccount, "Accounts.Canary": audit.Canary, "Accounts.SwitchMode": audit.SwitchMode,
	"Strategies.Save": audit.SaveStrategy, "Strategies.Delete": audit.DeleteStrategy, "Drift.Fix": audit.FixDrift,
	"WebhookKeys.Create": audit.CreateWebhookKey, "WebhookKeys.Update": audit.ChangeWebhookKey, "WebhookKeys.Rotate": audit.RotateWebhookKey,
	"WebhookKeys.Revoke": audit.RevokeWebhookKey,
	"Secrets.Set":        audit.SetSecret, "Secrets.Delete": audit.DeleteSecret, "Secrets.Lock": audit.LockVault, "Secrets.Unlock": audit.UnlockVault,
	"Secrets.Seal": audit.SealVault, "Secrets.Rotate": audit.RotateVault, "Secrets.Export": audit.ExportSecrets, "Secrets.Import": audit.ImportSecrets,
	"Alarms.Acknowledge": audit.AcknowledgeAlarm, "Alarms.Test": audit.TestAlarm, "Sessions.Revoke": audit.RevokeSession, "Sessions.RevokeOthers": audit.RevokeSession,
	"Desktop.Leave": audit.LeaveWindow, "Desktop.Show": audit.ShowWindow, "Desktop.CheckUpdate": audit.CheckUpdate, "Support.Preview": audit.CollectSupport, "Support.Save": audit.SaveSupport,
	"Setup.Accept": audit.AcceptTerms, "Setup.Finish": audit.FinishSetup, "Setup.PutOff": audit.PutOffSetup,
	"Tunnel.Confirm": audit.ConfirmAddress, "Tunnel.TrustHost": audit.TrustHost, "Tunnel.ForgetHost": audit.ForgetHost, "Tunnel.Retry": audit.RetryTunnel,
	"Telegram.Pair": audit.OfferPairing, "Telegram.Withdraw": audit.OfferPairing, "Telegram.SetRole": audit.SetPerson, "Telegram.Remove": audit.RemovePerson,
	"Telegram.Test": audit.TestTelegram, "Telegram.SetUpAuthenticator": audit.SetSecret, "Telegram.Drop": audit.DropUpload,
	"Sessions.RotateKey": audit.RotateKey, "Tokens.Create": audit.CreateToken, "Tokens.Revoke": audit.RevokeToken,
}

// TestEveryCallThatIsMoreThanALookLeavesItsLine is item L1, over the whole golden list: who adds a method decides here what it
// leaves, and a method that changes something without a line fails.
func TestEveryCallThatIsMoreThanALookLeavesItsLine(t *testing.T) {
	p := start(t)
	methods := routesOf(newServices(p.house, cliActor()))
	for _, m := range methods {
		action, more := deeds[m.name]
		if more != (needs(m.name) > canRead) && m.name != "Sessions.List" && m.name != "Tokens.List" && m.name != "Secrets.List" {
			t.Errorf("%s wants scope %d and leaves %q: what wants more than a look leaves a line", m.name, needs(m.name), action)
		}
		last := p.lines(AuditFilter{})[0].Line
		p.do(requestOf(p, strings.Replace(m.name, ".", "/", 1), "{}"))
		left := p.since(last)
		switch {
		case !more && len(left) > 0:
			t.Errorf("%s only looks and left %+v", m.name, left)
		case more && len(left) != 1:
			t.Errorf("%s left %d lines, want one: %+v", m.name, len(left), left)
		case more && (left[0].Action != string(action) || left[0].Actor != "cli" || left[0].Origin != thisComputer || left[0].Decision == ""):
			t.Errorf("%s left %+v, want %s by cli from this computer", m.name, left[0], action)
		case more && left[0].Decision != "done" && left[0].Detail == "":
			t.Errorf("%s was %s without a word why", m.name, left[0].Decision)
		}
	}
	if len(methods) < len(deeds) {
		t.Errorf("%d methods and %d deeds: one is of no method", len(methods), len(deeds))
	}
	newest, first := p.lines(AuditFilter{})[0], must[AuditRow](p, "Audit/Get", AuditLine{1})
	if check := must[AuditCheck](p, "Audit/Verify", Empty{}); !check.OK || check.Lines < newest.Line || check.Since != first.At {
		t.Errorf("had %+v, want every line up to %d since %s", check, newest.Line, first.At)
	}
}

func TestALineTellsWhoDidWhatAndWhatCameOfIt(t *testing.T) {
	p := start(t)
	p.buy()
	last := p.lines(AuditFilter{})[0].Line
	must[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", "7"})
	call[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", "500"})
	must[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", "7"})
	must[TradingState](p, "Kill/Set", SetKill{State: "halted", Reason: "look\nat it"})
	call[TradingState](p, "Kill/Set", SetKill{State: "active"})
	must[TradingState](p, "Kill/Set", SetKill{State: "active", Reason: "looked"})
	must[Receipt](p, "Positions/Close", ClosePosition{Account: "paper:paper", Symbol: "BTCUSDT", Product: "linear", Side: "long", Key: "k"})
	must[FlattenReport](p, "Positions/Flatten", Flatten{Confirm: "FLATTEN", Key: "f"})
	call[Receipt](p, "Accounts/SwitchMode", SwitchMode{Exchange: "bybit", Mode: "testnet"})
	call[Receipt](p, "Accounts/SwitchMode", SwitchMode{Exchange: "bybit", Mode: "paper"})
	doc := StrategyDoc{Name: "breakout", Enabled: true, Routes: []StrategyRoute{{Account: "bybit:paper", Enabled: true}}}
	row := must[StrategyRow](p, "Strategies/Save", SaveStrategy{Doc: doc})
	must[Receipt](p, "Strategies/Delete", DeleteStrategy{Name: "breakout", Version: row.Version})

	var had []string
	for _, r := range p.since(last) {
		had = append(had, strings.Join([]string{r.Actor, r.Action, r.Subject, r.Decision, r.Before, r.After}, "|"))
	}
	want := []string{
		"cli|setting.set|trade:default_leverage|done||7",
		"cli|setting.set|trade:default_leverage|refused|7|500",
		"cli|setting.set|trade:default_leverage|done|7|7",
		"cli|kill.set|trading|done|active|halted",
		"cli|kill.set|trading|refused|halted|active",
		"cli|kill.set|trading|done|halted|active",
		"cli|position.close|paper:paper linear BTCUSDT long|done||filled",
		"cli|flatten|every exchange|done||0 proven, 0 asked, 0 failed",
		"cli|mode.switch|bybit|refused|paper|testnet",
		"cli|setting.set|exchange:bybit:mode|done||paper",
		"cli|mode.switch|bybit|done|paper|paper",
		"cli|strategy.save|breakout|done||version 1",
		"cli|strategy.delete|breakout|done|version 1|",
	}
	if strings.Join(had, "\n") != strings.Join(want, "\n") {
		t.Errorf("had\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
	halt := p.lines(AuditFilter{Action: "kill.set"})[2]
	if got := must[AuditRow](p, "Audit/Get", AuditLine{halt.Line}); got != halt || got.Detail != `look\nat it` {
		t.Errorf("had %+v, want the reason on one line", got)
	}
	if _, fault := call[AuditRow](p, "Audit/Get", AuditLine{99999}); fault.Kind != "not_found" {
		t.Errorf("had %+v", fault)
	}
}

// TestEveryStartIsWrittenDown is item L5.
func TestEveryStartIsWrittenDown(t *testing.T) {
	p := start(t)
	boot := p.lines(AuditFilter{Action: "boot"})
	digest, err := p.node.Config.Digest()
	if err != nil || len(boot) != 1 {
		t.Fatalf("had %+v %v", boot, err)
	}
	for _, want := range []string{"commit " + commit, "configuration " + digest, "clock 20"} {
		if !strings.Contains(boot[0].Detail, want) || boot[0].Subject != "version "+version {
			t.Errorf("had %+v, want %q in it", boot[0], want)
		}
	}
}

func TestNoSecretGetsIntoTheAudit(t *testing.T) {
	p := start(t)
	const canary = "canary-0123456789-abcdefghijkl"
	// What is typed into a wrong field nobody knows for a secret.
	const stray = "StrayQ7xw81LmZ0pR4tVb2"
	call[Receipt](p, "Accounts/SaveKeys", SaveKeys{Account: "bybit:testnet", Key: canary, Secret: canary})
	call[Receipt](p, "Accounts/SaveKeys", SaveKeys{Account: "nonsense", Key: canary, Secret: canary})
	call[Receipt](p, "Secrets/Set", SetSecret{stray, "a value"})
	call[Receipt](p, "Secrets/Delete", SecretName{stray})
	call[Receipt](p, "Secrets/Set", SetSecret{"INSTALL_KEY", stray})
	call[VaultState](p, "Secrets/Seal", SealVault{Kind: "keychain", Passphrase: stray, Current: stray})
	call[ImportReport](p, "Secrets/Import", ImportSecrets{Text: stray, Passphrase: stray, Merge: "look"})
	must[AlertAnswer](p, "Alerts/Send", SendAlert{`{"apiKey":"` + canary + `"}`})
	must[RevealedKey](p, "Alerts/Reveal", Empty{})
	call[SettingRow](p, "Settings/Set", SetSetting{"no:such", testKey})
	call[Receipt](p, "Orders/Settle", SettleOrder{ID: testKey, As: "filled", Reason: "token=" + canary})
	token := must[NewToken](p, "Tokens/Create", CreateToken{Name: "grafana", Scope: "read"})
	must[Receipt](p, "Sessions/RotateKey", Empty{})
	code, _, words := p.hoox(canary+"\n", "secret", "set", "BYBIT_API_KEY")
	if code != exitOK {
		t.Fatal(code, words)
	}
	p.do(request{method: "POST", path: "/api/Sessions/Login", body: `{"key":"` + canary + `"}`, header: map[string]string{"Content-Type": "application/json"}})
	p.do(request{method: "POST", path: "/api/Kill/Get", body: `{}`, header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + canary}})
	p.house.note(&audit.Act{}, &deed{action: audit.SettleOrder, subject: testKey, before: testKey, after: testKey, detail: testKey}, nil)
	p.house.note(&audit.Act{}, &deed{action: audit.SettleOrder}, trading.Errorf(trading.Refused, "not %s", testKey))
	p.house.note(&audit.Act{}, &deed{action: audit.SettleOrder}, errors.New("broke at "+testKey))
	await(t, func() bool { return len(p.lines(AuditFilter{Action: "call.refuse"})) > 0 })
	for _, r := range p.lines(AuditFilter{}) {
		text := fmt.Sprintf("%+v", r)
		for _, secret := range []string{canary, stray, testKey, token.Key, p.token.Reveal()} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds a secret", text)
			}
		}
	}
}

// TestStrangersAtTheControlInterfaceAreFewLines is items L1 and K8.
func TestStrangersAtTheControlInterfaceAreFewLines(t *testing.T) {
	p := start(t)
	stranger := func(header map[string]string, host string) {
		header["Content-Type"] = "application/json"
		if resp, _ := p.do(request{method: "POST", path: "/api/Kill/Set", body: `{"state":"halted"}`, header: header, host: host}); resp.StatusCode < 400 {
			t.Fatalf("had %d", resp.StatusCode)
		}
	}
	for range 40 {
		stranger(map[string]string{"Authorization": "Bearer wrong"}, "")
		stranger(map[string]string{}, "")
		stranger(map[string]string{"Cookie": p.control.door.cookie + "=old"}, "")
		stranger(map[string]string{"Origin": "https://evil.example"}, "")
		stranger(map[string]string{}, "evil.example:1234")
	}
	await(t, func() bool { return len(p.lines(AuditFilter{Action: "call.refuse"})) == 5 })
	why := map[string]bool{}
	for _, r := range p.lines(AuditFilter{Action: "call.refuse"}) {
		why[r.Subject] = r.Decision == "refused" && r.Actor == "stranger"
	}
	for _, want := range []string{foreignName, foreignPage, noKey, wrongKey, endedSession} {
		if !why[want] {
			t.Errorf("no line about %s in %v", want, why)
		}
	}
	if state := must[TradingState](p, "Kill/Get", Empty{}); state.State != "active" {
		t.Errorf("a stranger halted: %+v", state)
	}
}

func TestACommandThatBreaksOffLeavesItsLineToo(t *testing.T) {
	p := start(t)
	p.house.drifts = nil
	if _, fault := call[Receipt](p, "Drift/Fix", FixDrift{ID: "d", What: "adopt"}); fault.Kind != "internal" {
		t.Fatalf("had %+v", fault)
	}
	if last := p.lines(AuditFilter{})[0]; last.Action != "drift.fix" || last.Decision != "failed" || last.Detail == "" {
		t.Errorf("had %+v, want it failed: nobody knows how far it came", last)
	}
}

// failing is an auditor whose disk is full.
type failing struct{ auditor }

func (failing) Audit(_ context.Context, _ audit.Entry) error { return errors.New("no room") }

func TestACommandWorksAlthoughItsLineCannotBeWritten(t *testing.T) {
	p := start(t)
	p.house.auditor = failing{p.house.auditor}
	if got := must[AlertText](p, "Alerts/Build", BuildAlert{Kind: "indicator", Exchange: "paper", Action: "LONG", SizeMode: "quantity", Size: "1"}); got.JSON == "" {
		t.Error("no alert")
	}
	if key := must[RevealedKey](p, "Alerts/Reveal", Empty{}).Key; key != testKey {
		t.Error("a full disk must not lock a person out of their own program")
	}
	if !strings.Contains(p.stderr.String(), "write the audit") || !strings.Contains(p.stderr.String(), "webhook_key.reveal") {
		t.Error("the log does not have the line that the audit could not take")
	}
}

func TestTheAuditIsListedNarrowedAndExported(t *testing.T) {
	p := start(t)
	for n := range 4 {
		must[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", itoa(n + 2)})
	}
	call[SettingRow](p, "Settings/Set", SetSetting{"=cmd|' /C calc'!A0", "x"})
	for field, request := range map[string]ListAudit{
		"limit": {Limit: 501}, "cursor": {Cursor: "nonsense"}, "action": {AuditFilter: AuditFilter{Action: "coffee"}},
		"decision": {AuditFilter: AuditFilter{Decision: "perhaps"}},
		"from":     {AuditFilter: AuditFilter{From: "yesterday"}}, "to": {AuditFilter: AuditFilter{To: "32.13."}},
	} {
		if _, fault := call[AuditPage](p, "Audit/List", request); fault.Field != field {
			t.Errorf("%+v: had %+v, want %s refused", request, fault, field)
		}
	}
	seen, request := 0, ListAudit{Limit: 2, AuditFilter: AuditFilter{Action: "setting.set"}}
	for range 4 {
		page := must[AuditPage](p, "Audit/List", request)
		seen += len(page.Items)
		if request.Cursor = page.Next; request.Cursor == "" {
			break
		}
	}
	if seen != 5 {
		t.Errorf("paging showed %d of 5 lines", seen)
	}
	if refused := p.lines(AuditFilter{Action: "setting.set", Decision: "refused"}); len(refused) != 1 || refused[0].Decision != "refused" {
		t.Errorf("had %+v, want the one that was refused", refused)
	}
	code, out, words := p.hoox("", "audit", "--action", "setting.set", "--limit", "3")
	if code != exitOK || strings.Count(out, "trade:default_leverage") != 2 || !strings.Contains(out, "refused") {
		t.Errorf("had %d %s %s", code, out, words)
	}
	if _, fault := call[AuditExport](p, "Audit/Export", ExportAudit{Format: "pdf"}); fault.Field != "format" {
		t.Errorf("had %+v", fault)
	}
	dir := t.TempDir()
	for format, read := range map[string]func([]byte) [][]string{"csv": readCSV(t), "jsonl": readJSONL(t)} {
		file := filepath.Join(dir, "audit."+format)
		if code, _, words := p.hoox("", "audit", "export", "-o", file, "--format", format); code != exitOK {
			t.Fatal(code, words)
		}
		info, err := os.Stat(file)
		text, err2 := os.ReadFile(file)
		if err != nil || err2 != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(err, err2, info.Mode())
		}
		rows := read(text)
		want := p.lines(AuditFilter{})
		if len(rows) != len(want) {
			t.Fatalf("%s has %d lines, want %d", format, len(rows), len(want))
		}
		for i, row := range rows {
			w := want[len(want)-1-i]
			if row[0] != fmt.Sprint(w.Line) || row[1] != w.Hash || (i > 0 && row[2] != rows[i-1][1]) {
				t.Errorf("%s: row %d is %v, want line %d, chained to the one before", format, i, row, w.Line)
			}
		}
		if formula := strings.Contains(string(text), ",=cmd"); formula {
			t.Error("a spreadsheet would run what somebody sent as the name of a setting")
		}
		if code, _, _ := p.hoox("", "audit", "export", "-o", file); code != exitFailed {
			t.Errorf("an export over a file that is there: had %d, want 1", code)
		}
	}
}

func readCSV(t *testing.T) func([]byte) [][]string {
	return func(text []byte) (rows [][]string) {
		list, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || list[0][0] != "line" {
			t.Fatal(err, list)
		}
		for _, r := range list[1:] {
			rows = append(rows, []string{r[0], r[11], r[10]})
		}
		return rows
	}
}

func readJSONL(t *testing.T) func([]byte) [][]string {
	return func(text []byte) (rows [][]string) {
		d := json.NewDecoder(bytes.NewReader(text))
		for d.More() {
			var r AuditRow
			if err := d.Decode(&r); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, []string{fmt.Sprint(r.Line), r.Hash, r.PrevHash})
		}
		return rows
	}
}

func TestALongExportComesInPieces(t *testing.T) {
	p := start(t)
	const many = 1203
	for n := range many {
		err := p.node.Store.Audit(t.Context(), audit.Entry{Actor: "test", Action: audit.SetSecret, Subject: fmt.Sprint(n), Decision: audit.Done})
		if err != nil {
			t.Fatal(err)
		}
	}
	request, pieces, lines := ExportAudit{Format: "jsonl", AuditFilter: AuditFilter{Actor: "test"}}, 0, 0
	for {
		piece := must[AuditExport](p, "Audit/Export", request)
		pieces, lines = pieces+1, lines+piece.Lines
		if request.After = piece.Next; request.After == 0 {
			break
		}
	}
	if pieces != 3 || lines != many {
		t.Errorf("%d lines in %d pieces, want %d in 3", lines, pieces, many)
	}
}

// TestVerifyFindsAnEditedLine is item J9, as a person meets it.
func TestVerifyFindsAnEditedLine(t *testing.T) {
	dir := privateDir(t)
	if code, _, words := hoox(t, "value\n", "--data-dir", dir, "secret", "set", "BYBIT_API_KEY"); code != exitOK {
		t.Fatal(words)
	}
	begin(t, dir)()
	if code, _, words := hoox(t, "another\n", "--data-dir", dir, "secret", "set", "BYBIT_API_KEY"); code != exitOK || words != "" {
		t.Fatal(code, words)
	}
	if code, out, _ := hoox(t, "", "--data-dir", dir, "verify"); code != exitOK || !strings.Contains(out, "audit") {
		t.Fatalf("had %d %s, want the audit checked", code, out)
	}
	file := filepath.Join(dir, "core.db")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	place := bytes.Index(data, []byte("secret.setBYBIT_API_KEYdone"))
	if place < 0 {
		t.Fatal("the secret that was set beside no instance is not in the audit")
	}
	data[place+len("secret.setB")] = 'Z'
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, words := hoox(t, "", "--data-dir", dir, "verify")
	if code != exitDamaged || !strings.Contains(out, "does not follow") {
		t.Errorf("had %d %s %s, want 6 and the line", code, out, words)
	}
}

func TestCommandsBesideAnInstanceHaveItWriteTheirLines(t *testing.T) {
	p := start(t)
	last := p.lines(AuditFilter{})[0].Line
	for _, args := range [][]string{{"secret", "set", "MEXC_API_KEY"}, {"secret", "delete", "MEXC_API_KEY"}, {"secret", "delete", "MEXC_API_KEY"}, {"backup"}} {
		p.hoox("value\n", args...)
	}
	var had []string
	for _, r := range p.since(last) {
		subject := r.Subject
		if r.Action == "backup" {
			subject = strings.TrimRight(subject, "0123456789TZ.-db")
		}
		had = append(had, strings.Join([]string{r.Actor, r.Action, subject, r.Decision}, "|"))
	}
	want := []string{
		"cli|secret.set|MEXC_API_KEY|done", "cli|secret.delete|MEXC_API_KEY|done", "cli|secret.delete|MEXC_API_KEY|refused", "cli|backup|core|done",
	}
	if strings.Join(had, "\n") != strings.Join(want, "\n") {
		t.Errorf("had\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
	for _, body := range []string{`{"action":"kill.set","decision":"done"}`, `{"action":"backup","decision":"perhaps"}`, `{"actor":"window"}`} {
		r := requestOf(p, "", body)
		r.path = "/note"
		if resp, answer := p.do(r); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: had %d %s: nobody writes the lines of others", body, resp.StatusCode, answer)
		}
	}
}

func TestWhatCouldNotBeNotedIsToldToMachinesToo(t *testing.T) {
	dir := privateDir(t)
	begin(t, dir)()
	holdLock(t, dir)

	code, out, words := hoox(t, "", "--data-dir", dir, "--json", "backup", "--to", t.TempDir())

	var done backupAnswer
	if err := json.Unmarshal([]byte(out), &done); code != exitOK || err != nil || done.Bytes == 0 {
		t.Fatalf("had %d %q %v, want the copy made", code, out, err)
	}
	var told Fault
	if err := json.Unmarshal([]byte(words), &told); err != nil || told.Kind != "unavailable" || !strings.HasPrefix(told.Message, "this could not be written into the audit: ") {
		t.Errorf("had %q on stderr (%v), want it told that the audit has a gap, in a form that a machine reads", words, err)
	}
	if code, _, words = hoox(t, "", "--data-dir", dir, "backup", "--to", t.TempDir()); code != exitOK || !strings.HasPrefix(words, "This could not be written into the audit: ") {
		t.Errorf("had %d %q, want a person told the same", code, words)
	}
}

func TestAlarmsAreListedAndAcknowledged(t *testing.T) {
	p := start(t)
	p.node.Alarm(alarm.Disk, "disk", "200 MiB free", "free space")
	await(t, func() bool { return len(must[AlarmPage](p, "Alarms/List", ListAlarms{OpenOnly: true}).Items) == 1 })
	a := must[AlarmPage](p, "Alarms/List", ListAlarms{OpenOnly: true})
	if a.Items[0].Kind != "disk" || a.Items[0].Fix != "free space" || a.Items[0].Count != 1 || len(a.Channels) != 1 || a.Channels[0].Name != "log" {
		t.Errorf("had %+v", a)
	}
	if code, out, _ := p.hoox("", "alarms"); code != exitOK || !strings.Contains(out, "200 MiB free") {
		t.Errorf("had %d %s", code, out)
	}
	if code, out, words := p.hoox("", "alarms", "ack", a.Items[0].ID); code != exitOK || !strings.Contains(out, "seen by cli") {
		t.Errorf("had %d %s %s", code, out, words)
	}
	if code, out, _ := p.hoox("", "alarms"); code != exitOK || strings.Contains(out, "200 MiB") {
		t.Errorf("had %d %s, want none left", code, out)
	}
	if code, out, _ := p.hoox("", "alarms", "--all"); code != exitOK || !strings.Contains(out, "200 MiB") {
		t.Errorf("had %d %s, want the seen one", code, out)
	}
	for id, kind := range map[string]trading.Kind{"x": trading.Invalid, "99": trading.NotFound} {
		if _, fault := call[AlarmRow](p, "Alarms/Acknowledge", AlarmID{id}); fault.Kind != string(kind) {
			t.Errorf("alarm %s: had %+v", id, fault)
		}
	}
}

func TestATestAlarmRingsOnEveryChannel(t *testing.T) {
	p := start(t)
	rung := must[AlarmRow](p, "Alarms/Test", Empty{})
	if rung.Kind != "test" || rung.Count != 1 || rung.AcknowledgedAt != "" || !strings.Contains(rung.Text, "cli asked for") || rung.Fix == "" {
		t.Fatalf("had %+v", rung)
	}
	open := func() AlarmRow { return must[AlarmPage](p, "Alarms/List", ListAlarms{OpenOnly: true}).Items[0] }
	await(t, func() bool {
		told := open().Told
		return len(told) == 1 && told[0].Channel == "log" && told[0].Count == 1 && told[0].At != ""
	})
	if !strings.Contains(p.stderr.String(), "cli asked for") {
		t.Error("the log is called told and has nothing of it")
	}
	if code, out, words := p.hoox("", "alarms", "test"); code != exitOK || !strings.Contains(out, "hoox alarms ack "+rung.ID) {
		t.Errorf("had %d %s %s", code, out, words)
	}
	if again := open(); again.ID != rung.ID || again.Count != 2 {
		t.Errorf("had %+v, want the same alarm twice", again)
	}
	if parts := must[HealthReport](p, "Health/Get", Empty{}).Items; !slices.ContainsFunc(parts, func(h PartHealth) bool { return h.Name == "alarms" && h.State == "ok" }) {
		t.Error("a test makes Health complain: nothing is wrong")
	}
	for _, r := range p.lines(AuditFilter{Action: "alarm.test"}) {
		if r.Actor != "cli" || r.Decision != "done" || r.Subject != rung.ID+" test asked for" {
			t.Errorf("had %+v", r)
		}
	}
}
