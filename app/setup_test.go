package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/trading"
)

func (p *program) setup() SetupState {
	p.t.Helper()
	return must[SetupState](p, "Setup/Get", Empty{})
}

// steps are the first steps by their ID.
func (s SetupState) steps() map[string]SetupStep {
	all := map[string]SetupStep{}
	for _, one := range s.Steps {
		all[one.ID] = one
	}
	return all
}

func TestTheFirstStepsGoByWhatTheProgramKnows(t *testing.T) {
	p := start(t)
	fresh := p.setup()
	if !fresh.Opens || !fresh.FirstRun || fresh.Outcome != "open" || fresh.OutcomeBy != "" || fresh.Terms.Accepted || fresh.Arrival.RequestID != "" || fresh.Astray.At != "" {
		t.Errorf("a fresh folder: had %+v, want the first steps to open by themselves", fresh)
	}
	want := map[string]bool{"terms": false, "money": true, "tunnel": false, "message": false, "alert": false, "telegram": false}
	for id, done := range want {
		if one := fresh.steps()[id]; one.Done != done || one.Name == "" || one.Detail == "" || (one.Fix == "") != done {
			t.Errorf("step %s: had %+v, want done %v, and what to do exactly when it is not", id, one, done)
		}
	}
	if len(fresh.Steps) != len(want) || fresh.Steps[0].ID != "terms" || !fresh.steps()["tunnel"].Optional {
		t.Errorf("steps %+v", fresh.Steps)
	}

	p.buy()

	now := p.setup()
	if alert := now.steps()["alert"]; !alert.Done || !strings.Contains(alert.Detail, "was filled, sent from this computer") || now.Arrival.Way != "here" || now.Arrival.RequestID == "" {
		t.Errorf("after an alert: had %+v %+v", alert, now.Arrival)
	}
	if now.Opens {
		t.Error("a folder that trades already and never began the first steps is asked to take them")
	}
}

func TestTheTunnelStepIsDoneOnceAnAnswerCameBack(t *testing.T) {
	p := start(t)
	public := "http://" + p.node.GatewayAddr()
	must[SettingRow](p, "Settings/Set", SetSetting{"tunnel:hostname", public})
	must[SettingRow](p, "Settings/Set", SetSetting{"tunnel:kind", "none"})
	await(t, func() bool { return p.setup().steps()["tunnel"].Done })

	now := p.setup().steps()
	if !strings.Contains(now["tunnel"].Detail, public) || !now["message"].Done || now["message"].Detail != public+"/webhook, with the key that ends in …cdef" {
		t.Errorf("had %+v and %+v, want the public address in both", now["tunnel"], now["message"])
	}
}

func TestAcceptingFinishingAndPuttingOffAreKeptWithWhoAndWhen(t *testing.T) {
	dir := privateDir(t)
	p, stop := launch(t, dir)
	if _, fault := call[SetupState](p, "Setup/Accept", AcceptTerms{"0"}); fault.Kind != "conflict" || !strings.Contains(fault.Message, "version "+termsVersion) {
		t.Errorf("other words than those that hold: had %+v, want a conflict that names the version", fault)
	}
	if p.setup().Terms.Accepted {
		t.Fatal("what was refused counts as accepted")
	}
	accepted := must[SetupState](p, "Setup/Accept", AcceptTerms{termsVersion})
	if terms := accepted.Terms; !terms.Accepted || terms.AcceptedBy != "cli" || terms.AcceptedAt == "" || !accepted.steps()["terms"].Done || !accepted.Opens {
		t.Errorf("had %+v, want who accepted and when, and the steps still open", terms)
	}
	later := must[SetupState](p, "Setup/PutOff", Empty{})
	if later.Outcome != "later" || later.OutcomeBy != "cli" || later.OutcomeAt == "" || later.Opens {
		t.Errorf("put off: had %+v", later)
	}
	if done := must[SetupState](p, "Setup/Finish", Empty{}); done.Outcome != "done" || done.Opens {
		t.Errorf("finished: had %+v", done)
	}
	if again := must[SetupState](p, "Setup/PutOff", Empty{}); again.Outcome != "done" {
		t.Errorf("put off after the end: had %q, want done: what is finished stays so", again.Outcome)
	}
	for _, action := range []audit.Action{audit.AcceptTerms, audit.FinishSetup, audit.PutOffSetup} {
		if len(p.lines(AuditFilter{Action: string(action)})) == 0 {
			t.Errorf("%s left no line in the audit", action)
		}
	}
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{"setup:accepted", "1"}); fault.Kind != "refused" {
		t.Errorf("set like any setting: had %+v, want it refused: nobody reads the words there", fault)
	}
	stop()

	after := startOn(t, configOf(t, dir, testEnv)).setup()
	if !after.Terms.Accepted || after.Terms.AcceptedAt != accepted.Terms.AcceptedAt || after.Outcome != "done" {
		t.Errorf("after a restart: had %+v, want what was said before", after)
	}
}

func TestPeopleWhoBeganTheFirstStepsAreLedBackToThem(t *testing.T) {
	p := start(t)
	must[SetupState](p, "Setup/Accept", AcceptTerms{termsVersion})
	p.buy()
	if state := p.setup(); !state.Opens || state.FirstRun {
		t.Errorf("had %+v, want them to open: an alert came, and nobody said that this is all", state)
	}
}

func TestAnAlertThatIsNotTradedSaysWhyAndWhatToDo(t *testing.T) {
	p := start(t)
	p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":100000,"idempotencyKey":"huge"`)

	state := p.setup()

	alert := state.steps()["alert"]
	if alert.Done || !strings.Contains(alert.Detail, "was refused: quantity 100000 BTC is above") || alert.Fix == "" || state.Arrival.Fix != alert.Fix {
		t.Errorf("had %+v and %+v, want the reason and what to do", alert, state.Arrival)
	}
}

func TestWhatNeverBecameAnAlertIsTold(t *testing.T) {
	p := start(t)
	p.buy()
	if state := p.setup(); state.Astray.At != "" {
		t.Fatalf("after an alert that was traded: had %+v", state.Astray)
	}

	p.alert(`"exchange":"paper","action":"LONG","symbol":"NOPE","quantity":1`)
	if astray := p.setup().Astray; astray.At == "" || !strings.Contains(astray.Words, "right key") || !strings.Contains(astray.Words, "127.0.0.1") || astray.Fix == "" {
		t.Errorf("a message that was not understood: had %+v", astray)
	}
	must[AlertAnswer](p, "Alerts/Send", SendAlert{`{"apiKey":"nonsense"}`})
	await(t, func() bool { return strings.Contains(p.setup().Astray.Words, "wrong key") })

	p.alert(`"exchange":"paper","action":"CLOSE","symbol":"BTCUSDT"`)
	if state := p.setup(); state.Astray.At != "" || !state.steps()["alert"].Done {
		t.Errorf("a newer alert that was traded: had %+v, want nothing astray any more", state.Astray)
	}
}

func TestTheWayOfAnAlertIsToldOnlyWhileItIsKnown(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 5_400_000, time.UTC)
	record := trading.SignalRecord{ID: "s", Credential: "webhook", ReceivedAt: at.Truncate(time.Millisecond), Status: trading.SignalFilled}
	for _, c := range []struct {
		why, from, way string
		seen           time.Time
	}{
		{"from this computer", "127.0.0.1", "here", at}, {"from this computer over IPv6", "::1", "here", at},
		{"from TradingView", "52.89.214.238", "outside", at}, {"through a tunnel that hands no address on", "", "outside", at},
		{"the key was used since", "127.0.0.1", "", at.Add(time.Millisecond)},
	} {
		p := progress{alerts: []trading.SignalRecord{record}, keys: []trading.WebhookKey{{ID: "other", SeenAt: at}, {ID: "webhook", SeenAt: c.seen, SeenFrom: c.from}}}
		if a := p.arrival(); a.Way != c.way {
			t.Errorf("%s: had %q, want %q", c.why, a.Way, c.way)
		}
	}
}

func TestTheMoneyStepIsOpenWhileAnAccountInUseDoesNotWork(t *testing.T) {
	live := trading.MakeAccountID(trading.Bybit, trading.ModeLive)
	for why, c := range map[string]struct {
		card node.Card
		done bool
	}{
		"paper needs nothing":       {node.Card{ID: trading.MakeAccountID(trading.Bybit, trading.ModePaper), Trades: true}, true},
		"nothing goes there":        {node.Card{ID: live}, true},
		"no keys":                   {node.Card{ID: live, Trades: true}, false},
		"it cannot be reached":      {node.Card{ID: live, Trades: true, HasKeys: true, Health: node.Part{State: node.StateDown, Detail: "no route"}}, false},
		"keys that open an account": {node.Card{ID: live, Trades: true, HasKeys: true, Health: node.Part{State: node.StateOK}}, true},
	} {
		p := progress{cards: []node.Card{c.card}}
		if now := p.moneyStep(); now.done != c.done || (now.fix == "") != c.done {
			t.Errorf("%s: had %+v, want done %v", why, now, c.done)
		}
	}
}

func TestOtherWordsAreAnotherVersion(t *testing.T) {
	// What people accepted under a version stays what it was: give changed words a new version and a line here.
	versions := map[string]string{"1": "a52fbf048e507792"}
	text, err := json.Marshal(termsPoints())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if have := hex.EncodeToString(sum[:8]); versions[termsVersion] != have {
		t.Errorf("the words of version %s have the digest %s, want %s", termsVersion, have, versions[termsVersion])
	}
	for _, p := range termsPoints() {
		if p.Title == "" || len(p.Text) < 40 || len(p.Text) > 420 {
			t.Errorf("%q: %d letters; people read three lines, not a page", p.Title, len(p.Text))
		}
	}
}

func TestTheCommandLineHasTheSameSteps(t *testing.T) {
	p := start(t)
	code, out, _ := p.hoox("", "setup")
	if code != exitOK || !strings.Contains(out, "1. What it does with money: open") || !strings.Contains(out, "3. A way in for TradingView: open, may stay so") || !strings.Contains(out, "hoox kill on") {
		t.Errorf("had %d %s", code, out)
	}
	if code, _, words := p.hoox("", "setup", "accept"); code != exitUsage || !strings.Contains(words, "--yes") {
		t.Errorf("accepted by a script without a word: had %d %s, want 2", code, words)
	}
	if code, out, _ := p.hoox("", "setup", "terms"); code != exitOK || !strings.Contains(out, "You can lose everything") || !strings.Contains(out, "Nobody has accepted") {
		t.Errorf("terms: had %d %s", code, out)
	}
	for _, args := range [][]string{{"accept", "--yes"}, {"later"}, {"finish"}} {
		if code, out, words := p.hoox("", append([]string{"setup"}, args...)...); code != exitOK || out == "" {
			t.Errorf("setup %v: had %d %s %s", args, code, out, words)
		}
	}
	code, out, _ = p.hoox("", "--json", "setup")
	var state SetupState
	if err := json.Unmarshal([]byte(out), &state); code != exitOK || err != nil || state.Outcome != "done" || !state.Terms.Accepted || len(state.Steps) != 6 {
		t.Errorf("as JSON: had %d %v %+v", code, err, state)
	}
}
