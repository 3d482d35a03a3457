package admission

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"hoox/backend/settings"
	"hoox/backend/trading"
)

// read turns the words of a signal into an intake: where it goes, how long it lives, and the key it is known by.
func (d *Desk) read(s *trading.Signal, set settings.Snapshot) (trading.Intake, error) {
	in := trading.Intake{}
	if s.Action != trading.ActNone {
		placed, err := d.place(s, set)
		if err != nil {
			return in, err
		}
		in = placed
	}
	if s.Action == trading.ActNone {
		in.Account = trading.MakeAccountID(trading.Paper, trading.ModePaper)
	}
	in.Deadline = deadline(*s, set)
	in.Fingerprint = fingerprint(*s, in)
	in.Scope = string(s.Source) + "|" + s.Credential + "|" + string(in.Account.Mode())
	in.Queue = set.Text("webhook:queue_mode") == "queue_everywhere" && s.Source == trading.FromWebhook
	switch {
	case s.Key != "":
		in.Key = "k:" + s.Key
	case !s.SentAt.IsZero():
		in.Key = "f:" + in.Fingerprint
	default:
		in.Window = time.Duration(set.Int("webhook:duplicate_window")) * time.Second
		if s.Source == trading.FromWebhook {
			s.Warnings = append(s.Warnings, `no "time" or "idempotencyKey": identical alerts within `+in.Window.String()+` count as one; add "time": "{{timenow}}"`)
		}
	}
	in.Signal = *s
	return in, nil
}

// place finds the account and the instrument.
func (d *Desk) place(s *trading.Signal, set settings.Snapshot) (trading.Intake, error) {
	exchange := s.Exchange
	if exchange == "" && !strings.Contains(s.Symbol, ":") {
		exchange = route(set.Text("trade:routing"), s.Symbol)
	}
	if exchange == "" {
		exchange = prefixed(s.Symbol)
	}
	if !exchange.Known() {
		return trading.Intake{}, trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper", exchange)
	}
	fallback := trading.Product(set.Text("exchange:" + string(exchange) + ":product"))
	instrument, warnings, err := d.Market.Resolve(exchange, s.Symbol, fallback)
	if err != nil {
		return trading.Intake{}, err
	}
	s.Warnings = append(s.Warnings, warnings...)
	s.Exchange = instrument.Exchange
	account := trading.MakeAccountID(instrument.Exchange, d.Mode(instrument.Exchange, s.Test))
	return trading.Intake{Account: account, Instrument: instrument}, nil
}

// prefixed is the exchange of a TradingView ticker, the general paper account when its exchange is none of ours.
func prefixed(symbol string) trading.Exchange {
	name, _, found := strings.Cut(symbol, ":")
	e := trading.Exchange(strings.ToLower(strings.TrimSpace(name)))
	if found && e.Known() {
		return e
	}
	if found && !strings.Contains(name, "/") {
		return e
	}
	return trading.Paper
}

// route is the exchange that the routing setting gives a symbol: its own row, the "*" row, or the paper account.
func route(table, symbol string) trading.Exchange {
	var rows map[string]string
	if err := json.Unmarshal([]byte(table), &rows); err != nil {
		return trading.Paper
	}
	for _, key := range []string{strings.ToUpper(symbol), "*"} {
		if e, ok := rows[key]; ok {
			return trading.Exchange(strings.ToLower(e))
		}
	}
	return trading.Paper
}

// deadline is when the first byte may leave at the latest: the older of payload time and receipt, plus the lifetime of
// its kind.
func deadline(s trading.Signal, set settings.Snapshot) time.Time {
	age := s.MaxAge
	if age == 0 {
		age = time.Duration(set.Int(ageKey(s))) * time.Second
	}
	born := s.ReceivedAt
	if !s.SentAt.IsZero() && s.SentAt.Before(born) {
		born = s.SentAt
	}
	return born.Add(age)
}

func ageKey(s trading.Signal) string {
	switch {
	case s.Action.Closes() || s.ReduceOnly:
		return "trade:max_age_close"
	case s.Action == trading.ActTarget && s.Target.Direction == trading.Flat:
		return "trade:max_age_close"
	case s.Type == trading.Limit:
		return "trade:max_age_limit"
	}
	return "trade:max_age_market"
}

// fingerprint is a digest of everything that makes the order what it is, each field length-prefixed so that no two
// alerts read the same. Secrets and transport are not in it.
func fingerprint(s trading.Signal, in trading.Intake) string {
	h := sha256.New()
	add := func(values ...string) {
		for _, v := range values {
			h.Write([]byte(strconv.Itoa(len(v)) + ":" + v + ";"))
		}
	}
	add("v1", s.Strategy, s.Comment, string(in.Account), string(in.Instrument.Product), in.Instrument.Symbol, string(s.Action))
	add(string(s.Type), string(s.Size.Mode), s.Size.Value.String(), s.Price.String(), strconv.Itoa(s.Leverage), string(s.MarginMode))
	add(strconv.FormatBool(s.ReduceOnly), strconv.FormatBool(s.Test), s.StopLoss.Price.String(), s.StopLoss.Percent.String())
	add(s.TrailingStop.Price.String(), s.TrailingStop.Percent.String(), strconv.Itoa(len(s.TakeProfit)))
	for _, t := range s.TakeProfit {
		add(t.Price.String(), t.Percent.String(), t.Share.String())
	}
	if s.Target != nil {
		add(string(s.Target.Direction), s.Target.Quantity.String(), string(s.Target.Previous))
	}
	if s.Notify != nil {
		add(s.Notify.ChatID, s.Notify.Message)
	}
	if !s.SentAt.IsZero() {
		add(strconv.FormatInt(s.SentAt.UnixMilli(), 10))
	}
	return hex.EncodeToString(h.Sum(nil))
}
