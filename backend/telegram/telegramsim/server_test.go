package telegramsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/telegram/telegramsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "123456789:simulated-token-of-a-bot-that-is-none"

// desk asks a server in simulated time.
type desk struct {
	*testing.T
	*telegramsim.Server
	http *http.Client
}

// reply is an answer of the server.
type reply struct {
	status      int
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
		MovedTo    int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func open(t *testing.T, config telegramsim.Config, test func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config.Token, config.Now = token, time.Now
		d := &desk{T: t, Server: telegramsim.New(context.Background(), config)}
		transport := &http.Transport{DialContext: d.Dial}
		d.http = &http.Client{Transport: transport}
		test(d)
		transport.CloseIdleConnections()
		d.Close()
	})
}

// post makes a request with a body of a kind.
func (d *desk) post(path, kind string, body io.Reader) reply {
	d.Helper()
	answer, err := d.http.Post(telegramsim.Origin+path, kind, body)
	if err != nil {
		d.Fatal(err)
	}
	defer answer.Body.Close()
	out := reply{status: answer.StatusCode}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		d.Fatal(err)
	}
	return out
}

// call calls a method with JSON.
func (d *desk) call(method string, args map[string]any) reply {
	d.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		d.Fatal(err)
	}
	return d.post("/bot"+token+"/"+method, "application/json", bytes.NewReader(body))
}

// refused has a method refused with a code and words.
func (d *desk) refused(method string, args map[string]any, code int, words string) reply {
	d.Helper()
	r := d.call(method, args)
	if r.OK || r.Code != code || r.status != code || !strings.Contains(r.Description, words) {
		d.Errorf("%s: had %d %d %q, want %d with %q", method, r.status, r.Code, r.Description, code, words)
	}
	return r
}

// numbers are those of the updates in an answer.
func (r reply) numbers() []int64 {
	var list []struct {
		ID int64 `json:"update_id"`
	}
	_ = json.Unmarshal(r.Result, &list)
	var out []int64
	for _, u := range list {
		out = append(out, u.ID)
	}
	return out
}

type args = map[string]any

func TestEveryFormOfARequestIsUnderstood(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		d.Start(5)
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		for name, value := range map[string]string{"chat_id": "5", "text": "parts"} {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		values := url.Values{"chat_id": {"5"}, "text": {"form"}}.Encode()
		for _, r := range []reply{
			d.call("sendMessage", args{"chat_id": 5, "text": "json"}),
			d.post("/bot"+token+"/SENDMESSAGE", "application/x-www-form-urlencoded", strings.NewReader(values)),
			d.post("/bot"+token+"/sendMessage", w.FormDataContentType(), &form),
			d.post("/bot"+token+"/sendMessage?chat_id=5&text=query", w.FormDataContentType(), nil),
		} {
			if !r.OK {
				t.Errorf("had %+v", r)
			}
		}
		var had []string
		for _, m := range d.Sent() {
			had = append(had, m.Text)
		}
		if !slices.Equal(had, []string{"json", "form", "parts", "query"}) {
			t.Errorf("sent %q", had)
		}
	})
}

func TestOnlyTheTokenIsTheBot(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		for path, want := range map[string]int{
			"/bot" + token + "/getMe": 200, "/bot" + token + "x/getMe": 401, "/botnonsense/getMe": 404, "/bot/getMe": 404, "/getMe": 404, "/bot" + token + "/noSuch": 404,
		} {
			if r := d.post(path, "application/json", nil); r.status != want || r.OK != (want == 200) {
				t.Errorf("%s: had %+v, want %d", path, r, want)
			}
		}
		d.SetToken("987654321:another-token-of-the-same-bot-here")
		d.refused("getMe", nil, 401, "Unauthorized")
	})
}

func TestUpdatesComeAgainUntilTheyAreConfirmed(t *testing.T) {
	open(t, telegramsim.Config{First: 100}, func(d *desk) {
		for range 5 {
			d.Say(5, 5, "x")
		}
		for _, step := range []struct {
			offset, limit int
			want          []int64
		}{
			{0, 2, []int64{100, 101}}, {0, 100, []int64{100, 101, 102, 103, 104}}, {102, 100, []int64{102, 103, 104}}, {101, 100, []int64{102, 103, 104}},
			{9999, 100, []int64{102, 103, 104}}, {-1, 100, []int64{104}}, {105, 100, nil}, {0, 100, nil},
		} {
			if had := d.call("getUpdates", args{"offset": step.offset, "limit": step.limit}).numbers(); !slices.Equal(had, step.want) {
				t.Errorf("from %d: had %v, want %v", step.offset, had, step.want)
			}
		}
		d.call("getUpdates", args{"allowed_updates": []string{"message"}})
		d.Edit(5, 5, 1, "y")
		d.Say(5, 5, "z")
		if had := d.call("getUpdates", nil).numbers(); !slices.Equal(had, []int64{105}) {
			t.Errorf("had %v, want only the kind that was asked for", had)
		}
	})
}

func TestAQuestionWaitsAndOnlyOneDoes(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		var asked sync.WaitGroup
		ask := func(into *reply) {
			asked.Go(func() { *into = d.call("getUpdates", args{"timeout": 30}) })
			synctest.Wait()
		}
		begun := time.Now()
		var none, first, other, third reply
		ask(&none)
		asked.Wait()
		if took := time.Since(begun); !none.OK || string(none.Result) != "[]" || took != 30*time.Second {
			t.Errorf("had %s after %s, want nothing after 30 s", none.Result, took)
		}
		ask(&first)
		ask(&other)
		d.Say(5, 5, "x")
		asked.Wait()
		if first.Code != 409 || !strings.Contains(first.Description, "terminated by other getUpdates request") || len(other.numbers()) != 1 {
			t.Errorf("the first had %+v and the other %+v, want a conflict and the update", first, other)
		}
		d.call("getUpdates", args{"offset": other.numbers()[0] + 1})
		ask(&third)
		if r := d.call("setWebhook", args{"url": "https://hooks.example.com/x"}); !r.OK {
			t.Errorf("had %+v", r)
		}
		asked.Wait()
		if third.Code != 409 || !strings.Contains(third.Description, "terminated by setWebhook") {
			t.Errorf("the third had %+v, want a conflict", third)
		}
		d.refused("getUpdates", nil, 409, "webhook is active")
		d.call("deleteWebhook", nil)
		if r := d.call("getUpdates", nil); !r.OK {
			t.Errorf("had %+v after the webhook went", r)
		}
	})
}

func TestTheRealOnesLimitsHold(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		d.Start(5)
		html := func(text string) args { return args{"chat_id": 5, "text": text, "parse_mode": "HTML"} }
		ok := func(method string, a args) {
			t.Helper()
			if r := d.call(method, a); !r.OK {
				t.Errorf("%v: had %+v", a, r)
			}
		}
		ok("sendMessage", html("<b>"+strings.Repeat("&lt;", 4096)+"</b>"))
		ok("sendMessage", html(strings.Repeat("😀", 2048)))
		d.refused("sendMessage", html(strings.Repeat("😀", 2048)+"x"), 400, "message is too long")
		for text, words := range map[string]string{
			"<b>x": "end tag", "x</b>": "Unexpected end tag", "<b><i>x</b></i>": "Unmatched", "<table>": "Unsupported start tag", "a < b": "start tag",
			"<a href=x>x</a>": "Unsupported", "<b style=x>x</b>": "Unsupported", "<pre>": "end tag",
		} {
			d.refused("sendMessage", html(text), 400, words)
		}
		ok("sendMessage", html(`<b>a</b><i>b</i><code class="language-go">c</code><pre>d</pre><a href="https://x.example">e</a><blockquote expandable>f</blockquote> &amp; &#39;`))
		ok("sendMessage", args{"chat_id": 5, "text": "a < b"})
		d.refused("sendMessage", html("  "), 400, "text is empty")
		d.refused("sendMessage", args{"chat_id": 6, "text": "x"}, 400, "chat not found")
		d.refused("sendMessage", args{"text": "x"}, 400, "chat_id is empty")
		d.refused("sendMessage", args{"chat_id": 5, "text": "x", "parse_mode": "Word"}, 400, "parse_mode")
		d.refused("sendMessage", args{"chat_id": 5, "text": "x", "reply_markup": "{"}, 400, "reply keyboard")
		d.refused("sendPhoto", args{"chat_id": 5, "photo": "x"}, 400, "no photo")
		d.refused("editMessageText", args{"chat_id": 5, "message_id": 99, "text": "x"}, 400, "not found")
		query := d.Press(5, 5, 1, "n")
		d.refused("answerCallbackQuery", args{"callback_query_id": query, "text": strings.Repeat("x", 201)}, 400, "MESSAGE_TOO_LONG")
		ok("answerCallbackQuery", args{"callback_query_id": query, "text": strings.Repeat("x", 200)})
		d.refused("answerCallbackQuery", args{"callback_query_id": query}, 400, "query is too old")
		late := d.Press(5, 5, 1, "n")
		<-time.After(time.Minute)
		d.refused("answerCallbackQuery", args{"callback_query_id": late}, 400, "query is too old")
		d.refused("setMyCommands", args{"commands": []args{{"command": "Kill", "description": "x"}}}, 400, "BOT_COMMAND_INVALID")
		d.refused("setMyCommands", args{"commands": []args{{"command": "kill", "description": ""}}}, 400, "DESCRIPTION")
		d.refused("getFile", args{"file_id": "x"}, 400, "invalid file_id")
		d.Block(5)
		d.refused("sendMessage", html("x"), 403, "blocked by the user")
		d.Move(-5, -1005)
		if r := d.refused("sendMessage", args{"chat_id": -5, "text": "x"}, 400, "upgraded"); r.Parameters.MovedTo != -1005 {
			t.Errorf("had %+v", r)
		}
	})
}

func TestWhoIsTooLoudIsToldForHowLong(t *testing.T) {
	open(t, telegramsim.Config{Flood: true}, func(d *desk) {
		say := func(chat int64) reply {
			d.Start(chat)
			return d.call("sendMessage", args{"chat_id": chat, "text": "x"})
		}
		if r := say(5); !r.OK {
			t.Errorf("had %+v", r)
		}
		if r := say(5); r.Code != 429 || r.Parameters.RetryAfter != 3 {
			t.Errorf("the second within a second had %+v", r)
		}
		<-time.After(time.Second)
		for chat := int64(10); chat < 40; chat++ {
			if r := say(chat); !r.OK {
				t.Errorf("chat %d had %+v", chat, r)
			}
		}
		if r := say(50); r.Code != 429 {
			t.Errorf("the 31st of a second had %+v", r)
		}
		for n := range 21 {
			<-time.After(time.Second)
			if r := say(-5); r.OK != (n < 20) {
				t.Errorf("message %d of a minute in a group had %+v", n, r)
			}
		}
	})
}

func TestWebhooksAreOnlyTakenAsTheRealOneTakesThem(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		set := func(url string) args { return args{"url": url} }
		for _, c := range []struct{ url, words string }{
			{"http://hooks.example.com", "HTTPS"}, {"https://hooks.example.com:8080", "ports"}, {"nonsense", "invalid"}, {"https://", "invalid"},
		} {
			<-time.After(time.Second)
			d.refused("setWebhook", set(c.url), 400, c.words)
		}
		d.refused("setWebhook", set("https://hooks.example.com"), 429, "retry after 1")
		<-time.After(time.Second)
		d.refused("setWebhook", args{"url": "https://hooks.example.com", "secret_token": "a b"}, 400, "unallowed characters")
		<-time.After(time.Second)
		d.refused("setWebhook", args{"url": "https://hooks.example.com", "secret_token": strings.Repeat("a", 257)}, 400, "too long")
	})
}

// TestAWebhookIsPostedToOverHTTP runs on the wire, with a real port.
func TestAWebhookIsPostedToOverHTTP(t *testing.T) {
	sim := telegramsim.New(context.Background(), telegramsim.Config{Token: token, Now: time.Now, Local: true})
	defer sim.Close()
	origin, err := sim.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	posts := make(chan string, 10)
	var came atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if came.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		posts <- r.Method + " " + r.URL.Path + " " + r.Header.Get("X-Telegram-Bot-Api-Secret-Token") + " " + string(body)
	}))
	defer hook.Close()
	sim.Say(5, 5, "hello")
	answer, err := http.PostForm(origin+"/bot"+token+"/setWebhook", url.Values{"url": {hook.URL + "/telegram-webhook"}, "secret_token": {"word"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	first, second := <-posts, <-posts
	if first != second || !strings.HasPrefix(first, "POST /telegram-webhook word {") || !strings.Contains(first, `"text":"hello"`) {
		t.Errorf("posted %q and %q, want the same twice: the first was not taken", first, second)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestFaultsHappenAsTheyAreOrdered(t *testing.T) {
	open(t, telegramsim.Config{}, func(d *desk) {
		d.Start(5)
		send := args{"chat_id": 5, "text": "x"}
		d.SetFaults(func(method string, chat int64) telegramsim.Fault {
			return telegramsim.Fault{Code: 500, Text: "Internal Server Error", Refuse: true}
		})
		d.refused("sendMessage", send, 500, "Internal")
		d.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{Code: 429, Text: "x", RetryAfter: 7} })
		if r := d.refused("sendMessage", send, 429, "x"); r.Parameters.RetryAfter != 7 || len(d.Sent()) != 1 {
			t.Errorf("had %+v and %d messages, want it carried out", r, len(d.Sent()))
		}
		begun := time.Now()
		d.SetFaults(func(string, int64) telegramsim.Fault { return telegramsim.Fault{Delay: 9 * time.Second} })
		if d.call("sendMessage", send); time.Since(begun) != 9*time.Second {
			t.Errorf("answered after %s, want 9 s", time.Since(begun))
		}
		for _, f := range []telegramsim.Fault{{LoseRequest: true}, {LoseAnswer: true}, {LoseAnswer: true, Leave: 20}} {
			d.SetFaults(func(string, int64) telegramsim.Fault { return f })
			before := len(d.Sent())
			answer, err := d.http.Post(telegramsim.Origin+"/bot"+token+"/sendMessage?chat_id=5&text=y", "", nil)
			if err == nil {
				answer.Body.Close()
				t.Errorf("%+v: answered %d, want a cut", f, answer.StatusCode)
			}
			if carried := len(d.Sent()) > before; carried == f.LoseRequest {
				t.Errorf("%+v: carried out %v", f, carried)
			}
		}
	})
}
