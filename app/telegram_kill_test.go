package app

import (
	"bufio"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/settings"
	"hoox/backend/sqlite"
	"hoox/backend/telegram/telegramsim"
)

// life runs the program in a folder until it is killed or the test ends.
func life(t *testing.T, dir, origin string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asProgram+"="+dir, "HOOX_TELEGRAM_API_URL="+origin, "HOOX_PAPER_MARKET=synthetic", "HOOX_SECRET_TG_BOT_TOKEN_BINDING="+botToken)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill() // again is no harm
		_ = cmd.Wait()         // killed: the error is the point
	}
	t.Cleanup(kill)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, `"event":"ready"`) {
		t.Fatalf("the program did not get ready: %q %v", line, err)
	}
	return kill
}

// chatsIn opens the file of chats of a data folder before the program does.
func chatsIn(t *testing.T, dir string) *sqlite.Chats {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.OpenChats(context.Background(), filepath.Join(dir, "chat.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestKilledBetweenADeedAndItsAnswerNoCommandIsRepeated is item E6 with the real program: it is killed at any moment around a command,
// and the messenger brings what was not confirmed again.
func TestKilledBetweenADeedAndItsAnswerNoCommandIsRepeated(t *testing.T) {
	kinds := chat.Notices()
	lives := 3 * len(kinds)
	// Each command is another, so that each has a line of its own.
	command := func(n int) (kind, level string) {
		return string(kinds[n%len(kinds)].Kind), []string{"on", "silent", "off"}[n/len(kinds)]
	}
	ctx, dir := context.Background(), privateDir(t)
	store := chatsIn(t, dir)
	if err := store.SavePerson(ctx, chat.Person{User: ann, Chat: ann, Name: "Ann", Role: chat.Owner, PairedAt: time.Now(), PairedBy: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	sim := telegramsim.New(ctx, telegramsim.Config{Token: botToken, Now: time.Now})
	t.Cleanup(sim.Close)
	origin, err := sim.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sim.Start(ann)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range lives {
		asked := len(sim.Calls("getUpdates"))
		kill := life(t, dir, origin)
		await(t, func() bool { return len(sim.Calls("getUpdates")) > asked })
		kind, level := command(n)
		sim.Say(ann, ann, "/notify "+kind+" "+level)
		<-time.After(time.Duration(random.Int64N(int64(16 * time.Millisecond))))
		kill()
	}

	t.Setenv("HOOX_SECRET_TG_BOT_TOKEN_BINDING", botToken)
	config := configOf(t, dir, func(name string) string {
		if name == "HOOX_TELEGRAM_API_URL" {
			return origin
		}
		return testEnv(name)
	})
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", testKey)
	p := startOn(t, config)
	await(t, func() bool { return len(sim.Unconfirmed()) == 0 })
	ended := func() (lines []TelegramLine) {
		for _, l := range must[TelegramLogPage](p, "Telegram/Log", PageRequest{Limit: 200}).Items {
			if l.In {
				lines = append(lines, l)
			}
		}
		return lines
	}
	await(t, func() bool {
		list := ended()
		for _, l := range list {
			if l.State == chat.Begun {
				return false
			}
		}
		return len(list) == lives
	})
	done := map[string]int{}
	for _, l := range must[AuditPage](p, "Audit/List", ListAudit{Limit: 500}).Items {
		if kind, ok := strings.CutPrefix(l.Subject, settings.NotifyPrefix); ok && l.Action == "setting.set" {
			done[kind+" "+l.After]++
		}
	}
	broken := 0
	for _, l := range ended() {
		what := strings.TrimPrefix(l.Words, "/notify ")
		if done[what] > 1 {
			t.Errorf("%q was done %d times: a command that is repeated is an order that is doubled", l.Words, done[what])
		}
		switch l.State {
		case chat.Done:
			if done[what] != 1 {
				t.Errorf("%q is told as done and was done %d times", l.Words, done[what])
			}
		case chat.BrokenOff:
			broken++
		case chat.Refused:
			// Many that came again at once are more than a person sends in a minute.
			if done[what] != 0 {
				t.Errorf("%q is told as refused and was done", l.Words)
			}
		default:
			t.Errorf("%q ended as %s (%s)", l.Words, l.State, l.Detail)
		}
	}
	t.Logf("%d lives, %d commands that a kill interrupted, %d done", lives, broken, len(done))
}

func TestWhatIsOldIsForgottenThoughTheProgramNeverRunsForAnHour(t *testing.T) {
	ctx, dir := context.Background(), privateDir(t)
	store := chatsIn(t, dir)
	for id, age := range []time.Duration{31 * 24 * time.Hour, 29 * 24 * time.Hour} {
		at := time.Now().Add(-age)
		u := chat.Update{ID: int64(id) + 1, Kind: chat.Text, User: ann, Chat: ann, Words: "said " + age.String() + " ago"}
		if _, err := store.TakeUpdate(ctx, u, at); err != nil {
			t.Fatal(err)
		}
		if err := store.EndUpdate(ctx, u.ID, chat.Done, "", nil, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	p := startOn(t, configOf(t, dir, testEnv))

	await(t, func() bool {
		lines := must[TelegramLogPage](p, "Telegram/Log", PageRequest{Limit: 200}).Items
		return len(lines) == 1 && lines[0].Words == "said 696h0m0s ago"
	})
}
