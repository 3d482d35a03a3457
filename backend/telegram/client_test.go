package telegram_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
	"hoox/backend/trading"
)

// picture is a real one.
func picture(t *testing.T, wide int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, wide, 40))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOnlyAnAddressThatKeepsTheTokenSecretIsTaken(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "https://bots.example.com": true, "https://bots.example.com:8443": true, "http://127.0.0.1:8081": true, "http://[::1]:8081": true,
		"http://localhost:8081": true, "http://bots.example.com": false, "http://10.0.0.1": false, "http://127.0.0.1.example.com": false,
		"ftp://127.0.0.1": false, "https://bots.example.com/path": false, "https://me:word@bots.example.com": false, "bots.example.com": false, "https://": false,
	} {
		c, err := telegram.NewClient(telegram.ClientConfig{APIURL: text, Now: time.Now})
		if (err == nil) != ok {
			t.Errorf("%q: %v, want taken %v", text, err, ok)
		}
		if err != nil && (trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), "telegram.api_url")) {
			t.Errorf("%q: %v, want the key named", text, err)
		}
		if c != nil {
			c.Close()
		}
	}
}

// TestTheWireIsReal runs over a port of this computer, not within the process.
func TestTheWireIsReal(t *testing.T) {
	ctx := context.Background()
	sim := telegramsim.New(ctx, telegramsim.Config{Token: token, Now: time.Now})
	defer sim.Close()
	origin, err := sim.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	client, err := telegram.NewClient(telegram.ClientConfig{APIURL: origin, Token: func() string { return token }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	me, err := client.Me(ctx)
	if err != nil || me.User != "hoox_test_bot" || me.ID != 123456789 {
		t.Errorf("had %+v and %v", me, err)
	}
	id := sim.Upload(ann, ann, "", []byte("abc"), "")
	if n, err := client.Send(ctx, chat.Message{Chat: ann, HTML: chat.Bold("x"), Picture: picture(t, 60)}); err != nil || n != 2 || len(sim.Sent()) != 1 {
		t.Errorf("had %d and %v", n, err)
	}
	if had, err := client.File(ctx, id, 10); err != nil || string(had) != "abc" {
		t.Errorf("had %q and %v", had, err)
	}
	if at, took := client.Heard(); at.IsZero() || took <= 0 {
		t.Errorf("heard at %s after %s, want a round trip", at, took)
	}
}

func TestMessagesArriveAsTheyWereMeant(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		ctx := context.Background()
		buttons := [][]chat.Button{{{Label: "Yes", Data: strings.Repeat("n", 64)}, {Label: "No", Data: "n2"}}, {{Label: "More", Data: "n3"}}}
		text, err := w.client.Send(ctx, chat.Message{Chat: ann, HTML: chat.Bold("a < b & \"c\"") + "\nhttps://x.example", Buttons: buttons, Silent: true})
		if err != nil {
			w.Fatal(err)
		}
		photo, err := w.client.Send(ctx, chat.Message{Chat: crowd, HTML: chat.Code("1.5"), Picture: picture(t, 60), Buttons: buttons[1:]})
		if err != nil {
			w.Fatal(err)
		}
		sent := w.sim.Sent()
		first, second := sent[0], sent[1]
		if first.Number != text || first.Text != "a < b & \"c\"\nhttps://x.example" || !first.Silent || first.Preview || first.Protected || len(first.Buttons) != 2 || first.Buttons[0][0].Data != buttons[0][0].Data {
			w.Errorf("the text arrived as %+v", first)
		}
		if second.Number != photo || second.Chat != crowd || second.Text != "1.5" || second.Silent || !bytes.Equal(second.Photo, picture(t, 60)) || len(second.Buttons) != 1 {
			w.Errorf("the picture arrived as %+v", second)
		}
	})
}

func TestAnEditedMessageIsTheSameOneWhileThatCanBe(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		ctx := context.Background()
		send := func(m chat.Message) int64 {
			t.Helper()
			m.Chat = ann
			n, err := w.client.Send(ctx, m)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		asked := send(chat.Message{HTML: "Sure?", Buttons: [][]chat.Button{{{Label: "Yes", Data: "n"}}}})
		if n := send(chat.Message{HTML: "Done", Edits: asked}); n != asked {
			t.Errorf("the edited message has number %d, want %d", n, asked)
		}
		if n := send(chat.Message{HTML: "Done", Edits: asked}); n != asked {
			t.Errorf("a message that is the same already has number %d, want %d", n, asked)
		}
		if m := w.sim.Sent()[0]; m.Text != "Done" || len(m.Buttons) != 0 || m.Edits != 1 || len(w.sim.Sent()) != 1 {
			t.Errorf("the message is %+v among %d, want it changed, without buttons that do nothing any more", m, len(w.sim.Sent()))
		}
		drawn := send(chat.Message{HTML: "Chart", Picture: picture(t, 60)})
		if n := send(chat.Message{HTML: "Later", Edits: drawn}); n != drawn || w.sim.Sent()[1].Text != "Later" {
			t.Errorf("the words beside the picture are %q under %d", w.sim.Sent()[1].Text, n)
		}
		w.sim.Freeze(ann, asked)
		w.sim.Lose(ann, drawn)
		for _, gone := range []int64{asked, drawn, 99999} {
			if n := send(chat.Message{HTML: "Anew", Edits: gone}); n == gone {
				t.Errorf("message %d cannot be edited any more, want another one", gone)
			}
		}
		if had := w.heard(ann)[2:]; !slices.Equal(had, []string{"Anew", "Anew", "Anew"}) {
			t.Errorf("Ann saw %q", had)
		}
	})
}

func TestEachNoHasItsKind(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.Start(-2000)
		w.sim.Move(-2000, -1002000)
		w.sim.Start(7)
		w.sim.Block(7)
		for name, c := range map[string]struct {
			m     chat.Message
			kind  trading.Kind
			words string
		}{
			"no such chat":    {chat.Message{Chat: 31337, HTML: "x"}, trading.Rejected, "chat not found"},
			"blocked":         {chat.Message{Chat: 7, HTML: "x"}, trading.Rejected, "blocked by the user"},
			"edit, blocked":   {chat.Message{Chat: 7, HTML: "x", Edits: 3}, trading.Rejected, "blocked by the user"},
			"edit, no chat":   {chat.Message{Chat: 31337, HTML: "x", Edits: 3}, trading.Rejected, "chat not found"},
			"moved":           {chat.Message{Chat: -2000, HTML: "x"}, trading.Rejected, "-1002000"},
			"markup":          {chat.Message{Chat: ann, HTML: "<b>x"}, trading.Rejected, "can't parse entities"},
			"foreign tag":     {chat.Message{Chat: ann, HTML: "<img src=x>"}, trading.Rejected, "can't parse entities"},
			"empty":           {chat.Message{Chat: ann, HTML: "<b> </b>"}, trading.Rejected, "text is empty"},
			"too long":        {chat.Message{Chat: ann, HTML: strings.Repeat("x", 4097)}, trading.Rejected, "too long"},
			"caption":         {chat.Message{Chat: ann, HTML: strings.Repeat("x", 1025), Picture: picture(t, 60)}, trading.Rejected, "caption is too long"},
			"no picture":      {chat.Message{Chat: ann, Picture: []byte("GIF? no")}, trading.Rejected, "IMAGE_PROCESS_FAILED"},
			"narrow picture":  {chat.Message{Chat: ann, Picture: picture(t, 1)}, trading.Rejected, "PHOTO_INVALID_DIMENSIONS"},
			"button data":     {chat.Message{Chat: ann, HTML: "x", Buttons: [][]chat.Button{{{Label: "x", Data: strings.Repeat("n", 65)}}}}, trading.Rejected, "BUTTON_DATA_INVALID"},
			"button no label": {chat.Message{Chat: ann, HTML: "x", Buttons: [][]chat.Button{{{Data: "n"}}}}, trading.Rejected, "must be non-empty"},
		} {
			n, err := w.client.Send(context.Background(), c.m)
			if trading.KindOf(err) != c.kind || err == nil || !strings.Contains(err.Error(), c.words) || n != c.m.Edits && n != 0 {
				t.Errorf("%s: %d %v (%s), want %s with %q", name, n, err, trading.KindOf(err), c.kind, c.words)
			}
		}
		if n := len(w.sim.Sent()); n != 0 {
			t.Errorf("%d messages were sent", n)
		}
	})
}

func TestTroubleHasItsKind(t *testing.T) {
	empty, half, other := "", `{"ok":true,"result":{}}`, `{"error":"no such path"}`
	play(t, telegramsim.Config{}, func(w *world) {
		for name, c := range map[string]struct {
			fault telegramsim.Fault
			kind  trading.Kind
			wait  time.Duration
		}{
			"token":       {telegramsim.Fault{Code: 401, Text: "Unauthorized", Refuse: true}, trading.Unauthorized, 0},
			"not found":   {telegramsim.Fault{Code: 404, Text: "Not Found", Refuse: true}, trading.Unauthorized, 0},
			"limit":       {telegramsim.Fault{Code: 429, Text: "Too Many Requests: retry after 35", RetryAfter: 35, Refuse: true}, trading.Limited, 35 * time.Second},
			"long limit":  {telegramsim.Fault{Code: 429, Text: "x", RetryAfter: 1 << 60, Refuse: true}, trading.Limited, 24 * time.Hour},
			"error":       {telegramsim.Fault{Code: 500, Text: "Internal Server Error", Refuse: true}, trading.Unknown, 0},
			"proxy":       {telegramsim.Fault{Status: 504}, trading.Unknown, 0},
			"portal":      {telegramsim.Fault{Status: 403, Refuse: true}, trading.Unknown, 0},
			"redirect":    {telegramsim.Fault{Status: 302, Refuse: true}, trading.Unknown, 0},
			"cut":         {telegramsim.Fault{LoseAnswer: true, Leave: 60}, trading.Unknown, 0},
			"not carried": {telegramsim.Fault{LoseRequest: true}, trading.Unknown, 0},
			"silence":     {telegramsim.Fault{Delay: time.Hour}, trading.Unknown, 0},
			"nothing":     {telegramsim.Fault{Body: &empty}, trading.Unknown, 0},
			"elsewhere":   {telegramsim.Fault{Body: &other}, trading.Unknown, 0},
			"no number":   {telegramsim.Fault{Body: &half}, trading.Unknown, 0},
		} {
			w.sim.SetFaults(func(string, int64) telegramsim.Fault { return c.fault })
			begun := time.Now()
			_, err := w.client.Send(context.Background(), chat.Message{Chat: ann, HTML: "x"})
			if trading.KindOf(err) != c.kind || trading.WaitOf(err) != c.wait {
				t.Errorf("%s: %v (%s, wait %s), want %s and %s", name, err, trading.KindOf(err), trading.WaitOf(err), c.kind, c.wait)
			}
			if name == "elsewhere" && !strings.Contains(err.Error(), "is not Telegram") {
				t.Errorf("%s: %v, want it to say who answered", name, err)
			}
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("%s took %s, want at most 15 s", name, took)
			}
		}
	})
}

func TestAPictureMayTakeLongerToLeave(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{Delay: 40 * time.Second} })
		if _, err := w.client.Send(context.Background(), chat.Message{Chat: ann, Picture: picture(t, 60)}); err != nil {
			t.Errorf("a picture over a slow line: %v", err)
		}
	})
}

func TestANewKindOfMessageIsNotTakenForOneThatNeverArrived(t *testing.T) {
	// The library cannot read this paid media, and it does not matter.
	body := `{"ok":true,"result":{"message_id":77,"date":"soon","paid_media":{"star_count":1,"paid_media":[{"type":"hologram"}]}}}`
	play(t, telegramsim.Config{}, func(w *world) {
		w.sim.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{Body: &body} })
		if n, err := w.client.Send(context.Background(), chat.Message{Chat: ann, HTML: "x"}); n != 77 || err != nil {
			t.Errorf("had %d and %v, want 77: it would be sent again for a day", n, err)
		}
	})
}

func TestEachChatIsShownItsCommandsAndStrangersNone(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		menus := []telegram.Menu{
			{Chat: 31337, Commands: []telegram.Command{{Name: "help", About: "what there is"}}},
			{Chat: ann, Commands: []telegram.Command{{Name: "status", About: "how it stands"}, {Name: "kill_on", About: "halt"}}},
		}
		w.menus = func(context.Context) ([]telegram.Menu, error) { return menus, nil }
		w.start()
		w.phase(telegram.Polling, "a chat that is gone keeps nothing from working")
		if had := w.sim.Menu(ann); len(had) != 2 || had[1].Name != "kill_on" || len(w.sim.Menu(0)) != 0 {
			t.Errorf("Ann is shown %v and strangers %v", had, w.sim.Menu(0))
		}
		before := len(w.sim.Calls("setMyCommands"))
		menus = append(menus[1:], telegram.Menu{Chat: bob, Commands: menus[1].Commands[:1]})
		w.runner.Again()
		w.pass(time.Second)
		if n := len(w.sim.Calls("setMyCommands")) - before; n != 1 || len(w.sim.Menu(bob)) != 1 {
			t.Errorf("%d calls, Bob is shown %v: want one call, for what is new", n, w.sim.Menu(bob))
		}
	})
}
