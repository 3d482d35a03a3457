package app

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// newestAlerts is how many alerts are looked at for one that was traded.
const newestAlerts = 50

// step is one of the first steps: its name, and how it stands by what the program knows.
type step struct {
	id, name string
	optional bool
	stands   func(f *progress) footing
}

// footing is how a step stands.
type footing struct {
	done        bool
	detail, fix string
}

// firstSteps are the steps in the order in which a person takes them. A further one is a line here, and a view with its ID in
// the window; the command line shows it as it is.
func firstSteps() []step {
	return []step{
		{id: "terms", name: "What it does with money", stands: (*progress).termsStep},
		{id: "money", name: "Paper or exchange keys", stands: (*progress).moneyStep},
		{id: "tunnel", name: "A way in for TradingView", optional: true, stands: (*progress).tunnelStep},
		{id: "message", name: "Address and message", stands: (*progress).messageStep},
		{id: "alert", name: "First live alert", stands: (*progress).alertStep},
		{id: "telegram", name: "Your phone", optional: true, stands: (*progress).telegramStep},
	}
}

func (s step) row(f *progress) SetupStep {
	now := s.stands(f)
	return SetupStep{ID: s.id, Name: s.name, Optional: s.optional, Done: now.done, Detail: now.detail, Fix: now.fix}
}

// progress is what the steps go by: facts, read once for all of them.
type progress struct {
	terms SetupTerms
	// mode says whose money moves, cards are the accounts.
	mode  string
	cards []node.Card
	// public is the address that an answer came back through, gateway the one of this computer; tunnel says what is wrong with
	// the way, fix what to do.
	public, gateway string
	tunnel, fix     string
	// hint is the end of the webhook key, keys are all of them.
	hint string
	keys []trading.WebhookKey
	// bot is what the bot is called, paired how many people may talk to it, phone what is wrong with it.
	bot, phone string
	paired     int
	// alerts are the newest that came in through the gateway, each once.
	alerts []trading.SignalRecord
}

func (h *house) progress(ctx context.Context, changed map[string]change) (*progress, error) {
	f := &progress{terms: h.terms(changed), mode: h.modeWords(), public: h.publicly(), gateway: h.gateway(), keys: h.hooks.WebhookKeys()}
	var err error
	if f.cards, err = h.accounts.Cards(ctx); err != nil {
		return nil, err
	}
	f.tunnel, f.fix = h.tunnelWords()
	// A vault that is locked has the key, and does not show its end.
	if h.vault.Has(vault.WebhookKey) {
		f.hint = "…"
		if key, ok, err := h.vault.Get(vault.WebhookKey); err == nil && ok {
			f.hint = "…" + key.LastFour()
		}
	}
	h.phone(ctx, f)
	records, _, err := h.book.Signals(ctx, trading.Page{Source: trading.FromWebhook, Limit: newestAlerts})
	for _, r := range records {
		if r.Parent == "" {
			f.alerts = append(f.alerts, r)
		}
	}
	return f, err
}

// modeWords says whose money an alert moves, in the words of the strictest mode in use.
func (h *house) modeWords() string {
	switch h.overall() {
	case trading.ModeLive:
		return "LIVE: alerts of at least one exchange move real money; Accounts says which"
	case trading.ModeTestnet:
		return "TESTNET: orders go to an exchange's test system; no real money moves"
	case trading.ModePaper:
	}
	return fmt.Sprintf("PAPER on a %s market: no real money moves", h.market)
}

// tunnelWords is what the tunnel says of itself, and what to do.
func (h *house) tunnelWords() (detail, fix string) {
	runner, err := h.tunnels.Tunnel()
	if err != nil {
		return faultOf(err, "").Message, "correct it on the Tunnel page or in config.toml"
	}
	if runner == nil {
		return "", ""
	}
	state := runner.State()
	return state.Detail, state.Fix
}

func (f *progress) termsStep() footing {
	if !f.terms.Accepted {
		return footing{detail: "nobody has accepted version " + f.terms.Version + " of these words", fix: "read them and accept: in the first steps, or with `hoox setup accept`"}
	}
	return footing{done: true, detail: "version " + f.terms.Version + " accepted by " + f.terms.AcceptedBy + " at " + f.terms.AcceptedAt}
}

// moneyStep is done from the start: paper needs nothing. It is open again while an account that alerts go to does not work.
func (f *progress) moneyStep() footing {
	for _, c := range f.cards {
		if !c.Trades || c.ID.Mode() == trading.ModePaper {
			continue
		}
		if !c.HasKeys {
			return footing{detail: fmt.Sprintf("alerts for %s go to %s, which has no keys", c.ID.Exchange(), c.ID), fix: "add its keys, or switch the exchange back to paper, under Accounts"}
		}
		if c.Health.State != node.StateOK {
			return footing{detail: string(c.ID) + ": " + c.Health.Detail, fix: orWord(c.Health.Fix, "test the connection under Accounts")}
		}
	}
	return footing{done: true, detail: f.mode}
}

func (f *progress) tunnelStep() footing {
	if f.public != "" {
		return footing{done: true, detail: "an answer came back through " + f.public}
	}
	return footing{detail: orWord(f.tunnel, "only this computer can send alerts"), fix: orWord(f.fix, "choose a tunnel on the Tunnel page; only the gateway is behind it")}
}

// phone fills in how the bot is. That it cannot be read is no reason to show no steps.
func (h *house) phone(ctx context.Context, f *progress) {
	if err := h.chatty(); err != nil {
		f.phone = faultOf(err, "").Message
		return
	}
	people, err := h.bot.roster.People(ctx)
	if err != nil {
		f.phone = faultOf(err, "").Message
		return
	}
	state := h.messenger.State()
	f.bot, f.paired = state.Bot, len(people)
	if h.messenger.HasToken() && state.Fix != "" {
		f.phone = h.clean(state.Detail)
	}
}

// telegramStep is done once somebody is paired with a bot that answers.
func (f *progress) telegramStep() footing {
	const fix = "the Telegram page shows how; `hoox telegram pair` makes a code"
	switch {
	case f.phone != "":
		return footing{detail: f.phone, fix: "the Telegram page says what to do"}
	case f.bot == "":
		return footing{detail: "no bot is set up: nobody is told of fills and alarms, or can halt, from afar", fix: fix}
	case f.paired == 0:
		return footing{detail: "@" + f.bot + " answers nobody yet", fix: fix}
	}
	return footing{done: true, detail: fmt.Sprintf("@%s, with %d paired", f.bot, f.paired)}
}

// messageStep is done once there is something that TradingView can use. Whether it was pasted there shows with the first alert.
func (f *progress) messageStep() footing {
	switch {
	case f.hint == "":
		return footing{detail: "there is no webhook key", fix: "`hoox secret set " + vault.WebhookKey + "`, then restart"}
	case f.public == "":
		return footing{detail: "http://" + f.gateway + "/webhook takes alerts of this computer only, with the key that ends in " + f.hint, fix: "TradingView needs the public address of a tunnel"}
	}
	return footing{done: true, detail: f.public + "/webhook, with the key that ends in " + f.hint}
}

func (f *progress) alertStep() footing {
	for _, r := range f.alerts {
		if !carried(r.Status) {
			continue
		}
		way := ""
		if a := f.arrival(); a.RequestID == string(r.ID) && a.Way != "" {
			way = either(a.Way == wayHere, ", sent from this computer", ", sent from outside")
		}
		return footing{done: true, detail: alertWords(r) + way}
	}
	if len(f.alerts) == 0 {
		return footing{detail: "none came yet", fix: "send one from the first steps, from TradingView, or with `hoox send`"}
	}
	newest := f.alerts[0]
	detail := alertWords(newest)
	if newest.Reason != "" {
		detail += ": " + newest.Reason
	}
	return footing{detail: detail, fix: f.arrival().Fix}
}

func alertWords(r trading.SignalRecord) string {
	where := string(r.Account.Exchange())
	if r.Account.Exchange() != trading.Paper {
		where += " (" + strings.ToUpper(string(r.Account.Mode())) + ")"
	}
	return fmt.Sprintf("%s %s on %s at %s was %s", r.Action, r.Symbol, where, when(r.ReceivedAt), becameWords(r.Status))
}

// becameWords is what became of an alert, as it ends a sentence.
func becameWords(s trading.SignalStatus) string {
	switch s {
	case trading.SignalPartial:
		return "filled in part"
	case trading.SignalNoOp:
		return "understood: there was nothing to do"
	case trading.SignalExecuting:
		return "sent to the exchange"
	case trading.SignalNotPlaced:
		return "not placed"
	case trading.SignalNeedsReview:
		return "sent, and what became of it is not certain"
	case trading.SignalAccepted, trading.SignalEnqueued:
		return "stored"
	case trading.SignalFilled, trading.SignalRejected, trading.SignalRefused, trading.SignalBlocked, trading.SignalExpired:
	}
	return string(s)
}

// carried tells whether an alert went all the way: to a fill, into the book of an exchange, or to nothing that was to be done.
func carried(s trading.SignalStatus) bool {
	switch s {
	case trading.SignalFilled, trading.SignalPartial, trading.SignalNoOp, trading.SignalExecuting:
		return true
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalRejected, trading.SignalRefused, trading.SignalBlocked,
		trading.SignalExpired, trading.SignalNotPlaced, trading.SignalNeedsReview:
	}
	return false
}
