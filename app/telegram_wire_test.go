package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram/telegramsim"
)

const botToken = "700:AA-canary-of-the-bot-0123456789abcdef"

// ann is the number of the person at the phone, and of their chat with the bot.
const ann = 7

// distant is a running program with a bot at a Bot API server, and a person who writes to it.
type distant struct {
	*program
	sim *telegramsim.Server
	// read is how many messages of the bot were looked at.
	read   int
	posted int
}

// phoneLine runs the whole program with a bot, over real connections.
func phoneLine(t *testing.T) *distant {
	t.Helper()
	sim := telegramsim.New(context.Background(), telegramsim.Config{Token: botToken, Now: time.Now})
	t.Cleanup(sim.Close)
	origin, err := sim.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return dial(t, privateDir(t), sim, origin)
}

func dial(t *testing.T, dir string, sim *telegramsim.Server, origin string) *distant {
	t.Helper()
	config := configOf(t, dir, func(name string) string {
		if name == "HOOX_TELEGRAM_API_URL" {
			return origin
		}
		return testEnv(name)
	})
	t.Setenv("HOOX_SECRET_TG_BOT_TOKEN_BINDING", botToken)
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", testKey)
	d := &distant{program: startOn(t, config), sim: sim}
	await(t, func() bool { return must[TelegramState](d.program, "Telegram/Get", Empty{}).Phase == "polling" })
	return d
}

// pair has the person send the code that the window shows.
func (d *distant) pair(role string) {
	d.t.Helper()
	d.sim.Start(ann)
	code := must[PairingCode](d.program, "Telegram/Pair", OfferPairing{Role: role})
	if !strings.HasPrefix(code.Link, "https://t.me/hoox_test_bot?start=") {
		d.t.Errorf("had the link %q", code.Link)
	}
	d.sim.Say(ann, ann, "/start "+code.Code)
	if had := d.next(); !strings.Contains(had.Text, "paired") {
		d.t.Fatalf("had %q", had.Text)
	}
}

// next waits for the next message of the bot.
func (d *distant) next() telegramsim.Sent {
	d.t.Helper()
	var sent []telegramsim.Sent
	await(d.t, func() bool { sent = d.sim.Sent(); return len(sent) > d.read })
	d.read++
	return sent[d.read-1]
}

// say has the person say something and returns the answer.
func (d *distant) say(words string) telegramsim.Sent {
	d.t.Helper()
	d.calm()
	d.sim.Say(ann, ann, words)
	return d.next()
}

// press has the person press a button and returns the message as it stands after it was changed.
func (d *distant) press(under telegramsim.Sent, label string) telegramsim.Sent {
	d.t.Helper()
	for _, row := range under.Buttons {
		for _, b := range row {
			if b.Label == label {
				d.sim.Press(ann, ann, under.Number, b.Data)
				var now telegramsim.Sent
				await(d.t, func() bool {
					for _, m := range d.sim.Sent() {
						if m.Number == under.Number && m.Edits > under.Edits {
							now = m
							return true
						}
					}
					return false
				})
				return now
			}
		}
	}
	d.t.Fatalf("no button %q under %q: %+v", label, under.Text, under.Buttons)
	return under
}

// calm forgets how much was asked for, so that a test may ask for more than a person does in a minute.
func (d *distant) calm() {
	d.house.bot.mu.Lock()
	defer d.house.bot.mu.Unlock()
	d.house.bot.asked = map[int64][]time.Time{}
}

// What is another in every run.
var fleeting = []struct {
	shape *regexp.Regexp
	word  string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "<id>"},
	{regexp.MustCompile(`\d{2}:\d{2}:\d{2}`), "<time>"},
	{regexp.MustCompile(`\d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{2}:\d{2})?`), "<day>"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b`), "<day>"},
	{regexp.MustCompile(`took [0-9.]+m?s`), "took <time>"},
	{regexp.MustCompile(`[+-]?\d+(\.\d+)?`), "#"},
	{regexp.MustCompile(` +`), " "},
	{regexp.MustCompile(`(?m)^ `), ""}, // numbers stand to the right
	{regexp.MustCompile(`Hoox [a-z0-9.+-]+`), "Hoox <version>"},
}

func steadied(text string) string {
	for _, v := range fleeting {
		text = v.shape.ReplaceAllString(text, v.word)
	}
	return text
}

// TestEveryCommandOverTheWire writes every command from a phone to a running program on the paper exchange and holds what came back
// against the transcripts that were looked at. -update writes them anew.
func TestEveryCommandOverTheWire(t *testing.T) {
	d := phoneLine(t)
	d.pair("owner")
	must[SettingRow](d.program, "Settings/Set", SetSetting{"telegram:notify:fill", "off"})
	must[SettingRow](d.program, "Settings/Set", SetSetting{"telegram:notify:kill", "off"})
	var b strings.Builder
	note := func(what, text string) { fmt.Fprintf(&b, "> %s\n%s\n\n", what, steadied(text)) }
	ask := func(words string) telegramsim.Sent {
		m := d.say(words)
		note(words, m.Text)
		return m
	}
	push := func(m telegramsim.Sent, label string) telegramsim.Sent {
		m = d.press(m, label)
		note("["+label+"]", m.Text)
		return m
	}
	// In an order in which each has something to show.
	for _, words := range []string{"/help", "/start", "/status", "/positions", "/latest", "/orders", "/queue", "/retry", "/retry nosuch"} {
		ask(words)
	}
	push(ask("/trade long BTCUSDT 0.01 paper"), "LONG BTCUSDT PAPER")
	for _, words := range []string{
		"/latest", "/signals 1", "/trades", "/trace", "/trace nosuch", "/positions", "/position", "/position BTCUSDT", "/position NOSUCH", "/balance", "/profit", "/daily", "/weekly",
		"/monthly", "/performance", "/exchanges", "/tunnel", "/alerts", "/settings", "/settings max_order", "/version", "/logs", "/test", "/report", "/chart", "/ask why", "/search btc",
		"/notify", "/notify report off", "/notify report loud", "/leverage", "/leverage 50", "/set", "/set trade:max_order_size 9000", "/nosuch", "hello",
	} {
		ask(words)
	}
	push(ask("/leverage 10"), "Set 10")
	push(ask("/set trade:max_order_size 900"), "Leave it")
	push(ask("/close BTCUSDT 50%"), "Close 0.005 BTCUSDT PAPER")
	push(ask("/flatten"), "FLATTEN 1 positions PAPER")
	for _, words := range []string{"/locks", "/lock", "/lock BTCUSDT", "/lock ETHUSDT yesterday", "/locks", "/trade long BTCUSDT 0.01 paper", "/unlock BTCUSDT"} {
		ask(words)
	}
	ask("/close")
	ask("/pause")
	push(ask("/resume"), "Resume PAPER")
	ask("/kill_on smoke in the kitchen")
	ask("/resume")
	ask("/kill_off")
	ask("/status")
	// What each part says is another on every computer.
	if had := d.say("/health"); !strings.Contains(had.Text, "● ledger ok") || !strings.Contains(had.Text, "● telegram ok") {
		t.Errorf("/health: had %q", had.Text)
	}
	for _, c := range d.house.bot.commands {
		if c.name != "health" && !strings.Contains(b.String(), "> /"+c.name) {
			t.Errorf("/%s was not tried", c.name)
		}
	}
	const golden = "testdata/telegram.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if had := b.String(); had != string(want) {
		t.Errorf("what the phone shows is another than what was looked at (-update writes it):\n%s", difference(string(want), had))
	}
	d.quiet()
}

// difference shows the first line that is another.
func difference(want, had string) string {
	w, h := strings.Split(want, "\n"), strings.Split(had, "\n")
	for i := range max(len(w), len(h)) {
		line := func(list []string) string {
			if i < len(list) {
				return list[i]
			}
			return "(nothing)"
		}
		if line(w) != line(h) {
			return fmt.Sprintf("line %d\nwant %s\nhad  %s", i+1, line(w), line(h))
		}
	}
	return "nothing"
}

// quiet holds that no secret of the bot is in the log or in the data folder.
func (d *distant) quiet() {
	d.t.Helper()
	if strings.Contains(d.stderr.String(), "canary-of-the-bot") {
		d.t.Error("the bot's token is in the log")
	}
	err := filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("canary-of-the-bot")) {
			d.t.Errorf("the bot's token is in %s", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		d.t.Error(err)
	}
}

func TestAFillIsToldWithItsCard(t *testing.T) {
	d := phoneLine(t)
	d.pair("viewer")
	status, _ := d.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":"0.01","stopLoss":"50000"`)
	if status != 200 {
		t.Fatalf("had %d", status)
	}
	card := d.next()
	if !strings.Contains(card.Text, "BUY 0.01 BTCUSDT filled") || !strings.Contains(card.Text, "PAPER") || card.Silent {
		t.Errorf("had %q", card.Text)
	}
	d.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":"99999"`)
	if had := d.next(); !strings.Contains(had.Text, "refused") || !strings.Contains(had.Text, "/trace") {
		t.Errorf("had %q, want why and what to do", had.Text)
	}
}

func TestAnAlertWritesToAChatThatWasAllowed(t *testing.T) {
	d := phoneLine(t)
	d.sim.Start(99)
	post := func() []string {
		d.posted++
		_, answer := d.alert(fmt.Sprintf(`"idempotencyKey":"n%d","notify":{"chatId":"99","message":"<b>up</b>"}`, d.posted))
		return answer.Warnings
	}
	if had := post(); !strings.Contains(strings.Join(had, " "), "allowed_chat_ids") {
		t.Fatalf("had the warnings %q, want that the chat is not allowed", had)
	}
	must[SettingRow](d.program, "Settings/Set", SetSetting{"telegram:allowed_chat_ids", "99"})
	if had := post(); strings.Contains(strings.Join(had, " "), "not sent") {
		t.Fatalf("had the warnings %q", had)
	}
	if m := d.next(); m.Chat != 99 || m.Text != "<b>up</b>" {
		t.Errorf("had %+v, want the words as they are, and only the second", m)
	}
}

func TestAPictureIsKeptAndShownAndGoesAgain(t *testing.T) {
	d := phoneLine(t)
	d.pair("viewer")
	var picture bytes.Buffer
	canvas := image.NewRGBA(image.Rect(0, 0, 4, 4))
	canvas.Set(1, 1, color.White)
	if err := png.Encode(&picture, canvas); err != nil {
		t.Fatal(err)
	}
	d.sim.Upload(ann, ann, "", picture.Bytes(), "my <chart>")
	if had := d.next(); !strings.Contains(had.Text, "Kept: image/png") || !strings.Contains(had.Text, "no assistant") {
		t.Fatalf("had %q", had.Text)
	}
	d.sim.Upload(ann, ann, "../../evil.html", []byte("<html><script>"), "")
	if had := d.next(); !strings.Contains(had.Text, "not kept") {
		t.Errorf("had %q, want a web page refused", had.Text)
	}
	list := must[UploadPage](d.program, "Telegram/Uploads", PageRequest{})
	if len(list.Items) != 1 || list.Items[0].Caption != "my <chart>" || list.Items[0].Type != "image/png" {
		t.Fatalf("had %+v", list.Items)
	}
	id := UploadID{list.Items[0].ID}
	if content := must[UploadContent](d.program, "Telegram/Open", id); content.Type != "image/png" || len(content.Base64) < 20 {
		t.Errorf("had %+v", content)
	}
	must[Receipt](d.program, "Telegram/Drop", id)
	if _, fault := call[UploadContent](d.program, "Telegram/Open", id); fault.Kind != "not_found" {
		t.Errorf("had %+v, want it gone", fault)
	}
	if files, err := os.ReadDir(filepath.Join(d.dir, uploadsDir)); err != nil || len(files) != 0 {
		t.Errorf("had %v %v, want no file left", files, err)
	}
}

func TestHostileWordsOverTheWire(t *testing.T) {
	d := phoneLine(t)
	d.pair("operator")
	const stranger = 666
	d.sim.Start(stranger)
	d.sim.Post(telegramsim.Words{User: stranger, Chat: stranger, Text: "/kill_on"})
	d.sim.Post(telegramsim.Words{User: ann, Chat: -100, Text: "/kill_on"})
	d.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/kill_on", Forwarded: true})
	d.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/kill_on", ViaBot: true})
	first := d.sim.Say(ann, ann, "/help")
	if had := d.next(); !strings.Contains(had.Text, "Hoox") {
		t.Fatalf("had %q", had.Text)
	}
	d.sim.Edit(ann, ann, first, "/kill_on")
	d.sim.Post(telegramsim.Words{User: ann, Chat: ann, Text: "/pause", At: time.Now().Add(-2 * time.Minute)})
	if had := d.next(); !strings.Contains(had.Text, "not done") {
		t.Errorf("an old command: had %q", had.Text)
	}
	if had := d.say("/trace <b>&'\"" + strings.Repeat("x", 60) + "</b>"); had.Text == "" {
		t.Error("markup in a command silenced the bot")
	}
	long := d.say("/trace " + strings.Repeat("😀", 2000))
	if n := chat.Length(long.HTML); n > chat.MaxText {
		t.Errorf("had %d characters", n)
	}
	question := d.say("/trade long BTCUSDT 0.01 paper")
	d.sim.Press(stranger, ann, question.Number, question.Buttons[0][0].Data)
	d.press(question, "LONG BTCUSDT PAPER")
	d.sim.Press(ann, ann, question.Number, question.Buttons[0][0].Data)
	await(t, func() bool {
		for _, m := range d.sim.Sent() {
			if strings.Contains(m.Text, "expired or was used") {
				return true
			}
		}
		return false
	})
	if open := must[PositionPage](d.program, "Positions/List", PageRequest{}).Items; len(open) != 1 || open[0].Quantity != "0.01" {
		t.Errorf("had %+v, want one entry", open)
	}
	if state := must[TradingState](d.program, "Kill/Get", Empty{}); state.State != "active" {
		t.Errorf("trading is %s: one of those that may not did it", state.State)
	}
	for _, m := range d.sim.Sent() {
		if m.Chat != ann {
			t.Errorf("chat %d was told %q: a stranger learned that somebody is there", m.Chat, m.Text)
		}
	}
	found := false
	await(t, func() bool {
		for _, l := range must[AuditPage](d.program, "Audit/List", ListAudit{Limit: 100}).Items {
			found = found || l.Action == "message.refuse" && strings.Contains(l.Origin, "666")
		}
		return found
	})
}
