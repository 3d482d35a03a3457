package telegram_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hoox/backend/chat"
	"hoox/backend/telegram"
)

func TestWhatIsNoPlainWordOfAPersonSaysSo(t *testing.T) {
	const from, private, group = `"from":{"id":7,"is_bot":false,"first_name":"Ann","last_name":"B","username":"owner"}`, `"chat":{"id":7,"type":"private"}`, `"chat":{"id":-5,"type":"supergroup"}`
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	message := func(parts ...string) string {
		return fmt.Sprintf(`{"update_id":9,"message":{"message_id":3,"date":%d,%s}}`, at.Unix(), strings.Join(parts, ","))
	}
	plain := chat.Update{ID: 9, Kind: chat.Text, Chat: 7, Where: chat.Private, User: 7, Name: "Ann B", Message: 3, At: at, Words: "/kill_on"}
	but := func(edit func(u *chat.Update)) chat.Update {
		u := plain
		edit(&u)
		return u
	}
	other := chat.Update{ID: 9, Kind: chat.Other}
	nobody := func(u *chat.Update) { u.User, u.Name = 0, "" }
	for name, c := range map[string]struct {
		raw  string
		want chat.Update
	}{
		"plain":             {message(from, private, `"text":"/kill_on"`), plain},
		"group":             {message(from, group, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Chat, u.Where = -5, chat.Group })},
		"channel":           {message(`"chat":{"id":-6,"type":"channel"}`, `"text":"/kill_on"`), but(func(u *chat.Update) { nobody(u); u.Chat, u.Where = -6, chat.Channel })},
		"channel post":      {`{"update_id":9,"channel_post":{"message_id":3,"chat":{"id":-6,"type":"channel"},"text":"/kill_on"}}`, other},
		"business message":  {`{"update_id":9,"business_message":{"message_id":3,` + from + `,` + private + `,"text":"/kill_on"}}`, other},
		"inline":            {`{"update_id":9,"inline_query":{"id":"1",` + from + `,"query":"/kill_on"}}`, other},
		"anonymous admin":   {message(`"from":{"id":1087968824,"is_bot":true}`, `"sender_chat":{"id":-5}`, group, `"text":"/kill_on"`), but(func(u *chat.Update) { nobody(u); u.Chat, u.Where = -5, chat.Group })},
		"as a channel":      {message(from, `"sender_chat":{"id":-8}`, group, `"text":"/kill_on"`), but(func(u *chat.Update) { nobody(u); u.Chat, u.Where = -5, chat.Group })},
		"a bot":             {message(`"from":{"id":7,"is_bot":true}`, private, `"text":"/kill_on"`), but(nobody)},
		"nobody":            {message(private, `"text":"/kill_on"`), but(nobody)},
		"forwarded":         {message(from, private, `"forward_origin":{"type":"user"}`, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Odd = "forwarded" })},
		"forwarded, old":    {message(from, private, `"forward_date":1`, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Odd = "forwarded" })},
		"forwarded, linked": {message(from, private, `"is_automatic_forward":true`, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Odd = "forwarded" })},
		"via bot":           {message(from, private, `"via_bot":{"id":1}`, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Odd = "sent through another bot" })},
		"business":          {message(from, private, `"business_connection_id":"x"`, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Odd = "sent through a business account" })},
		"edited":            {`{"update_id":9,"edited_message":{"message_id":3,"date":0,` + from + `,` + private + `,"text":"/kill_on"}}`, but(func(u *chat.Update) { u.Kind, u.At = chat.Edited, time.Time{} })},
		"edited upload":     {`{"update_id":9,"edited_message":{"message_id":3,` + from + `,` + private + `,"caption":"/kill_on","document":{"file_id":"f"}}}`, but(func(u *chat.Update) { u.Kind, u.At, u.File = chat.Edited, time.Time{}, &chat.File{ID: "f"} })},
		"sticker":           {message(from, private, `"sticker":{"file_id":"x"}`), but(func(u *chat.Update) { u.Kind, u.Words = chat.Other, "" })},
		"picture": {message(from, private, `"caption":"/kill_on"`, `"photo":[{"file_id":"s","width":9,"height":9},{"file_id":"l","file_unique_id":"u","width":90,"height":9,"file_size":5}]`), but(func(u *chat.Update) {
			u.Kind, u.File = chat.Upload, &chat.File{ID: "l", Unique: "u", Size: 5, Photo: true}
		})},
		"upload without id":  {message(from, private, `"document":{}`), other},
		"strange place":      {message(from, `"chat":{"id":7,"type":"metaverse"}`, `"text":"/kill_on"`), other},
		"no place":           {message(from, `"text":"/kill_on"`), other},
		"wrong shape":        {message(from, private, `"text":{"x":1}`), other},
		"number as text":     {message(`"from":{"id":"7"}`, private, `"text":"/kill_on"`), other},
		"number with a dot":  {message(`"from":{"id":7.5}`, private, `"text":"/kill_on"`), other},
		"negative person":    {message(`"from":{"id":-7}`, private, `"text":"/kill_on"`), but(nobody)},
		"name of directions": {message(`"from":{"id":7,"first_name":"A\u202e\nnn"}`, private, `"text":"/kill_on"`), but(func(u *chat.Update) { u.Name = "A nn" })},
		"message null":       {`{"update_id":9,"message":null}`, other},
		"message a list":     {`{"update_id":9,"message":[]}`, other},
		"nothing":            {`{"update_id":9}`, other},
		"press": {`{"update_id":9,"callback_query":{"id":"q",` + from + `,"data":"n","message":{"message_id":3,"date":1,` + group + `}}}`,
			chat.Update{ID: 9, Kind: chat.Pressed, Chat: -5, Where: chat.Group, User: 7, Name: "Ann B", Message: 3, Button: "n", Query: "q"}},
		"press, old message": {`{"update_id":9,"callback_query":{"id":"q",` + from + `,"data":"n","message":{"message_id":3,"date":0,` + private + `}}}`,
			chat.Update{ID: 9, Kind: chat.Pressed, Chat: 7, Where: chat.Private, User: 7, Name: "Ann B", Message: 3, Button: "n", Query: "q"}},
		"press, inline": {`{"update_id":9,"callback_query":{"id":"q",` + from + `,"data":"n","inline_message_id":"i"}}`, other},
		"press, game":   {`{"update_id":9,"callback_query":{"id":"q",` + from + `,"game_short_name":"g","message":{"message_id":3,` + private + `}}}`, other},
	} {
		had, ok := telegram.Read([]byte(c.raw))
		if diff := cmp.Diff(c.want, had); diff != "" || !ok {
			t.Errorf("%s (%v): -want +had\n%s", name, ok, diff)
		}
	}
	for _, raw := range []string{"", "null", "[]", "{}", `{"update_id":0}`, `{"update_id":-1}`, `{"update_id":"9"}`, `{"update_id":9`, `{"update_id":1e99}`} {
		if had, ok := telegram.Read([]byte(raw)); ok {
			t.Errorf("%s was read as %+v, want it to be none", raw, had)
		}
	}
}

func FuzzUpdatesAreReadOrPassedOver(f *testing.F) {
	f.Add([]byte(`{"update_id":9,"message":{"message_id":3,"date":1,"from":{"id":7,"first_name":"A"},"chat":{"id":7,"type":"private"},"text":"/kill_on"}}`))
	f.Add([]byte(`{"update_id":9,"message":{"message_id":3,"from":{"id":7},"chat":{"id":7,"type":"private"},"photo":[{"file_id":"s"}],"caption":"x"}}`))
	f.Add([]byte(`{"update_id":9,"callback_query":{"id":"q","from":{"id":7},"data":"n","message":{"message_id":3,"chat":{"id":-5,"type":"group"}}}}`))
	f.Add([]byte(`{"update_id":9,"edited_message":{"message_id":3,"chat":{"id":7,"type":"private"},"forward_origin":{}}}`))
	f.Add([]byte(`{"update_id":9,"message":{"message_id":3,"from":{"id":7},"chat":{"id":7,"type":"private"},"photo":[]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, ok := telegram.Read(raw)
		switch {
		case ok != (u.ID > 0):
			t.Fatalf("read %v with number %d", ok, u.ID)
		case !ok && u != chat.Update{}:
			t.Fatalf("what is none was read as %+v", u)
		case u.User < 0 || u.User == 0 && u.Name != "":
			t.Fatalf("nobody has a name: %+v", u)
		}
		switch u.Kind {
		case "", chat.Other:
		case chat.Text, chat.Edited:
			if u.Chat == 0 || u.Where == "" || u.Message <= 0 {
				t.Fatalf("said nowhere: %+v", u)
			}
		case chat.Upload:
			if u.File == nil || u.File.ID == "" {
				t.Fatalf("an upload without a file: %+v", u)
			}
		case chat.Pressed:
			if u.Query == "" || u.Button == "" || u.Words != "" || u.Chat == 0 {
				t.Fatalf("a press of nothing: %+v", u)
			}
		default:
			t.Fatalf("kind %q is none", u.Kind)
		}
	})
}
