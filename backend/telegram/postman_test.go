package telegram_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
)

// letters posts n messages to a chat and returns their words.
func (w *world) letters(id int64, n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%d to %d", i, id))
		w.store.Post(chat.Message{Chat: id, HTML: list[i]})
	}
	w.postman.Wake()
	return list
}

func TestMessagesOfAChatArriveInOrderAndBelowTheLimits(t *testing.T) {
	play(t, telegramsim.Config{Flood: true}, func(w *world) {
		w.start()
		to := map[int64][]string{ann: w.letters(ann, 30), crowd: w.letters(crowd, 50)}
		for id := int64(1); id <= 60; id++ {
			w.sim.Start(id)
			to[id] = w.letters(id, 2)
		}
		begun := time.Now()
		w.pass(29 * time.Second)
		if had := w.heard(ann); len(had) < 29 {
			w.Errorf("Ann heard %d messages after %s, want one a second", len(had), time.Since(begun))
		}
		w.pass(3 * time.Minute)
		for id, want := range to {
			if had := w.heard(id); !slices.Equal(had, want) {
				w.Errorf("chat %d heard %q, want %q", id, had, want)
			}
		}
		if n := len(w.sim.Calls("sendMessage")); n != 200 {
			w.Errorf("%d calls for 200 messages: Telegram found us too loud", n)
		}
	})
}

func TestOneChatThatIsTooLoudHoldsUpNoOther(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.SetFaults(func(method string, id int64) telegramsim.Fault {
			if id != ann || method != "sendMessage" {
				return telegramsim.Fault{}
			}
			return telegramsim.Fault{Code: 429, Text: "Too Many Requests: retry after 40", RetryAfter: 40, Refuse: true}
		})
		forAnn, forBob := w.letters(ann, 3), w.letters(bob, 3)
		w.pass(5 * time.Second)
		if had := w.heard(bob); !slices.Equal(had, forBob) {
			w.Errorf("Bob heard %q while Ann's chat is too loud, want %q", had, forBob)
		}
		w.sim.SetFaults(nil)
		tries := len(w.sim.Calls("sendMessage"))
		w.pass(34 * time.Second)
		if n := len(w.sim.Calls("sendMessage")) - tries; n != 0 {
			w.Errorf("%d tries within the silence that Telegram asked for", n)
		}
		w.pass(5 * time.Second)
		if had := w.heard(ann); !slices.Equal(had, forAnn) {
			w.Errorf("Ann heard %q, want %q", had, forAnn)
		}
	})
}

func TestABotThatIsTooLoudIsQuietEverywhere(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			return telegramsim.Fault{Code: 429, Text: "Too Many Requests: retry after 60", RetryAfter: 60, Refuse: method == "sendMessage"}
		})
		w.letters(ann, 2)
		w.letters(bob, 2)
		w.pass(time.Second)
		w.sim.SetFaults(nil)
		tries := len(w.sim.Calls("sendMessage"))
		forCrowd := w.letters(crowd, 1)
		w.pass(55 * time.Second)
		if n := len(w.sim.Calls("sendMessage")) - tries; n != 0 {
			w.Errorf("%d messages while two chats were told to be quiet, want none anywhere", n)
		}
		w.pass(10 * time.Second)
		if had := w.heard(crowd); !slices.Equal(had, forCrowd) || len(w.heard(ann)) != 2 || len(w.heard(bob)) != 2 {
			w.Errorf("afterwards the crowd heard %q, want everything out", had)
		}
	})
}

func TestALongMessageArrivesWhole(t *testing.T) {
	play(t, telegramsim.Config{Flood: true}, func(w *world) {
		w.start()
		yes := [][]chat.Button{{{Label: "Yes", Data: "n"}}}
		w.store.Post(
			chat.Message{Chat: ann, HTML: strings.Repeat("x", 4096), Buttons: yes},
			chat.Message{Chat: ann, HTML: strings.Repeat("y", 4096) + "z", Buttons: yes, Silent: true},
			chat.Message{Chat: ann, HTML: strings.Repeat("p", 1025), Picture: picture(t, 60), Buttons: yes},
			chat.Message{Chat: ann, HTML: strings.Repeat("q", 1024), Picture: picture(t, 60)},
		)
		w.postman.Wake()
		w.pass(20 * time.Second)
		var had []string
		for _, m := range w.sim.Sent() {
			had = append(had, fmt.Sprintf("%d%.1s photo:%v buttons:%d silent:%v", len(m.Text), m.Text, m.Photo != nil, len(m.Buttons), m.Silent))
		}
		want := []string{
			"4096x photo:false buttons:1 silent:false", "4096y photo:false buttons:0 silent:true", "1z photo:false buttons:1 silent:true",
			"0 photo:true buttons:0 silent:false", "1025p photo:false buttons:1 silent:false", "1024q photo:true buttons:0 silent:false",
		}
		if !slices.Equal(had, want) {
			w.Errorf("Ann saw\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
		}
		if l := w.store.letter(2); l.state != chat.Sent || l.number != w.sim.Sent()[2].Number {
			w.Errorf("the long one is %s under %d, want sent under the number that has the buttons", l.state, l.number)
		}
	})
}

func TestALongMessageGoesOnWhereItWasHeldUp(t *testing.T) {
	for name, fault := range map[string]telegramsim.Fault{
		"limit": {Code: 429, Text: "Too Many Requests: retry after 20", RetryAfter: 20, Refuse: true},
		"error": {Code: 500, Text: "Internal Server Error", Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, telegramsim.Config{}, func(w *world) {
				w.start()
				w.store.Post(chat.Message{Chat: ann, HTML: strings.Repeat("x", 4096) + "\n" + strings.Repeat("y", 4096) + "\n" + "z"})
				sent := 0
				w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
					if method != "sendMessage" {
						return telegramsim.Fault{}
					}
					if sent++; sent == 1 {
						return telegramsim.Fault{}
					}
					return fault
				})
				w.postman.Wake()
				w.pass(10 * time.Second)
				w.sim.SetFaults(nil)
				w.pass(time.Minute)
				var had []string
				for _, text := range w.heard(ann) {
					had = append(had, fmt.Sprintf("%d%.1s", len(text), text))
				}
				if want := []string{"4096x", "4096y", "1z"}; !slices.Equal(had, want) {
					w.Errorf("Ann heard %q, want %q: what Telegram has for certain is not sent again", had, want)
				}
			})
		})
	}
}

func TestWhoHasBlockedTheBotIsGivenUpAndHoldsUpNobody(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.sim.Block(ann)
		w.letters(ann, 2)
		forBob := w.letters(bob, 2)
		w.store.Post(chat.Message{Chat: bob, HTML: "  "}, chat.Message{Chat: bob, HTML: "<b>half"}, chat.Message{Chat: bob, HTML: "whole"})
		w.pass(30 * time.Second)
		for _, id := range []int{1, 2, 5, 6} {
			if l := w.store.letter(id); l.state != chat.Failed || l.why == "" {
				w.Errorf("message %d is %s (%s), want it given up with the reason", id, l.state, l.why)
			}
		}
		if had := w.heard(bob); !slices.Equal(had, append(forBob, "whole")) {
			w.Errorf("Bob heard %q", had)
		}
		if s := w.runner.State(); s.Waiting != 0 || s.Phase != telegram.Polling {
			w.Errorf("the state is %+v, want nothing to wait and Telegram to be up", s)
		}
	})
}

func TestWhatIsTooOldToBeOfUseIsGivenUp(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.keep = time.Hour
		w.sim.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{LoseRequest: true} })
		w.start()
		w.letters(ann, 1)
		w.pass(50 * time.Minute)
		w.letters(bob, 1)
		synctest.Wait()
		if s := w.runner.State(); s.Waiting != 2 || time.Since(s.Oldest) != 50*time.Minute || s.Stuck == "" {
			w.Errorf("the state is %+v, want two messages that wait for 50 minutes, and why", s)
		}
		w.pass(25 * time.Minute)
		if l := w.store.letter(1); l.state != chat.Failed || !strings.Contains(l.why, "1h0m0s") || l.Attempts < 5 || l.Attempts > 40 {
			w.Errorf("the old one is %s after %d tries (%s), want it given up", l.state, l.Attempts, l.why)
		}
		w.sim.SetFaults(nil)
		w.pass(2 * time.Minute)
		if had := w.heard(bob); len(had) != 1 || len(w.heard(ann)) != 0 {
			w.Errorf("Bob heard %q and Ann %q, want the young one soon after Telegram is back", had, w.heard(ann))
		}
	})
}

func TestAMessageOutlivesTheProgram(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			return telegramsim.Fault{Delay: time.Hour, Refuse: true, Status: 500, LoseRequest: method != "sendMessage"}
		})
		w.start()
		want := w.letters(ann, 3)
		w.pass(5 * time.Second)
		begun := time.Now()
		w.end()
		if took := time.Since(begun); took > 4*time.Second {
			w.Errorf("the stop took %s while Telegram was silent, want a short grace", took)
		}
		w.sim.SetFaults(nil)
		w.again()
		w.pass(5 * time.Second)
		if had := w.heard(ann); !slices.Equal(had, want) {
			w.Errorf("Ann heard %q after the new start, want %q", had, want)
		}
	})
}

func TestWhatIsUnderWayAtAStopIsWrittenDown(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{Delay: 2 * time.Second} })
		w.start()
		w.letters(ann, 1)
		w.pass(time.Second)
		w.end()
		w.sim.SetFaults(nil)
		w.again()
		w.pass(time.Minute)
		if had := w.heard(ann); len(had) != 1 {
			w.Errorf("Ann heard %q, want it once: it was sent, and there was time to hear so", had)
		}
	})
}

func TestAMessageThatWasSentIsNotSentAgainBecauseTheStoreIsSlow(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.store.fail("sent", true)
		w.letters(ann, 2)
		w.pass(10 * time.Minute)
		if had := w.heard(ann); len(had) != 1 {
			w.Errorf("Ann heard %d messages while nothing could be written down, want the first one once", len(had))
		}
		w.store.fail("sent", false)
		w.pass(2 * time.Minute)
		if had := w.heard(ann); len(had) != 2 {
			w.Errorf("Ann heard %q, want both", had)
		}
	})
}

func TestAPanicIsOneMessagesFailure(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.start()
		w.odd = true
		w.letters(ann, 1)
		w.pass(time.Second)
		w.odd = false
		w.letters(ann, 1)
		w.pass(time.Second)
		if l := w.store.letter(1); l.state != chat.Failed || len(w.heard(ann)) != 1 {
			w.Errorf("the odd one is %s and Ann heard %q, want it given up and the next sent", l.state, w.heard(ann))
		}
	})
}

func TestWhatWaitedForALongTimeLeavesAsSoonAsTelegramIsBack(t *testing.T) {
	for name, fault := range map[string]telegramsim.Fault{"cut": {LoseRequest: true}, "error": {Code: 500, Text: "x", Refuse: true}} {
		t.Run(name, func(t *testing.T) {
			play(t, telegramsim.Config{}, func(w *world) {
				w.start()
				w.sim.SetFaults(func(string, int64) telegramsim.Fault { return fault })
				want := w.letters(ann, 2)
				w.pass(3 * time.Hour)
				w.sim.SetFaults(nil)
				w.pass(2 * time.Minute)
				if had := w.heard(ann); !slices.Equal(had, want) {
					w.Errorf("Ann heard %q two minutes after three hours without Telegram, want %q", had, want)
				}
			})
		})
	}
	t.Run("no name server", func(t *testing.T) {
		play(t, telegramsim.Config{}, func(w *world) {
			w.start()
			w.away.Store(true)
			w.client.Close()
			want := w.letters(ann, 2)
			w.pass(3 * time.Hour)
			if l := w.store.letter(1); l.Attempts != 0 {
				w.Errorf("%d tries are noted although nothing left", l.Attempts)
			}
			if n := w.dials.Load(); n < 10 || n > 300 {
				w.Errorf("%d dials in three hours, want growing pauses", n)
			}
			w.away.Store(false)
			w.pass(2 * time.Minute)
			if had := w.heard(ann); !slices.Equal(had, want) {
				w.Errorf("Ann heard %q, want %q", had, want)
			}
		})
	})
}

// torn is a connection that breaks after so many bytes in one direction.
type torn struct {
	net.Conn
	mu      sync.Mutex
	in, out int
}

func (c *torn) Read(p []byte) (int, error) {
	c.mu.Lock()
	left := c.in
	c.mu.Unlock()
	if left == 0 {
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p[:min(left, len(p))])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in -= n
	return n, err
}

func (c *torn) Write(p []byte) (int, error) {
	c.mu.Lock()
	n := min(c.out, len(p))
	c.out -= n
	c.mu.Unlock()
	if n < len(p) {
		_, _ = c.Conn.Write(p[:n])
		c.Conn.Close()
		return n, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// TestAConnectionThatTearsAnywhereLosesNoMessage cuts request and answer after every number of bytes.
func TestAConnectionThatTearsAnywhereLosesNoMessage(t *testing.T) {
	const whole = 1 << 30
	twice, runs := 0, 0
	for cut := 0; cut < 1500; cut += 3 {
		for _, c := range []struct{ in, out int }{{whole, cut}, {cut, whole}} {
			play(t, telegramsim.Config{}, func(w *world) {
				broken := false
				client, err := telegram.NewClient(telegram.ClientConfig{APIURL: telegramsim.Origin, Token: func() string { return token }, Now: time.Now,
					Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						conn, err := w.sim.Dial(ctx, network, address)
						if err != nil || broken {
							return conn, err
						}
						broken = true
						return &torn{Conn: conn, in: c.in, out: c.out}, nil
					}})
				if err != nil {
					w.Fatal(err)
				}
				defer client.Close()
				postman := telegram.NewPostman(telegram.PostmanParts{Client: client, Outbox: w.store, Now: time.Now})
				ctx, cancel := context.WithCancel(context.Background())
				var work sync.WaitGroup
				work.Go(func() { _ = postman.Serve(ctx) })
				w.store.Post(chat.Message{Chat: ann, HTML: "halted"})
				postman.Wake()
				<-time.After(time.Minute)
				synctest.Wait()
				cancel()
				work.Wait()
				runs++
				switch n := len(w.heard(ann)); {
				case n == 0 || n > 2 || w.store.letter(1).state != chat.Sent:
					w.Errorf("cut at %d in and %d out: it arrived %d times and is %s, want once or twice", c.in, c.out, n, w.store.letter(1).state)
				case n == 2:
					twice++
				}
			})
		}
	}
	if twice == 0 || twice == runs {
		t.Errorf("%d of %d arrived twice: the cuts did not meet the answer", twice, runs)
	}
}
