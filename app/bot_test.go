package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/sqlite"
)

// phone is a person's chat with the bot of a running program.
type phone struct {
	*bot
	t    *testing.T
	p    *program
	user int64
	last int64
}

// newPhone pairs a person with a program.
func newPhone(t *testing.T, p *program, role chat.Role) *phone {
	t.Helper()
	store, err := sqlite.OpenChats(context.Background(), filepath.Join(t.TempDir(), "chat.db"), p.house.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	f := &phone{bot: newBot(p.house, store, func() string { return "hoox_bot" }), t: t, p: p, user: 7}
	code, _ := f.pairing.offer(role, "window")
	if had := f.say("/start " + code); !strings.Contains(had, "paired") {
		t.Fatalf("pairing: had %q", had)
	}
	return f
}

// update is a message of the person, sent now.
func (f *phone) update(words string) chat.Update {
	f.last++
	return chat.Update{ID: f.last, Kind: chat.Text, Chat: f.user, Where: chat.Private, User: f.user, Name: "Ann", Message: f.last, At: f.p.house.now(), Words: words}
}

// hear gives the bot an update, and returns what it says as plain text; "" is silence.
func (f *phone) hear(u chat.Update) (string, chat.Answer) {
	f.t.Helper()
	if !f.Knows(u) {
		return "", chat.Answer{State: "unknown"}
	}
	answer := f.Obey(context.Background(), u)
	var words []string
	for _, m := range answer.Messages {
		words = append(words, chat.Words(m.HTML))
	}
	return strings.Join(words, "\n"), answer
}

func (f *phone) say(words string) string {
	f.t.Helper()
	text, _ := f.hear(f.update(words))
	return text
}

// press presses a button of an answer by what is on it.
func (f *phone) press(answer chat.Answer, label string) (string, chat.Answer) {
	f.t.Helper()
	for _, m := range answer.Messages {
		for _, row := range m.Buttons {
			for _, button := range row {
				if button.Label == label {
					u := f.update("")
					u.Kind, u.Button, u.At = chat.Pressed, button.Data, time.Time{}
					return f.hear(u)
				}
			}
		}
	}
	f.t.Fatalf("there is no button %q under %+v", label, answer.Messages)
	return "", answer
}

func TestAStrangerMeetsSilence(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	stranger := f.update("/status")
	stranger.User, stranger.Chat = 8, 8
	group := f.update("/status")
	group.Chat, group.Where = -100, chat.Group
	anonymous := f.update("/status")
	anonymous.User = 0
	channel := f.update("/status")
	channel.Where = chat.Channel
	forward := f.update("/status")
	forward.Chat = 9 // somebody else's private chat with the bot cannot be ours
	for name, u := range map[string]chat.Update{"a stranger": stranger, "a group that was not allowed": group, "nobody": anonymous, "a channel": channel, "another chat": forward} {
		if f.Knows(u) {
			t.Errorf("%s is answered; want silence, so that nobody learns that somebody is there", name)
		}
	}
	if !f.Knows(f.update("/status")) {
		t.Error("the person who was paired is not known")
	}
}

func TestACodeOfTheWindowPairsOnceAndIsNotGuessed(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	stranger := func(words string) chat.Update {
		u := f.update(words)
		u.User, u.Chat = 8, 8
		return u
	}
	code, _ := f.pairing.offer(chat.Viewer, "window")
	for i := range mostGuesses {
		if f.Knows(stranger(fmt.Sprintf("%016d", i))) {
			t.Fatal("a wrong code was taken")
		}
	}
	if f.Knows(stranger(code)) {
		t.Error("the code is still good after as many guesses as nobody makes by mistake")
	}
	code, _ = f.pairing.offer(chat.Viewer, "window")
	if words, _ := f.hear(stranger(strings.ToLower(code[:4] + " " + code[4:]))); !strings.Contains(words, "viewer") {
		t.Fatalf("had %q, want to be paired as a viewer", words)
	}
	if _, _, ok := f.pairing.spend(code); ok {
		t.Error("a code was good twice")
	}
	if err := f.remove(context.Background(), 8); err != nil || f.Knows(stranger("/help")) {
		t.Errorf("%v: a person who was removed is answered", err)
	}
}

func TestWhatIsOldEditedOrForwardedIsNoCommand(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	old := f.update("/help")
	old.At = old.At.Add(-oldestCommand - time.Second)
	if words, answer := f.hear(old); answer.State != chat.Refused || !strings.Contains(words, "not done") {
		t.Errorf("an old command: had %q %q, want to be told that it was not done", words, answer.State)
	}
	for what, change := range map[string]func(*chat.Update){
		"edited":    func(u *chat.Update) { u.Kind = chat.Edited },
		"forwarded": func(u *chat.Update) { u.Odd = "forwarded" },
	} {
		u := f.update("/help")
		change(&u)
		if words, answer := f.hear(u); words != "" || answer.State != chat.Refused {
			t.Errorf("%s: had %q, want nothing", what, words)
		}
	}
}

func TestAFloodOfCommandsIsStopped(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	for i := range mostCommands {
		if had := f.say("/help"); !strings.Contains(had, "Hoox") {
			t.Fatalf("command %d: had %q", i, had)
		}
	}
	if had := f.say("/help"); !strings.Contains(had, "not done") {
		t.Errorf("had %q, want to be told that it was too much", had)
	}
}

func TestAQuestionIsAnsweredOnceByWhoWasAskedInTime(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	done := 0
	ask := func() chat.Answer {
		a := &asking{ctx: context.Background(), update: f.update("/x"), person: chat.Person{User: f.user, Role: chat.Owner}}
		buttons := f.pending.ask(a, chat.Operator, []choice{
			{"Yes", func(*asking) (reply, error) { done++; return reply{html: "done"}, nil }},
			{"No", func(*asking) (reply, error) { return reply{html: "nothing was done"}, nil }},
		})
		return chat.Answer{Messages: []chat.Message{{Buttons: buttons}}}
	}
	answer := ask()
	data := answer.Messages[0].Buttons[0][0].Data
	if len(data) > 64 {
		t.Fatalf("a button carries %d bytes, the messenger takes 64", len(data))
	}
	stranger := f.update("")
	stranger.Kind, stranger.Button, stranger.User = chat.Pressed, data, 8
	if q, ok := f.pending.take(strings.TrimPrefix(data, noncePrefix), stranger); ok {
		t.Fatalf("another person's press was taken: %+v", q)
	}
	if words, _ := f.press(answer, "Yes"); words != "done" || done != 1 {
		t.Fatalf("had %q, %d times", words, done)
	}
	for _, again := range []string{"Yes", "No"} {
		if words, _ := f.press(answer, again); !strings.Contains(words, "expired") || done != 1 {
			t.Errorf("%s once more: had %q, done %d times", again, words, done)
		}
	}
	answer = ask()
	f.pending.now = func() time.Time { return f.p.house.now().Add(confirmWithin + time.Second) }
	if words, _ := f.press(answer, "Yes"); !strings.Contains(words, "expired") || done != 1 {
		t.Errorf("after its time: had %q, done %d times", words, done)
	}
}
