package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// talk is a file of chats with a clock that stands still.
type talk struct {
	*sqlite.Chats
	t    *testing.T
	file string
	now  time.Time
}

func newTalk(t *testing.T) *talk {
	k := &talk{t: t, file: filepath.Join(t.TempDir(), "chat.db"), now: noon}
	k.open()
	t.Cleanup(func() { _ = k.Chats.Close() })
	return k
}

func (k *talk) open() {
	k.t.Helper()
	c, err := sqlite.OpenChats(context.Background(), k.file, func() time.Time { return k.now })
	if err != nil {
		k.t.Fatal(err)
	}
	k.Chats = c
}

// reopen is a stop and a start of the program.
func (k *talk) reopen() {
	k.t.Helper()
	k.ok(k.Chats.Close())
	k.open()
}

func (k *talk) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) due() (keys string) {
	k.t.Helper()
	list, err := k.DueMessages(context.Background(), k.now, 100)
	k.ok(err)
	for _, m := range list {
		keys += fmt.Sprintf("%d:%s ", m.Chat, m.HTML)
	}
	return keys
}

func say(id int64, words string) chat.Update {
	return chat.Update{ID: id, Kind: chat.Text, Chat: 7, Where: chat.Private, User: 7, Name: "Ann", Message: id, At: noon, Words: words}
}

func TestAnUpdateIsTakenOnceAndFoundBegunUntilItEnds(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	for _, want := range []bool{true, false} {
		if fresh, err := k.TakeUpdate(ctx, say(100, "/kill_on"), k.now); err != nil || fresh != want {
			t.Fatalf("had fresh=%v %v, want %v: a command that comes again is done once", fresh, err, want)
		}
	}

	k.reopen()
	begun, err := k.BegunUpdates(ctx)
	if err != nil || len(begun) != 1 || begun[0].Words != "/kill_on" || begun[0].User != 7 || !begun[0].At.Equal(noon) {
		t.Fatalf("had %+v %v, want the update that nobody ended", begun, err)
	}
	if fresh, _ := k.TakeUpdate(ctx, say(100, "/kill_on"), k.now); fresh {
		t.Fatal("an update that was begun before the stop came again and was taken as new")
	}

	reply := []chat.Message{{Chat: 7, HTML: "halted", Kind: "reply"}}
	k.ok(k.EndUpdate(ctx, 100, chat.Done, "halted", reply, k.now))
	k.ok(k.EndUpdate(ctx, 100, chat.Done, "halted", reply, k.now))
	if begun, _ := k.BegunUpdates(ctx); len(begun) != 0 {
		t.Errorf("had %+v, want none begun", begun)
	}
	if had := k.due(); had != "7:halted " {
		t.Errorf("had %q, want one answer", had)
	}
	if err := k.EndUpdate(ctx, 100, chat.Begun, "", nil, k.now); trading.KindOf(err) != trading.Internal {
		t.Errorf("had %v, want Internal: an update cannot end as begun", err)
	}
}

func TestTheMarkMovesForwardOnlyUntilTheMessengerCountsAnew(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	mark := func(want int64) {
		t.Helper()
		if had, err := k.TakenUpdate(ctx); err != nil || had != want {
			t.Fatalf("had %d %v, want %d", had, err, want)
		}
	}
	mark(0)
	k.ok(k.PassUpdates(ctx, 900))
	_, err := k.TakeUpdate(ctx, say(850, "late, by the other way"), k.now)
	k.ok(err)
	mark(900)
	k.now = k.now.Add(6*24*time.Hour + time.Second)
	mark(0)
	_, err = k.TakeUpdate(ctx, say(30, "after a week of silence"), k.now)
	k.ok(err)
	mark(30)
}

func TestNothingOvertakesInAChatAndNoChatHoldsUpAnother(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	k.ok(k.PostMessages(ctx, []chat.Message{
		{Chat: 1, HTML: "a", Kind: "fill", Key: "fill 1", Silent: true, Buttons: [][]chat.Button{{{Label: "Refresh", Data: "r"}}}, Picture: []byte("png")},
		{Chat: 1, HTML: "b", Kind: "fill", Key: "fill 2"},
		{Chat: 2, HTML: "c", Kind: "reply"},
	}, k.now))
	k.ok(k.PostNotices(ctx, "fills", 2, []chat.Message{{Chat: 1, HTML: "b again", Kind: "fill", Key: "fill 2"}}, k.now))
	if had := k.due(); had != "1:a 2:c " {
		t.Fatalf("had %q, want the oldest of each chat", had)
	}
	list, _ := k.DueMessages(ctx, k.now, 1)
	m := list[0]
	if !m.Silent || m.Buttons[0][0].Data != "r" || string(m.Picture) != "png" || m.Key != "fill 1" || !m.PostedAt.Equal(k.now) {
		t.Fatalf("had %+v, want what was posted", m)
	}

	k.ok(k.MessageFailed(ctx, m.ID, "no network", k.now.Add(time.Minute), k.now))
	if had := k.due(); had != "2:c " {
		t.Fatalf("had %q, want nothing of chat 1: b must not come before a", had)
	}
	if n, oldest, err := k.Undelivered(ctx); n != 3 || !oldest.Equal(noon) || err != nil {
		t.Fatalf("had %d since %v %v", n, oldest, err)
	}
	k.reopen()
	k.now = k.now.Add(time.Minute)
	if had := k.due(); had != "1:a 2:c " {
		t.Fatalf("had %q, want a again after its pause", had)
	}
	k.ok(k.MessageSent(ctx, m.ID, 55, k.now))
	if err := k.MessageSent(ctx, m.ID, 56, k.now); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound for a message that does not wait", err)
	}
	list, _ = k.DueMessages(ctx, k.now, 1)
	k.ok(k.MessageFailed(ctx, list[0].ID, "the bot was blocked by the user", time.Time{}, k.now))
	if had := k.due(); had != "2:c " {
		t.Errorf("had %q, want nothing more in chat 1: one key is one message", had)
	}
	if mark, err := k.NoticeMark(ctx, "fills"); mark != 2 || err != nil {
		t.Errorf("had %d %v, want 2", mark, err)
	}
}

func TestAMessageThatWasPostedWhileTheClockWasAheadIsSentNow(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	ahead := k.now.Add(2 * time.Hour)
	k.ok(k.PostMessages(ctx, []chat.Message{{Chat: 1, HTML: "halted", Kind: "kill"}, {Chat: 2, HTML: "halted", Kind: "kill"}}, ahead))
	k.reopen()
	k.ok(k.PostMessages(ctx, []chat.Message{{Chat: 1, HTML: "again", Kind: "kill"}}, k.now))
	if had := k.due(); had != "1:halted 2:halted " {
		t.Fatalf("had %q, want both: what was never tried waits for nothing, and holds up its chat for two hours else", had)
	}
	list, err := k.DueMessages(ctx, k.now, 1)
	k.ok(err)
	k.ok(k.MessageFailed(ctx, list[0].ID, "no network", k.now.Add(time.Minute), k.now))
	if had := k.due(); had != "2:halted " {
		t.Errorf("had %q, want nothing of chat 1: what was tried waits", had)
	}
}

func TestTheLogOfAChatIsWalkedWithoutAGap(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	for i := range int64(20) {
		if i%3 == 0 {
			k.now = k.now.Add(time.Second)
		}
		_, err := k.TakeUpdate(ctx, say(i+1, fmt.Sprint("/n ", i)), k.now)
		k.ok(err)
		k.ok(k.EndUpdate(ctx, i+1, chat.Done, "", []chat.Message{{Chat: 7, HTML: fmt.Sprintf("<b>%d</b> &lt;", i), Kind: "reply"}}, k.now))
	}
	seen, cursor, last := map[string]bool{}, "", time.Time{}
	for range 100 {
		lines, next, err := k.ChatLog(ctx, 7, cursor)
		k.ok(err)
		for _, l := range lines {
			if !last.IsZero() && l.At.After(last) {
				t.Fatalf("%v stands below %v, want newest first", l.At, last)
			}
			last = l.At
			if seen[fmt.Sprint(l.In, l.Words)] {
				t.Errorf("%q twice", l.Words)
			}
			seen[fmt.Sprint(l.In, l.Words)] = true
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(seen) != 40 || !seen["false0 <"] || !seen["true/n 19"] {
		t.Errorf("had %d lines, want all 40 as plain text: %v", len(seen), seen)
	}
	for _, bad := range []string{"x", "1.2", "1.2.3x", "01.2.3"} {
		if _, _, err := k.ChatLog(ctx, 7, bad); trading.KindOf(err) != trading.Invalid {
			t.Errorf("cursor %q: had %v, want Invalid", bad, err)
		}
	}

	gone, err := k.PurgeChats(ctx, k.now)
	if lines, _, _ := k.ChatLog(ctx, 100, ""); err != nil || gone == 0 || len(lines) != 40-int(gone) {
		t.Errorf("forgot %d and kept %d (%v), want them to be 40", gone, len(lines), err)
	}
	for _, m := range func() []chat.Message { l, _ := k.DueMessages(ctx, k.now, 1); return l }() {
		if m.HTML != "<b>0</b> &lt;" {
			t.Errorf("had %q, want the first answer: what is still to be sent stays", m.HTML)
		}
	}
}

func TestWhoIsRemovedIsToldNothingMore(t *testing.T) {
	k, ctx := newTalk(t), context.Background()
	ann := chat.Person{User: 7, Name: "Ann\nB", Role: chat.Operator, Chat: 7, PairedAt: noon, PairedBy: "window"}
	k.ok(k.SavePerson(ctx, ann))
	k.ok(k.PersonSeen(ctx, 7, noon.Add(time.Hour)))
	ann.Role = chat.Viewer
	k.ok(k.SavePerson(ctx, ann))
	k.ok(k.PostMessages(ctx, []chat.Message{{Chat: 7, HTML: "secret", Kind: "fill"}}, k.now))
	k.reopen()
	people, err := k.People(ctx)
	if err != nil || len(people) != 1 || people[0].Role != chat.Viewer || people[0].Name != "Ann B" || !people[0].SeenAt.Equal(noon.Add(time.Hour)) {
		t.Fatalf("had %+v %v", people, err)
	}
	k.ok(k.RemovePerson(ctx, 7))
	if had := k.due(); had != "" {
		t.Errorf("had %q to send to somebody who was removed", had)
	}
	if err := k.RemovePerson(ctx, 7); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
	if err := k.SavePerson(ctx, chat.Person{User: 8, Role: "admin"}); err == nil {
		t.Error("a role that does not exist was stored")
	}
}

func TestTheFileOfChatsIsItsOwnersAlone(t *testing.T) {
	k := newTalk(t)
	info, err := os.Stat(k.file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("had %v %v, want 0600: it holds what people write", info.Mode(), err)
	}
	k.ok(k.Chats.Close())
	if err := k.PostMessages(context.Background(), nil, k.now); trading.KindOf(err) != trading.Unavailable && trading.KindOf(err) != trading.Internal {
		t.Errorf("had %v, want an error after Close", err)
	}
	k.open()
}
