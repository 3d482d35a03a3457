package node_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

func (h *house) lines(p audit.Page) []audit.Entry {
	h.t.Helper()
	list, _, err := h.Store.AuditLines(h.t.Context(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h *house) alarms() []alarm.Alarm {
	h.t.Helper()
	list, _, err := h.Store.Alarms(h.t.Context(), alarm.Page{})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// TestStrangersAtTheGatewayAreAuditedAndFolded is items L1 and K8: alerts with a wrong key leave no row in the ledger, so the
// audit has them, a flood in few lines.
func TestStrangersAtTheGatewayAreAuditedAndFolded(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	for range 200 {
		if got := h.post(strings.Replace(seedAlert, "KEY", "wrong", 1)); got.status != http.StatusForbidden {
			t.Fatalf("had %d %s, want 403", got.status, got.body)
		}
	}
	if err := h.ChangeSetting(t.Context(), "webhook:tradingview:ip_check_enabled", "true", "test"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := h.post(seedAlert); got.status != http.StatusForbidden {
			t.Fatalf("had %d %s, want 403: this computer is none of TradingView's", got.status, got.body)
		}
	}
	strangers := audit.Page{Action: audit.RefuseAlert}
	h.until("the first lines", func() bool { return len(h.lines(strangers)) >= 2 })
	h.stop()

	again := start(t, dir)
	var had []string
	for _, e := range again.lines(strangers) {
		had = append(had, strings.Join([]string{e.Actor, e.Origin, e.Subject, string(e.Decision), e.Detail}, "|"))
	}
	slices.Sort(had)
	want := []string{
		"holder of a webhook key|127.0.0.1|address not allowed|refused|2 more like it within 1m0s; the last: from 127.0.0.1",
		"holder of a webhook key|127.0.0.1|address not allowed|refused|from 127.0.0.1",
		"stranger|127.0.0.1|wrong key|refused|199 more like it within 1m0s; the last: from 127.0.0.1",
		"stranger|127.0.0.1|wrong key|refused|from 127.0.0.1",
	}
	if strings.Join(had, "\n") != strings.Join(want, "\n") {
		t.Errorf("had\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
}

// TestABrokenAuditAlarmsAndDoesNotKeepTheProgramFromStarting is item J9.
func TestABrokenAuditAlarmsAndDoesNotKeepTheProgramFromStarting(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	c := h.Config
	h.stop()
	file := filepath.Join(dir, "core.db")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The first lines are the settings that the test house sets.
	place := bytes.Index(data, []byte("automatic: test"))
	if place < 0 {
		t.Fatal("the line is not in the file")
	}
	data[place] = 'A'
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	n, err := node.New(t.Context(), c, slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatalf("had %v: positions would be left alone because of an old line", err)
	}
	defer n.Close()
	if err := n.Store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _, err := n.Store.Alarms(t.Context(), alarm.Page{OpenOnly: true})
	if err != nil || len(list) != 1 || list[0].Kind != alarm.Audit || !strings.Contains(list[0].Text, "line ") {
		t.Errorf("had %+v %v, want an alarm that names the line", list, err)
	}
}

func TestAPartThatStaysDownAlarmsOnceUntilItIsWell(t *testing.T) {
	h := start(t, t.TempDir())
	count := func(kind alarm.Kind) (n int64) {
		if err := h.Store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, a := range h.alarms() {
			if a.Kind == kind {
				n += a.Count
			}
		}
		return n
	}
	down := node.Part{Name: "bybit", State: node.StateDown, Detail: "no answer", Fix: "check the network"}
	well := node.Part{Name: "bybit", State: node.StateOK}
	low := node.Part{Name: "disk", State: node.StateDegraded, Detail: "300 MiB free", Fix: "free space"}
	slow := node.Part{Name: "market", State: node.StateDegraded, Detail: "one exchange", Fix: "wait"}

	h.Look(t.Context(), down, slow)
	h.Look(t.Context(), well, slow)
	h.Look(t.Context(), down, slow)
	if n := count(alarm.Account); n != 0 {
		t.Fatalf("%d alarms for a part that came back by itself", n)
	}
	for range 10 {
		h.Look(t.Context(), down, low, slow)
	}
	if account, disk := count(alarm.Account), count(alarm.Disk); account != 1 || disk != 1 || len(h.alarms()) != 2 {
		t.Fatalf("had %+v, want one alarm for the account and one for the disk", h.alarms())
	}
	h.Look(t.Context(), well, low)
	h.Look(t.Context(), down, low)
	h.Look(t.Context(), down, low)
	if n := count(alarm.Account); n != 2 {
		t.Errorf("%d alarms, want a second one: it was well in between", n)
	}
	if p := h.part("alarms"); p.State != node.StateDegraded || !strings.Contains(p.Detail, "2 not acknowledged") || !strings.Contains(p.Detail, "log") {
		t.Errorf("had %+v, want the open ones counted and the channels named", p)
	}
}

// TestATestAlarmIsSentEveryWeek is item L6.
func TestATestAlarmIsSentEveryWeek(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	begin := func() *house {
		c, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		c.Now = clock.Now
		return run(t, c)
	}
	h := begin()
	sent := func() int64 {
		if err := h.TestAlarm(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.Store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, a := range h.alarms() {
			if a.Kind == alarm.Test {
				return a.Count
			}
		}
		return 0
	}
	if n := sent(); n != 0 {
		t.Fatalf("%d test alarms on the first day, want none before a week", n)
	}
	for day := 1; day <= 22; day++ {
		if day == 10 {
			h.stop()
			h = begin()
		}
		clock.to(clock.Now().Add(24 * time.Hour))
		if n, want := sent(), int64(day/7); n != want {
			t.Fatalf("%d test alarms on day %d, want %d, also across a restart", n, day, want)
		}
	}
	if p := h.part("alarms"); p.State != node.StateOK {
		t.Errorf("had %+v: a test is nothing that went wrong", p)
	}
}

func TestAnAlarmReachesTheLogAndIsRememberedAsTold(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	h.Alarm(alarm.Disk, "disk", "low", "free space")
	h.until("the log to be told", func() bool {
		s := h.Bell.States()
		return len(s) == 1 && s[0].Channel == "log" && !s[0].Told.IsZero()
	})
	due, err := h.Store.DueAlarms(t.Context(), "log", h.Now().Add(time.Hour))
	if err != nil || len(due) != 0 || len(h.alarms()) != 1 {
		t.Errorf("had %+v due %v of %+v, want it remembered that the log was told", due, err, h.alarms())
	}
}

func TestAKeyWithTwoContentsAlarms(t *testing.T) {
	h := start(t, t.TempDir())
	h.post(seedAlert)
	for range 2 {
		if got := h.post(strings.Replace(seedAlert, "0.01", "0.02", 1)); got.status != 409 || got.json["code"] != "KEY_CONFLICT" {
			t.Fatalf("had %d %s", got.status, got.body)
		}
	}
	h.until("the alarm", func() bool { list := h.alarms(); return len(list) == 1 && list[0].Count == 2 })
	if a := h.alarms()[0]; a.Kind != alarm.KeyConflict || a.Subject != "webhook" {
		t.Errorf("had %+v", a)
	}
}

// TestTheDigestTellsConfigurationsApart is item L5.
func TestTheDigestTellsConfigurationsApart(t *testing.T) {
	load := func(env map[string]string) string {
		c, err := node.Load(node.Flags{DataDir: t.TempDir()}, func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Digest()
		if err != nil || len(d) != 16 {
			t.Fatalf("had %q %v", d, err)
		}
		return d
	}
	plain, live := load(nil), load(map[string]string{"HOOX_EXCHANGE_BYBIT_MODE": string(trading.ModeLive)})
	if plain == live || plain != load(nil) {
		t.Errorf("had %s and %s, want the same for the same and another for another mode", plain, live)
	}
}

// TestOnlyItsOwnActWritesASettingThatIsOnlyShown keeps what a person said in the first steps from being typed as a setting, and
// a limit from being changed under another name.
func TestOnlyItsOwnActWritesASettingThatIsOnlyShown(t *testing.T) {
	h := start(t, t.TempDir())
	if err := h.NoteSetting(t.Context(), audit.AcceptTerms, "trade:max_order_size", "9000", "test"); trading.KindOf(err) != trading.Refused {
		t.Errorf("a limit noted under another act: had %v, want Refused", err)
	}
	if err := h.ChangeSetting(t.Context(), settings.SetupAccepted, "1", "test"); trading.KindOf(err) != trading.Refused {
		t.Errorf("accepted as a setting: had %v, want Refused", err)
	}
	for range 2 {
		if err := h.NoteSetting(t.Context(), audit.AcceptTerms, settings.SetupAccepted, "1", "test"); err != nil {
			t.Fatal(err)
		}
	}
	if lines := h.lines(audit.Page{Action: audit.AcceptTerms}); len(lines) != 1 || lines[0].After != "1" || h.Settings.Now().Text(settings.SetupAccepted) != "1" {
		t.Errorf("had %+v and %q in force, want one line for what was said twice", lines, h.Settings.Now().Text(settings.SetupAccepted))
	}
}
