package telegram_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
)

func TestACommandIsObeyedAndAnswered(t *testing.T) {
	play(t, telegramsim.Config{Flood: true}, func(w *world) {
		w.start()
		s := w.phase(telegram.Polling, "Telegram has answered")
		if had := w.sim.Allowed(); !slices.Equal(had, []string{"message", "edited_message", "callback_query"}) {
			w.Errorf("asked for %q, want what is understood and no more", had)
		}
		if s.Bot != "hoox_test_bot" || s.Heard.IsZero() {
			w.Errorf("the state is %+v, want the bot's name and a real round trip", s)
		}
		w.sim.Say(ann, ann, "/status")
		w.pass(time.Second)
		if had := w.heard(ann); !slices.Equal(had, []string{"did /status"}) {
			w.Errorf("Ann heard %q, want one answer", had)
		}
		if s := w.runner.State(); s.Waiting != 0 || s.Stuck != "" {
			w.Errorf("%d messages wait (%s), want none", s.Waiting, s.Stuck)
		}
		w.pass(time.Hour)
		if left := w.sim.Unconfirmed(); len(left) != 0 {
			w.Errorf("updates %v would come again: what was taken is to be confirmed", left)
		}
		if n := len(w.sim.Calls("getUpdates")); n > 80 {
			w.Errorf("%d questions in an hour, want one in 50 s", n)
		}
	})
}

func TestAStrangerIsMetWithSilenceAndNothingIsKept(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		const stranger, elsewhere = int64(6666), int64(-7777)
		w.start()
		w.sim.Post(telegramsim.Words{User: stranger, Chat: stranger, Text: "/kill_on", Name: "Ann"})
		w.sim.Say(stranger, crowd, "/kill_on")
		w.sim.Say(ann, elsewhere, "/status")
		w.sim.Post(telegramsim.Words{User: ann, Chat: crowd, Text: "/status", Anonymous: true})
		query := w.sim.Press(stranger, ann, 1, "halt")
		w.sim.Raw(map[string]any{"my_chat_member": map[string]any{"chat": map[string]any{"id": 1}}})
		w.pass(time.Minute)
		if did := w.crew.did(); len(did) != 0 {
			w.Errorf("did %q for people whom nobody paired", did)
		}
		if w.store.takes != 0 || len(w.sim.Sent()) != 0 {
			w.Errorf("%d updates of strangers were kept and %d messages answered them: a stranger must not be able to fill the store", w.store.takes, len(w.sim.Sent()))
		}
		if _, answered := w.sim.Answered(query); answered {
			w.Error("a stranger's press was answered: silence tells nothing")
		}
		if left := w.sim.Unconfirmed(); len(left) != 0 {
			w.Errorf("updates %v of strangers would come again for ever", left)
		}
	})
}

func TestAnUpdateThatComesTwiceIsObeyedOnce(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		// The question that would confirm it never arrives.
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			return telegramsim.Fault{LoseRequest: method == "getUpdates"}
		})
		w.sim.Say(ann, ann, "/close BTCUSDT")
		w.pass(10 * time.Second)
		if left := w.sim.Unconfirmed(); len(left) != 1 {
			w.Fatalf("%d updates are unconfirmed, want one that comes again", len(left))
		}
		w.sim.SetFaults(nil)
		w.pass(2 * time.Minute)
		w.again()
		w.pass(2 * time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/close BTCUSDT"}) {
			w.Errorf("obeyed %q, want it once: the second would close what was opened since", did)
		}
	})
}

func TestAHaltIsObeyedThoughTheDiskIsFull(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.store.fail("take", true)
		w.sim.Say(ann, ann, "/kill_on")
		w.sim.Say(ann, ann, "/close")
		w.pass(5 * time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on"}) {
			w.Fatalf("obeyed %q, want the halt, once, and nothing else", did)
		}
		w.store.fail("take", false)
		w.pass(5 * time.Minute)
		// Both come at once then, and a halt overtakes.
		if had := slices.Sorted(slices.Values(w.heard(ann))); !slices.Equal(had, []string{"did /close", "did /kill_on"}) {
			w.Errorf("Ann heard %q, want both answered once they could be written down", had)
		}
	})
}

func TestAHaltIsObeyedThoughWhatCameBeforeItCannotBeWrittenDown(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.store.fail("take", true)
		var cut error
		w.crew.setObey(func(ctx context.Context, u chat.Update) chat.Answer {
			<-time.After(time.Second)
			cut = ctx.Err()
			return chat.Answer{State: chat.Done, Detail: "did " + u.Words}
		})
		w.sim.Say(ann, ann, "/close")
		w.sim.Say(6666, 6666, "/kill_on of a stranger")
		w.sim.Say(bob, bob, "/kill_on")
		w.pass(5 * time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on"}) {
			w.Errorf("obeyed %q, want the halt, once, and nothing else: it waits behind nothing", did)
		}
		if cut != nil {
			w.Errorf("the halt was cut short (%v) because the question that brought it has ended", cut)
		}
		if left := w.sim.Unconfirmed(); len(left) != 3 {
			w.Errorf("%d updates would come again, want all: the close was not taken", len(left))
		}
	})
}

func TestAHaltIsObeyedThoughWhatWasBegunCannotBeRead(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		if _, err := w.store.TakeUpdate(context.Background(), chat.Update{ID: 1, Kind: chat.Text, User: ann, Chat: ann, Words: "/close"}, time.Now()); err != nil {
			w.Fatal(err)
		}
		w.store.fail("begun", true)
		w.start()
		w.sim.Say(ann, ann, "/kill_on")
		w.pass(5 * time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on"}) {
			w.Errorf("obeyed %q, want the halt: it does not wait for what an earlier run had begun", did)
		}
		w.phase(telegram.Down, "what was begun cannot be read")
		w.store.fail("begun", false)
		w.pass(2 * time.Minute)
		w.phase(telegram.Polling, "the store is back")
		if !slices.Equal(w.crew.broken, []string{"/close"}) {
			w.Errorf("told of %q as broken off, want the close", w.crew.broken)
		}
	})
}

func TestWhatMayHaveBeenTakenWhileSuchWasLookedForIsAnswered(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.public.Store("https://alerts.example")
		w.mode.Store(telegram.Webhook)
		w.start()
		// The store says that it failed, and has it all the same; at that moment it is asked what was begun because of an earlier one.
		lost := func(id int64) {
			w.store.fail("torn", true)
			body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":%d,"type":"private"},"from":{"id":%d},"text":"/close %d"}}`, id, ann, ann, id)
			if status := w.runner.Webhook(context.Background(), secret, []byte(body)); status != 503 {
				w.Errorf("answered with %d, want 503: nobody knows whether it was taken", status)
			}
		}
		lost(901)
		w.store.then(func() { lost(902) })
		w.pass(5 * time.Minute)
		if !slices.Equal(w.crew.broken, []string{"/close 901", "/close 902"}) {
			w.Errorf("told of %q as broken off, want both: Telegram does not bring again what was taken", w.crew.broken)
		}
	})
}

func TestWhatAStopInterruptedIsNeverObeyedAgain(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		// One was taken, and the program ended before it was obeyed; Telegram brings it again.
		w.sim.Say(ann, ann, "/flatten")
		id := w.sim.Unconfirmed()[0]
		if _, err := w.store.TakeUpdate(context.Background(), chat.Update{ID: id, Kind: chat.Text, User: ann, Chat: ann, Words: "/flatten"}, time.Now()); err != nil {
			w.Fatal(err)
		}
		w.start()
		w.pass(time.Minute)
		// One was obeyed, and the program ended before that was written down.
		w.store.fail("end", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(time.Second)
		w.end()
		w.store.fail("end", false)
		w.again()
		w.pass(time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/close"}) {
			w.Errorf("obeyed %q, want only what was obeyed before the stop", did)
		}
		if !slices.Equal(w.crew.broken, []string{"/flatten", "/close"}) {
			w.Errorf("told of %q as broken off, want both", w.crew.broken)
		}
		if had := w.heard(ann); !slices.Equal(had, []string{"unknown: /flatten", "unknown: /close"}) {
			w.Errorf("Ann heard %q, want to be told of both", had)
		}
	})
}

func TestWhatWasDoneIsToldWhenTheStoreIsBack(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.store.fail("end", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(20 * time.Second)
		w.store.fail("end", false)
		w.pass(time.Minute)
		if had := w.heard(ann); !slices.Equal(had, []string{"did /close"}) || len(w.crew.did()) != 1 || len(w.crew.broken) != 0 {
			w.Errorf("Ann heard %q after %q was obeyed and %q broken off, want the one answer", had, w.crew.did(), w.crew.broken)
		}
	})
}

func TestNothingIsObeyedThatCouldNotBeWrittenDown(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.store.fail("take", true)
		w.sim.Say(ann, ann, "/close")
		w.pass(5 * time.Minute)
		w.phase(telegram.Down, "what Telegram brings cannot be kept")
		if did := w.crew.did(); len(did) != 0 || len(w.sim.Unconfirmed()) != 1 {
			w.Errorf("obeyed %q and %d updates would come again, want none obeyed and the one kept by Telegram", did, len(w.sim.Unconfirmed()))
		}
		w.store.fail("take", false)
		w.pass(2 * time.Minute)
		w.phase(telegram.Polling, "the store is back")
		if did := w.crew.did(); !slices.Equal(did, []string{"/close"}) {
			w.Errorf("obeyed %q, want it once", did)
		}
	})
}

// held makes every command but halts wait until release is called.
func (w *world) held() (release func()) {
	gate := make(chan struct{})
	w.crew.setObey(func(_ context.Context, u chat.Update) chat.Answer {
		if !w.crew.Urgent(u) {
			<-gate
		}
		return chat.Answer{State: chat.Done, Detail: "did " + u.Words + u.Button}
	})
	return func() { close(gate) }
}

func TestAHaltWaitsBehindNothing(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		release := w.held()
		for n := range 30 {
			w.sim.Say(ann, ann, fmt.Sprint("/close ", n))
			w.sim.Say(bob, bob, fmt.Sprint("/close ", n))
			friend := 2001 + int64(n)%9
			w.sim.Say(friend, friend, fmt.Sprint("/close ", n))
		}
		w.pass(time.Second)
		w.sim.Say(ann, ann, "/kill_on")
		query := w.sim.Press(bob, bob, 1, "halt")
		synctest.Wait()
		states := w.store.states()
		if states["/kill_on"] != chat.Done || states["halt"] != chat.Done {
			w.Errorf("the halts are %q and %q, want both done while %d commands hang", states["/kill_on"], states["halt"], len(w.crew.did())-2)
		}
		if text, answered := w.sim.Answered(query); !answered || text != "did halt" {
			w.Errorf("the press was answered %v with %q, want at once with what came of it", answered, text)
		}
		release()
	})
}

func TestAHaltDoesNotWaitForTheListOfCommands(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.menus = func(context.Context) ([]telegram.Menu, error) {
			list := []telegram.Command{{Name: "status", About: "how it is"}}
			return []telegram.Menu{{Chat: ann, Commands: list}, {Chat: bob, Commands: list}}, nil
		}
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			if method != "setMyCommands" {
				return telegramsim.Fault{}
			}
			return telegramsim.Fault{Delay: time.Hour}
		})
		w.start()
		w.sim.Say(ann, ann, "/kill_on")
		w.pass(time.Second)
		if did := w.crew.did(); !slices.Equal(did, []string{"/kill_on"}) {
			w.Errorf("obeyed %q, want the halt: what the bot shows is decoration", did)
		}
	})
}

func TestWhatOnePersonSaysIsObeyedInOrder(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		release := w.held()
		var want []string
		for n := range 15 {
			want = append(want, fmt.Sprint("/say ", n))
			w.sim.Say(ann, ann, want[n])
		}
		w.sim.Say(bob, bob, "/other")
		synctest.Wait()
		if did := w.crew.did(); !slices.Equal(did, []string{"/say 0", "/other"}) && !slices.Equal(did, []string{"/other", "/say 0"}) {
			w.Errorf("under way are %q, want one of each person", did)
		}
		release()
		synctest.Wait()
		did := slices.DeleteFunc(w.crew.did(), func(s string) bool { return s == "/other" })
		if !slices.Equal(did, want) {
			w.Errorf("obeyed %q, want the order in which it was said", did)
		}
	})
}

func TestAFloodOfOnePersonIsRefusedInWords(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		release := w.held()
		for n := range 40 {
			w.sim.Say(ann, ann, fmt.Sprint("/say ", n))
		}
		synctest.Wait()
		refused := 0
		for _, state := range w.store.states() {
			if state == chat.Refused {
				refused++
			}
		}
		if refused != 19 {
			w.Errorf("%d were refused, want 19: one is under way and 20 wait", refused)
		}
		if w.store.states()["/say 39"] != chat.Refused {
			w.Error("the last one was not refused, want the newest to go")
		}
		release()
		synctest.Wait()
		if did := w.crew.did(); len(did) != 21 {
			w.Errorf("%d were obeyed, want 21", len(did))
		}
	})
}

func TestAPanicIsOneUpdatesFailure(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.crew.setObey(func(context.Context, chat.Update) chat.Answer { panic("no such key") })
		w.sim.Say(ann, ann, "/odd")
		w.pass(time.Second)
		w.crew.setObey(nil)
		w.sim.Say(ann, ann, "/status")
		w.pass(time.Second)
		if states := w.store.states(); states["/odd"] != chat.BrokenOff || states["/status"] != chat.Done {
			w.Errorf("the states are %v, want the odd one broken off and the next done", states)
		}
	})
}

func TestAPressIsToldWithinASecond(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		long := strings.Repeat("😀", 150)
		w.crew.setObey(func(_ context.Context, u chat.Update) chat.Answer { return chat.Answer{Detail: long} })
		quick := w.sim.Press(ann, ann, 1, "quick")
		synctest.Wait()
		text, answered := w.sim.Answered(quick)
		if !answered || !strings.HasPrefix(text, "😀😀") || len([]rune(text)) != 100 {
			w.Errorf("the press was answered %v with %d letters, want 100: Telegram counts 200 and refuses more", answered, len([]rune(text)))
		}
		if w.store.states()["quick"] != chat.Done {
			w.Errorf("an answer without a state is %q, want done", w.store.states()["quick"])
		}
		release := w.held()
		slow := w.sim.Press(bob, bob, 1, "slow")
		w.pass(900 * time.Millisecond)
		if _, answered := w.sim.Answered(slow); answered {
			w.Error("the press was answered before anything was known")
		}
		w.pass(200 * time.Millisecond)
		if text, answered := w.sim.Answered(slow); !answered || text != "" {
			w.Errorf("after a second the press was answered %v with %q, want without words: the button looks stuck", answered, text)
		}
		release()
	})
}

func TestEditedAndOddWordsReachTheHandlerAsWhatTheyAre(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		var had []string
		w.start()
		w.crew.setObey(func(_ context.Context, u chat.Update) chat.Answer {
			w.crew.mu.Lock()
			defer w.crew.mu.Unlock()
			had = append(had, fmt.Sprintf("%s %q %s", u.Kind, u.Odd, u.Words))
			return chat.Answer{State: chat.Refused}
		})
		number := w.sim.Say(ann, ann, "/status")
		w.sim.Edit(ann, ann, number, "/kill_off")
		w.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/close", Forwarded: true})
		w.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/close", ViaBot: true})
		w.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/close", Bot: true})
		w.pass(time.Second)
		want := []string{`text "" /status`, `edited "" /kill_off`, `text "forwarded" /close`, `text "sent through another bot" /close`}
		if !slices.Equal(had, want) {
			w.Errorf("the handler was told %q, want %q", had, want)
		}
	})
}
