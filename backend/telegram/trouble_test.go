package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
	"hoox/backend/trading"
)

func TestAnotherProgramWithTheSameTokenIsNamed(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.Rival()
		w.pass(time.Second)
		s := w.phase(telegram.Contested, "another program asks with the same token")
		if !strings.Contains(s.Detail, "another program asks for the messages of this bot") || s.Fix == "" || s.Next.IsZero() {
			w.Errorf("the state is %+v, want words that say what to do and when it is tried again", s)
		}
		w.sim.Say(ann, ann, "/status")
		w.pass(time.Minute)
		w.phase(telegram.Polling, "the other program is gone")
		if did := w.crew.did(); !slices.Equal(did, []string{"/status"}) {
			w.Errorf("obeyed %q, want what was said meanwhile", did)
		}
		w.sim.SetWebhook("https://elsewhere.example/hook", "")
		w.pass(time.Second)
		s = w.phase(telegram.Contested, "another program has set a webhook")
		if !strings.Contains(s.Detail, "webhook") {
			w.Errorf("the detail is %q, want it to name the webhook", s.Detail)
		}
		w.pass(time.Minute)
		w.phase(telegram.Polling, "the webhook is taken away")
		if _, _, dropped := w.sim.Webhook(); dropped != 0 {
			w.Errorf("%d updates were dropped with it", dropped)
		}
	})
}

func TestARevokedTokenIsSaidAndANewOneCountsAtOnce(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.SetToken(second)
		w.pass(2 * time.Minute)
		s := w.phase(telegram.Unrecognised, "the token was revoked")
		if s.Fix == "" {
			w.Error("nothing says what to do")
		}
		asked := len(w.sim.Calls(""))
		w.pass(5 * time.Minute)
		if n := len(w.sim.Calls("")) - asked; n > 2 {
			w.Errorf("%d calls with a token that is none, want patience", n)
		}
		w.store.Post(chat.Message{Chat: ann, HTML: "meanwhile"})
		w.postman.Wake()
		w.pass(time.Minute)
		w.token.Store(second)
		w.runner.Again()
		w.pass(time.Second)
		w.phase(telegram.Polling, "the new token is known")
		if had := w.heard(ann); !slices.Equal(had, []string{"meanwhile"}) {
			w.Errorf("Ann heard %q, want what waited, at once", had)
		}
		w.token.Store("")
		w.runner.Again()
		w.pass(time.Second)
		w.phase(telegram.Off, "there is no token")
		if w.sim.Asked() {
			w.Error("a question still waits without a token")
		}
	})
}

func TestWithoutATokenNothingIsAsked(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.token.Store("")
		w.start()
		w.store.Post(chat.Message{Chat: ann, HTML: "hello"})
		w.postman.Wake()
		w.pass(time.Hour)
		s := w.phase(telegram.Off, "there is no token")
		if n := len(w.sim.Calls("")); n != 0 || s.Waiting != 1 || !strings.Contains(s.Stuck, "no bot token is set") {
			w.Errorf("%d calls, %d messages wait (%s), want none and the one with its reason", n, s.Waiting, s.Stuck)
		}
		for _, odd := range []string{"nonsense", "123:short", "1234:" + strings.Repeat("a", 30) + "/../x", token + "\n"} {
			w.token.Store(odd)
			if _, err := w.client.Me(context.Background()); trading.KindOf(err) != trading.Unauthorized {
				w.Errorf("token %q: %v, want it refused before it stands in an address", odd, err)
			}
		}
		if n := len(w.sim.Calls("")); n != 0 {
			w.Errorf("%d calls with tokens that are none", n)
		}
	})
}

func TestNumbersThatBeginAnewAfterAQuietWeekAreObeyed(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.Say(ann, ann, "/one")
		w.pass(time.Minute)
		w.sim.Renumber(5000)
		w.sim.Say(ann, ann, "/two")
		w.sim.Say(ann, ann, "/three")
		w.pass(2 * time.Minute)
		w.again()
		w.sim.Say(ann, ann, "/four")
		w.pass(time.Minute)
		if did := w.crew.did(); !slices.Equal(did, []string{"/one", "/two", "/three", "/four"}) {
			w.Errorf("obeyed %q: a halt after a quiet week must not be taken for an old one", did)
		}
		if n := len(w.sim.Calls("getUpdates")); n > 30 {
			w.Errorf("%d questions, want no hurry", n)
		}
	})
}

func TestAnAnswerThatTearsLosesNoCommand(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		var want []string
		for cut := 0; cut < 420; cut += 7 {
			torn := false
			w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
				if method != "getUpdates" || torn {
					return telegramsim.Fault{}
				}
				torn = true
				return telegramsim.Fault{LoseAnswer: true, Leave: cut}
			})
			want = append(want, fmt.Sprint("/say ", cut))
			w.sim.Say(ann, ann, want[len(want)-1])
			w.start()
			w.pass(10 * time.Second)
			w.end()
		}
		if did := w.crew.did(); !slices.Equal(did, want) {
			w.Errorf("obeyed %d of %d commands: %q", len(did), len(want), did)
		}
	})
}

func TestTroubleAtTelegramIsShownAndPasses(t *testing.T) {
	none := ""
	for name, fault := range map[string]telegramsim.Fault{
		"error":    {Code: 500, Text: "Internal Server Error", Refuse: true},
		"proxy":    {Status: 502, Refuse: true},
		"portal":   {Status: 200, Refuse: true},
		"silence":  {Delay: time.Hour},
		"limit":    {Code: 429, Text: "Too Many Requests: retry after 20", RetryAfter: 20, Refuse: true},
		"nonsense": {Body: &none},
		"cut":      {LoseRequest: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, telegramsim.Config{}, func(w *world) {
				w.start()
				w.sim.SetFaults(func(string, int64) telegramsim.Fault { return fault })
				w.sim.Say(ann, ann, "/status")
				w.pass(3 * time.Minute)
				s := w.phase(telegram.Down, "Telegram does not answer as it should")
				if s.Detail == "" || strings.ContainsAny(s.Detail, "\n<") && name != "silence" {
					w.Errorf("the detail is %q, want one line of words", s.Detail)
				}
				if n := len(w.sim.Calls("")); n > 40 {
					w.Errorf("%d calls in three minutes of trouble, want growing pauses", n)
				}
				w.sim.SetFaults(nil)
				w.pass(3 * time.Minute)
				w.phase(telegram.Polling, "Telegram is back")
				if did := w.crew.did(); !slices.Equal(did, []string{"/status"}) {
					w.Errorf("obeyed %q, want once what was said meanwhile", did)
				}
			})
		})
	}
}

func TestASilenceThatTelegramAsksForIsKept(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			return telegramsim.Fault{Code: 429, Text: "Too Many Requests: retry after 100", RetryAfter: 100, Refuse: method == "getUpdates"}
		})
		w.sim.Say(ann, ann, "x")
		w.pass(time.Second)
		before := len(w.sim.Calls(""))
		w.pass(98 * time.Second)
		if n := len(w.sim.Calls("")) - before; n != 0 {
			w.Errorf("%d calls within the silence that Telegram asked for", n)
		}
	})
}

// TestTheTokenStandsInNoErrorAndNoLog has a canary for a token, and everything that can go wrong.
func TestTheTokenStandsInNoErrorAndNoLog(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		var texts []string
		note := func(err error) {
			for ; err != nil; err = errors.Unwrap(err) {
				texts = append(texts, fmt.Sprintf("%v %+v %#v", err, err, err))
			}
		}
		every := func(c *telegram.Client) {
			ctx := context.Background()
			_, err := c.Me(ctx)
			note(err)
			_, err = c.Send(ctx, chat.Message{Chat: ann, HTML: "x"})
			note(err)
			_, err = c.File(ctx, "x", 10)
			note(err)
			note(c.SetWebhook(ctx, "https://x.example", secret))
		}
		echo := `{"ok":false,"error_code":400,"description":"Bad Request: /bot` + token + `/x"}`
		broken := `{"ok":true,"result":"` + token + `"`
		wrong := `{"ok":true,"result":"` + token + `"}`
		w.start()
		for _, f := range []telegramsim.Fault{
			{LoseRequest: true}, {LoseAnswer: true, Leave: 30}, {Status: 502, Refuse: true}, {Body: &echo}, {Body: &broken}, {Body: &wrong},
			{Code: 401, Text: "Unauthorized: " + token, Refuse: true}, {Code: 500, Text: token, Refuse: true}, {Code: 409, Text: "Conflict: " + token, Refuse: true},
		} {
			w.sim.SetFaults(func(string, int64) telegramsim.Fault { return f })
			every(w.client)
			w.store.Post(chat.Message{Chat: ann, HTML: "x"})
			w.postman.Wake()
			w.runner.Again()
			w.sim.Say(ann, ann, "/status")
			w.pass(2 * time.Minute)
			texts = append(texts, fmt.Sprintf("%+v", w.runner.State()))
		}
		for _, dial := range []error{&net.DNSError{Err: "no such host", Name: "api.telegram.org"}, errors.New("dial /bot" + token + "/getMe")} {
			c, err := telegram.NewClient(telegram.ClientConfig{Token: func() string { return token }, Now: time.Now, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, dial }})
			if err != nil {
				w.Fatal(err)
			}
			every(c)
		}
		if len(texts) < 40 || !strings.Contains(w.log.String(), "telegram") {
			w.Fatalf("%d texts and a log of %d bytes: the test looked at nothing", len(texts), len(w.log.String()))
		}
		for _, text := range append(texts, w.log.String()) {
			if strings.Contains(text, "canary") {
				w.Errorf("the token stands in %q: whoever reads it has the bot", text)
			}
		}
	})
}

func TestWhatTelegramSaysIsOneCleanLine(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.SetFaults(func(string, int64) telegramsim.Fault {
			return telegramsim.Fault{Code: 400, Text: "Bad Request:\n\x1b[31mINFO all is well\u202e " + strings.Repeat("x", 5000), Refuse: true}
		})
		_, err := w.client.Send(context.Background(), chat.Message{Chat: ann, HTML: "x"})
		if trading.KindOf(err) != trading.Rejected || strings.ContainsAny(err.Error(), "\n\x1b\u202e") || len(err.Error()) > 400 {
			w.Errorf("had %q, want a short line without what a terminal obeys", err)
		}
	})
}
