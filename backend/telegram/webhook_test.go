package telegram_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
)

const public, moved = "https://hooks.example.com", "https://other.example.com"

// hooked is a world in which Telegram posts updates.
func hooked(t *testing.T, mode telegram.Mode, test func(w *world)) {
	t.Helper()
	play(t, telegramsim.Config{}, func(w *world) {
		w.mode.Store(mode)
		w.public.Store(public)
		w.start()
		w.pass(2 * time.Second)
		test(w)
	})
}

// elsewhere gives the gateway another address, "" for none.
func (w *world) elsewhere(address string) {
	w.public.Store(address)
	w.runner.Again()
	w.pass(2 * time.Second)
}

func (w *world) posts(want string) {
	w.Helper()
	if url, _, dropped := w.sim.Webhook(); url != want || dropped != 0 {
		w.Errorf("Telegram posts to %q and has dropped %d, want %q and none", url, dropped, want)
	}
}

func TestUpdatesArePostedWhileThereIsAnAddress(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		s := w.phase(telegram.Hooked, "there is a public address")
		if s.Public != public+"/telegram-webhook" {
			w.Errorf("the state names %q", s.Public)
		}
		w.posts(public + "/telegram-webhook")
		if _, had, _ := w.sim.Webhook(); had != secret {
			w.Errorf("Telegram was given the secret %q", had)
		}
		kinds := []string{"message", "edited_message", "callback_query"}
		if had := w.sim.Allowed(); !slices.Equal(had, kinds) {
			w.Errorf("asked for %q, want %q and no more", had, kinds)
		}
		w.sim.Say(ann, ann, "/one")
		w.pass(time.Second)
		w.elsewhere(moved)
		w.posts(moved + "/telegram-webhook")
		w.sim.Say(ann, ann, "/two")
		w.pass(2 * time.Second)
		before := len(w.sim.Calls("getUpdates"))
		w.pass(time.Hour)
		if n := len(w.sim.Calls("getUpdates")); n != before || n != 0 {
			w.Errorf("%d questions while updates are posted, want none: never both at once", n)
		}
		w.elsewhere("")
		w.phase(telegram.Polling, "the address is gone")
		w.posts("")
		w.sim.Say(ann, ann, "/three")
		w.pass(time.Second)
		w.elsewhere(public)
		w.phase(telegram.Hooked, "the address is back")
		w.sim.Say(ann, ann, "/four")
		w.pass(2 * time.Second)
		if did := w.crew.did(); !slices.Equal(did, []string{"/one", "/two", "/three", "/four"}) {
			w.Errorf("obeyed %q, want each once", did)
		}
	})
}

func TestAForgedPostIsTurnedAway(t *testing.T) {
	hooked(t, telegram.Webhook, func(w *world) {
		body := []byte(fmt.Sprintf(`{"update_id":1,"message":{"message_id":1,"date":%d,"from":{"id":%d},"chat":{"id":%d,"type":"private"},"text":"/kill_on"}}`, time.Now().Unix(), ann, ann))
		for name, c := range map[string]struct {
			secret string
			body   []byte
			want   int
		}{
			"none":       {"", body, 403},
			"wrong":      {"a-secret_of-our-owm", body, 403},
			"longer":     {secret + "x", body, 403},
			"shorter":    {secret[:len(secret)-1], body, 403},
			"the token":  {token, body, 403},
			"no update":  {secret, []byte(`{"update_id":"x"}`), 400},
			"no JSON":    {secret, []byte(`<`), 400},
			"too much":   {secret, make([]byte, telegram.MaxHookBody+1), 413},
			"wrong, too": {"x", make([]byte, telegram.MaxHookBody+1), 403},
		} {
			if had := w.runner.Webhook(context.Background(), c.secret, c.body); had != c.want {
				w.Errorf("%s: answered %d, want %d", name, had, c.want)
			}
		}
		if w.store.takes != 0 || len(w.crew.did()) != 0 {
			w.Errorf("%d forged updates were kept, %q obeyed", w.store.takes, w.crew.did())
		}
		if had := w.runner.Webhook(context.Background(), secret, body); had != 200 {
			w.Errorf("the real one: answered %d", had)
		}
		if had := w.runner.Webhook(context.Background(), secret, body); had != 200 {
			w.Errorf("the real one again: answered %d, want 200 or it comes for ever", had)
		}
		w.pass(time.Second)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on"}) {
			w.Errorf("obeyed %q, want it once", did)
		}
		w.end()
		if had := w.runner.Webhook(context.Background(), secret, body); had != 503 {
			w.Errorf("after the stop: answered %d, want 503, so that it comes again", had)
		}
	})
}

func TestWithoutASecretOfOursEveryPostIsForged(t *testing.T) {
	r := telegram.NewRunner(telegram.Parts{Now: time.Now})
	for _, secret := range []string{"", "x"} {
		if had := r.Webhook(context.Background(), secret, []byte(`{"update_id":1}`)); had != 403 {
			t.Errorf("secret %q: answered %d, want 403", secret, had)
		}
	}
}

func TestAPostThatCannotBeKeptComesAgain(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.store.fail("take", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(20 * time.Second)
		if did := w.crew.did(); len(did) != 0 || len(w.sim.Unconfirmed()) != 1 {
			w.Errorf("obeyed %q, %d kept by Telegram: want none and one", did, len(w.sim.Unconfirmed()))
		}
		w.sim.Say(bob, bob, "/status")
		w.store.fail("take", false)
		w.pass(2 * time.Minute)
		did := w.crew.did()
		slices.Sort(did)
		if !slices.Equal(did, []string{"/close", "/status"}) || len(w.sim.Unconfirmed()) != 0 {
			w.Errorf("obeyed %q, want both once", did)
		}
	})
}

func TestWhatIsBeingObeyedIsNotTakenForInterrupted(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		release := w.held()
		w.sim.Say(ann, ann, "/slow")
		w.pass(time.Second)
		w.store.fail("take", true)
		w.sim.Say(bob, bob, "/status")
		w.pass(time.Second)
		w.store.fail("take", false)
		w.pass(2 * time.Minute)
		release()
		w.pass(time.Second)
		if states := w.store.states(); states["/slow"] != chat.Done || len(w.crew.broken) != 0 {
			w.Errorf("the states are %v and %q was told as broken off, want it done", states, w.crew.broken)
		}
	})
}

// An update that was written down although the store said that it was not is begun, and nobody obeys it.
func TestWhatWasTakenWithoutAWordIsToldAsInterrupted(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.store.fail("take", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(100 * time.Millisecond)
		w.store.fail("take", false)
		if _, err := w.store.TakeUpdate(context.Background(), chat.Update{ID: w.sim.Unconfirmed()[0], User: ann, Chat: ann, Words: "/close"}, time.Now()); err != nil {
			w.Fatal(err)
		}
		w.pass(3 * time.Minute)
		if had := w.heard(ann); !slices.Equal(had, []string{"unknown: /close"}) || len(w.crew.did()) != 0 {
			w.Errorf("Ann heard %q and %q was obeyed, want to be told that nobody knows", had, w.crew.did())
		}
	})
}

// What failed to be posted is behind what was posted since; to ask from a number above it would have Telegram forget it.
func TestWhatWasNotPostedIsAskedForLater(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.store.fail("take", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(100 * time.Millisecond)
		w.store.fail("take", false)
		w.sim.Say(bob, bob, "/status")
		w.pass(100 * time.Millisecond)
		w.elsewhere("")
		if did := w.crew.did(); !slices.Equal(did, []string{"/status", "/close"}) {
			w.Errorf("obeyed %q, want the later one first and the earlier one still", did)
		}
	})
}

func TestAWebhookThatIsRefusedIsMadeUpForByAsking(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.mode.Store(telegram.Auto)
		w.public.Store("http://hooks.example.com")
		w.start()
		s := w.phase(telegram.Polling, "Telegram does not post without TLS")
		if !strings.Contains(s.Detail, "HTTPS") {
			w.Errorf("the detail is %q, want it to say why there is no webhook", s.Detail)
		}
		w.sim.Say(ann, ann, "/one")
		w.pass(9 * time.Minute)
		if n := len(w.sim.Calls("setWebhook")); n != 1 {
			w.Errorf("the webhook was tried %d times in nine minutes", n)
		}
		w.pass(2 * time.Minute)
		if n := len(w.sim.Calls("setWebhook")); n != 2 {
			w.Errorf("the webhook was tried %d times, want once more after ten minutes", n)
		}
		w.elsewhere(public)
		w.phase(telegram.Hooked, "another address is tried at once")
		if did := w.crew.did(); !slices.Equal(did, []string{"/one"}) {
			w.Errorf("obeyed %q", did)
		}
	})
}

func TestAWebhookThatIsNotReachedIsMadeUpForByAsking(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.phase(telegram.Hooked, "Telegram took the address")
		// The address leads nowhere, though the tunnel believes that it is up.
		w.public.Store(moved)
		w.sim.Say(ann, ann, "/kill_on")
		w.pass(30 * time.Second)
		w.public.Store(public)
		w.pass(30 * time.Second)
		w.public.Store(moved)
		w.sim.Say(ann, ann, "/status")
		w.pass(4 * time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on", "/status"}) {
			w.Errorf("obeyed %q, want both although nothing can be posted", did)
		}
	})
}

func TestAWebhookOnlyStaysOne(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.mode.Store(telegram.Webhook)
		w.start()
		s := w.phase(telegram.Down, "there is no address")
		if !strings.Contains(s.Detail, "public address") || s.Fix == "" {
			w.Errorf("the state is %+v, want it to say what is missing", s)
		}
		w.elsewhere("https://hooks.example.com:8080")
		s = w.phase(telegram.Down, "Telegram does not post to this port")
		if !strings.Contains(s.Detail, "ports") || len(w.sim.Calls("getUpdates")) != 0 {
			w.Errorf("the detail is %q after %d questions, want Telegram's words and none", s.Detail, len(w.sim.Calls("getUpdates")))
		}
		w.elsewhere(public)
		w.phase(telegram.Hooked, "the address will do")
	})
}

func TestAWebhookThatAnotherProgramTookIsAConflict(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.sim.SetWebhook("https://elsewhere.example/hook", "")
		w.pass(time.Minute)
		s := w.phase(telegram.Contested, "the bot posts to somebody else")
		if !strings.Contains(s.Detail, "another program") || s.Public != "" {
			w.Errorf("the state is %+v", s)
		}
		w.pass(time.Minute)
		w.phase(telegram.Hooked, "it is taken back")
		w.posts(public + "/telegram-webhook")
	})
}

func TestAStopAndStartKeepsTheWebhook(t *testing.T) {
	hooked(t, telegram.Auto, func(w *world) {
		w.end()
		w.sim.Say(ann, ann, "/close")
		w.pass(10 * time.Second)
		w.posts(public + "/telegram-webhook")
		w.again()
		w.pass(time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/close"}) {
			w.Errorf("obeyed %q, want what was posted while nobody was there", did)
		}
	})
}
