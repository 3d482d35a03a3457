package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// paneOfGlass is a window that remembers what was asked of it.
type paneOfGlass struct {
	asked []string
	front bool
	fault error
}

func (p *paneOfGlass) show()             { p.asked = append(p.asked, "show") }
func (p *paneOfGlass) answer(how string) { p.asked = append(p.asked, how) }
func (p *paneOfGlass) hiding() string    { return "tray" }
func (p *paneOfGlass) inFront() bool     { return p.front }
func (p *paneOfGlass) tell(title, text string) error {
	p.asked = append(p.asked, title+": "+text)
	return p.fault
}

func TestQuittingIsSummedUpFromTheLedger(t *testing.T) {
	p := start(t)
	p.buy()

	sum := must[QuitSummary](p, "Desktop/QuitSummary", Empty{})

	if len(sum.Items) != 1 || sum.Items[0].What != "long 0.01 BTCUSDT" || sum.Items[0].Account != "paper:paper" || sum.Items[0].Stands != standsWithUs {
		t.Errorf("had %+v, want the position that was just opened", sum.Items)
	}
	if sum.OnClose != "ask" || sum.Hide != "" || sum.Mode != "paper" || len(sum.Notes) != 1 {
		t.Errorf("had %+v, want what closing does, and no way to hide without a window", sum)
	}
}

func TestOnlyTheWindowIsClosedAndItsAnswerIsRemembered(t *testing.T) {
	p := start(t)
	window, browser := newServices(p.house, windowActor()).desktop, newServices(p.house, browserActor("1a2b3c4d", "Firefox on Linux")).desktop
	kind := func(_ Receipt, err error) string { return faultOf(err, "").Kind }
	if had := kind(window.Leave(LeaveWindow{How: "quit"})); had != "refused" {
		t.Errorf("without a window: had %q, want refused", had)
	}
	glass := &paneOfGlass{}
	p.house.manners.wear(glass)
	if had := kind(browser.Leave(LeaveWindow{How: "quit"})); had != "refused" || len(glass.asked) != 0 {
		t.Errorf("from a browser: had %q and %v, want a page elsewhere unable to end the program", had, glass.asked)
	}
	if had := kind(window.Leave(LeaveWindow{How: "explode"})); had != "invalid" {
		t.Errorf("had %q, want invalid", had)
	}

	for _, req := range []LeaveWindow{{How: "stay", Remember: true}, {How: "quit"}, {How: "hide", Remember: true}} {
		if _, err := window.Leave(req); err != nil {
			t.Fatal(err)
		}
	}

	if want := []string{"stay", "quit", "hide"}; !slices.Equal(glass.asked, want) {
		t.Errorf("had %v, want %v", glass.asked, want)
	}
	if had := settingValue(p, closeKey); had != "hide" {
		t.Errorf("closing does %q, want hide: it was remembered, and staying is nothing to remember", had)
	}
	if must[Receipt](p, "Desktop/Show", Empty{}); glass.asked[len(glass.asked)-1] != "show" {
		t.Errorf("had %v, want a second start to bring the window to the front", glass.asked)
	}
}

func TestANotificationHasNoSecretAndSaysWhenItWasNotShown(t *testing.T) {
	p := start(t)
	if err := p.house.manners.Notify("x", "y"); trading.KindOf(err) != trading.Refused {
		t.Errorf("without a window: had %v, want refused", err)
	}
	glass := &paneOfGlass{}
	p.house.manners.wear(glass)

	if err := p.house.manners.Notify("Key "+testKey, strings.Repeat("ü", 300)); err != nil {
		t.Fatal(err)
	}

	if had := glass.asked[0]; strings.Contains(had, testKey) || !strings.HasPrefix(had, "Key "+cut+": ü") || len([]rune(had)) > 2*longestNotice || !strings.HasSuffix(had, "ü…") {
		t.Errorf("had %q, want it without the key and cut between two characters: it stands on a locked screen", had)
	}
	glass.fault = errors.New("no daemon")
	if err := p.house.manners.Notify("x", "y"); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("had %v, want unavailable: another channel can then be tried", err)
	}
}

// ledgerOfNews is a book that is told what happened.
type ledgerOfNews struct {
	book
	fills   []trading.Fill
	signals []trading.SignalRecord
	fault   error
}

func (l *ledgerOfNews) Fills(context.Context, trading.Page) ([]trading.Fill, string, error) {
	if l.fault != nil {
		return nil, "", l.fault
	}
	return l.fills, "", nil
}

func (l *ledgerOfNews) Signals(context.Context, trading.Page) ([]trading.SignalRecord, string, error) {
	if l.fault != nil {
		return nil, "", l.fault
	}
	return l.signals, "", nil
}

func TestWhoDoesNotLookIsToldOfFillsOfAlertsThatFailedAndOfAHalt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fill := func(id trading.FillID) trading.Fill {
			return trading.Fill{ID: id, Account: "bybit:live", Symbol: "BTCUSDT", Side: trading.Sell, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("65000")}
		}
		news := &ledgerOfNews{fills: []trading.Fill{fill("old")}, signals: []trading.SignalRecord{{ID: "s1", Status: trading.SignalRejected}}}
		h := quietHouse()
		h.book, h.hub = news, events.New()
		away, rung := true, &heard{}
		gatherer := newGatherer(rung.deliver, slog.New(slog.DiscardHandler))
		herald := &herald{in: h, gatherer: gatherer, away: func() bool { return away }}
		ctx, stop := context.WithCancel(t.Context())
		go gatherer.serve(ctx)
		go herald.serve(ctx)
		tell := func(topic events.Topic) {
			synctest.Wait()
			h.hub.Publish(topic)
			synctest.Wait()
		}

		tell(events.Fills)
		tell(events.Signals)
		if len(rung.list) != 0 {
			t.Fatalf("had %q, want nothing of what was there before", rung.list)
		}
		news.fills = append([]trading.Fill{fill("new")}, news.fills...)
		tell(events.Fills)
		news.signals = append([]trading.SignalRecord{{ID: "s2", Status: trading.SignalRefused, Account: "bybit:live", Action: "LONG", Symbol: "BTCUSDT", Reason: "secret words"}}, news.signals...)
		tell(events.Signals)
		tell(events.Signals)
		*h.kill.(*standing) = standing{state: risk.Halted, actor: "automatic trip"}
		tell(events.Kill)
		*h.kill.(*standing) = standing{state: risk.Active, actor: "window"}
		tell(events.Kill)
		*h.kill.(*standing) = standing{state: risk.Halted, actor: "cli"}
		tell(events.Kill)
		tell(events.Kill)

		want := []string{"[LIVE] Filled: Sold 0.01 BTCUSDT at 65000 on bybit", "[LIVE] Alert refused: LONG BTCUSDT on bybit; why is under Signals", "Trading is HALTED: by cli: a test"}
		if !slices.Equal(rung.list, want) {
			t.Errorf("had %q\nwant %q, each once, and no halt by itself: that is an alarm", rung.list, want)
		}
		away = false
		news.fills = append([]trading.Fill{fill("seen")}, news.fills...)
		tell(events.Fills)
		away = true
		tell(events.Fills)
		h.settings.Put(notificationsKey, "false")
		news.signals = append([]trading.SignalRecord{{ID: "s3", Status: trading.SignalExpired}}, news.signals...)
		tell(events.Signals)
		if len(rung.list) != len(want) {
			t.Errorf("had %q, want nothing more: somebody looked at the window, or wants none", rung.list[len(want):])
		}
		stop()
		synctest.Wait()
	})
}

func TestWhatALedgerHeldThatCouldNotBeReadAtFirstIsNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fill := func(id trading.FillID) trading.Fill {
			return trading.Fill{ID: id, Account: "mexc:paper", Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("1"), Price: trading.MustPrice("2")}
		}
		news := &ledgerOfNews{
			fault: errors.New("busy"), fills: []trading.Fill{fill("old")},
			signals: []trading.SignalRecord{{ID: "s1", Account: "mexc:paper", Action: "LONG", Symbol: "BTCUSDT", Status: trading.SignalRejected}},
		}
		h := quietHouse()
		h.book, h.hub = news, events.New()
		rung := &heard{}
		gatherer := newGatherer(rung.deliver, slog.New(slog.DiscardHandler))
		herald := &herald{in: h, gatherer: gatherer, away: func() bool { return true }}
		ctx, stop := context.WithCancel(t.Context())
		go gatherer.serve(ctx)
		go herald.serve(ctx)
		tell := func(topic events.Topic) {
			synctest.Wait()
			h.hub.Publish(topic)
			synctest.Wait()
		}
		tell(events.Fills)
		news.fault = nil
		tell(events.Fills)
		tell(events.Signals)
		if len(rung.list) != 0 {
			t.Errorf("had %q, want nothing: all of it was there before the program began", rung.list)
		}

		news.fills = append([]trading.Fill{fill("new")}, news.fills...)
		tell(events.Fills)

		if want := []string{"[PAPER] Filled: Bought 1 BTCUSDT at 2 on mexc"}; !slices.Equal(rung.list, want) {
			t.Errorf("had %q, want %q: from the first look on, what happens is told", rung.list, want)
		}
		stop()
		synctest.Wait()
	})
}

func TestHealthHasHowTheProgramSitsOnThisComputer(t *testing.T) {
	p := start(t)
	found := map[string]string{}
	for _, part := range must[HealthReport](p, "Health/Get", Empty{}).Items {
		found[part.Name] = part.State
	}
	if found["awake"] != "ok" || found["update"] != "off" {
		t.Errorf("had %v, want awake ok (paper needs no watch) and update off", found)
	}
}

func TestAboutNamesWhatIsBuiltIn(t *testing.T) {
	p := start(t)
	about := must[About](p, "Desktop/About", Empty{})
	if about.Version != version || about.SQLite == "" || len(about.Licenses) < 50 {
		t.Errorf("had version %q, SQLite %q and %d licences", about.Version, about.SQLite, len(about.Licenses))
	}
	if code, out, words := hoox(t, "", "version", "--licenses"); code != exitOK || !strings.Contains(out, "github.com/wailsapp/wails/v2") || !strings.Contains(out, "Permission is hereby granted") {
		t.Errorf("had %d %s %.200s, want works and texts", code, words, out)
	}
}

func TestTheHeadlessProgramHasNoTray(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "hoox")
	list.Dir, list.Env = "..", append(os.Environ(), "GOFLAGS=-tags=sqlite_fts5,sqlite_omit_load_extension")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		if strings.HasPrefix(name, "fyne.io/systray") || strings.Contains(name, "wails/v2/internal/frontend/desktop") {
			t.Errorf("it links %s, want a program that runs where there is no desktop", strings.TrimSpace(name))
		}
	}
}
