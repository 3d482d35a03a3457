package admission

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"hoox/backend/settings"
	"hoox/backend/trading"
)

// identify gives an intake its time and the key it is known by.
func (d *Desk) identify(in *trading.Intake, fingerprint string, set settings.Snapshot) {
	s := &in.Signal
	in.Deadline = deadline(*s, set)
	in.Fingerprint = fingerprint
	in.Scope = scope(*s, in.Account)
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
}

// scope is where keys are unique: one door, one credential, and the first accounts of one mode together, or one further
// account by its name.
func scope(s trading.Signal, account trading.AccountID) string {
	place := string(account.Mode())
	if account.Name() != "" {
		place += ":" + account.Name()
	}
	return string(s.Source) + "|" + s.Credential + "|" + place
}

// place finds the account and the instrument, and notes how an exchange was chosen for an alert that names none.
func (d *Desk) place(ctx context.Context, s *trading.Signal, set settings.Snapshot) (trading.Intake, []trading.Check, error) {
	exchange, notes, err := d.exchange(ctx, *s, set)
	if err != nil {
		return trading.Intake{}, nil, err
	}
	if !exchange.Known() {
		return trading.Intake{}, nil, trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper", exchange)
	}
	instrument, warnings, err := d.resolve(*s, exchange, set)
	if err != nil {
		return trading.Intake{}, nil, err
	}
	s.Warnings = append(s.Warnings, warnings...)
	s.Exchange = instrument.Exchange
	return trading.Intake{Account: d.account(*s, instrument.Exchange), Instrument: instrument}, notes, nil
}

func (d *Desk) resolve(s trading.Signal, exchange trading.Exchange, set settings.Snapshot) (trading.Instrument, []string, error) {
	fallback := trading.Product(set.Text("exchange:" + string(exchange) + ":product"))
	return d.Market.Resolve(exchange, s.Symbol, fallback, func(e trading.Exchange) trading.Mode { return d.account(s, e).Mode() })
}

// account is the one that the signal names, or the first one of an exchange in its mode. A test never names real money.
func (d *Desk) account(s trading.Signal, e trading.Exchange) trading.AccountID {
	if s.Account != "" && !(s.Test && s.Account.Mode() == trading.ModeLive) {
		return s.Account
	}
	mode := d.Mode(e, s.Test)
	if s.Test && mode == trading.ModeLive {
		mode = trading.ModePaper
	}
	return trading.MakeAccountID(e, mode)
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
	return digest(s, "v1", s.Strategy, s.Comment, string(in.Account), string(in.Instrument.Product), in.Instrument.Symbol, string(s.Action))
}

// writtenFingerprint is that of an alert whose account we choose. It goes by what was written, so that a redelivery is
// known again although prices or the strategy have changed meanwhile.
func writtenFingerprint(s trading.Signal) string {
	return digest(s, "w1", s.Strategy, s.Comment, string(s.Exchange), strings.ToUpper(strings.TrimSpace(s.Symbol)), string(s.Action))
}

func digest(s trading.Signal, head ...string) string {
	h := sha256.New()
	add := func(values ...string) {
		for _, v := range values {
			h.Write([]byte(strconv.Itoa(len(v)) + ":" + v + ";"))
		}
	}
	add(head...)
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
