package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"hoox/backend/disk"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

type sendCommand struct {
	File string `help:"Send this file as it is; - is stdin. <apiKey> in it becomes the key." placeholder:"FILE"`
	Key  string `help:"Webhook key; default $$HOOX_SECRET_WEBHOOK_API_KEY, else the running instance's."`

	Exchange       string `help:"bybit, binance, mexc or paper."`
	Action         string `help:"LONG, SHORT, CLOSE_LONG, CLOSE_SHORT, BUY, SELL, CLOSE or FLAT."`
	Symbol         string `help:"BTCUSDT, BTC/USDT or BYBIT:BTCUSDT.P."`
	Quantity       string `help:"Size in the base asset."`
	QuoteQuantity  string `help:"Size in the quote currency."`
	Percent        string `help:"Size in percent of equity."`
	RiskPercent    string `help:"Size by what a stop may lose, in percent of equity."`
	OrderType      string `help:"market or limit."`
	Price          string `help:"The limit."`
	Leverage       string `help:"Leverage."`
	MarginMode     string `help:"cross or isolated."`
	TakeProfit     string `help:"Price or percent, such as 2%."`
	StopLoss       string `help:"Price or percent."`
	TrailingStop   string `help:"Distance or percent."`
	ReduceOnly     bool   `help:"Only make a position smaller."`
	Test           bool   `help:"Never touch live money."`
	Strategy       string `help:"Name of the strategy."`
	Comment        string `help:"Any text."`
	MaxAge         string `help:"Seconds after which it must not leave any more."`
	IdempotencyKey string `help:"The same key is the same signal; default a new one each time."`
}

// sendBudgetCLI is longer than the gateway may take to answer.
const sendBudgetCLI = 10 * time.Second

func (c *sendCommand) Run(sh *shell) error {
	body, err := c.body(sh)
	if err != nil {
		return err
	}
	line, err := sh.connect()
	if err != nil {
		return err
	}
	key, err := c.key(sh, line)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(sh.ctx, sendBudgetCLI)
	defer cancel()
	got, err := postAlert(ctx, trimURL(line.at.Gateway)+"/webhook", withKey(body, key), sh.now)
	if err != nil {
		return err
	}
	got.Body = strings.ReplaceAll(got.Body, key, keyMask)
	if sh.json {
		if _, err := fmt.Fprintln(sh.stdout, got.Body); err != nil {
			return err
		}
		return sendEnd(got)
	}
	printAnswer(sh.stdout, got)
	return sendEnd(got)
}

func (c *sendCommand) key(sh *shell, line *client) (string, error) {
	if c.Key != "" {
		return c.Key, nil
	}
	if key := sh.env(vault.EnvPrefix + vault.WebhookKey); key != "" {
		return key, nil
	}
	var revealed RevealedKey
	err := line.call(sh.ctx, "Alerts/Reveal", Empty{}, &revealed)
	return revealed.Key, err
}

// body is the file, or the alert of the fields, or what is piped in.
func (c *sendCommand) body(sh *shell) ([]byte, error) {
	written := c.fields()
	switch {
	case c.File != "" && written:
		return nil, ended(exitUsage, "give either --file or fields")
	case c.File == "-", c.File == "" && !written && !isTerminal(sh.stdin):
		return readAlert(sh.stdin)
	case c.File != "":
		f, err := disk.OpenPlain(c.File)
		if err != nil {
			return nil, ended(exitUsage, "%v", err)
		}
		defer f.Close()
		return readAlert(f)
	case !written:
		return nil, ended(exitUsage, "nothing to send: for example `hoox send --exchange paper --action LONG --symbol BTCUSDT --quantity 0.01`")
	}
	return c.write()
}

func (c *sendCommand) fields() bool {
	return c.Exchange+c.Action+c.Symbol+c.Quantity+c.QuoteQuantity+c.Percent+c.RiskPercent+c.OrderType+c.Price+c.Leverage+
		c.MarginMode+c.TakeProfit+c.StopLoss+c.TrailingStop+c.Strategy+c.Comment+c.MaxAge+c.IdempotencyKey != "" || c.ReduceOnly || c.Test
}

func readAlert(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, largestAlert+1))
	if err != nil {
		return nil, ended(exitFailed, "read the alert: %v", err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, ended(exitUsage, "the alert is empty")
	}
	return body, nil
}

// write makes the alert of the fields. Values go as they are: what is wrong with them the gateway says.
func (c *sendCommand) write() ([]byte, error) {
	d := &draft{}
	d.text("apiKey", keyMask)
	texts := []alertField{
		{"exchange", c.Exchange}, {"action", c.Action}, {"symbol", c.Symbol}, {"orderType", c.OrderType}, {"marginMode", c.MarginMode},
		{"takeProfit", c.TakeProfit}, {"stopLoss", c.StopLoss}, {"trailingStop", c.TrailingStop}, {"strategy", c.Strategy}, {"comment", c.Comment},
	}
	for _, f := range texts {
		if f.value != "" {
			d.text(f.name, f.value)
		}
	}
	numbers := []alertField{
		{"quantity", c.Quantity}, {"quoteQuantity", c.QuoteQuantity}, {"percent", c.Percent}, {"riskPercent", c.RiskPercent},
		{"price", c.Price}, {"leverage", c.Leverage}, {"maxAge", c.MaxAge},
	}
	for _, f := range numbers {
		if f.value == "" {
			continue
		}
		if n, err := trading.ParseRatio(f.value); err == nil {
			d.raw(f.name, n.String())
		} else {
			d.text(f.name, f.value)
		}
	}
	if c.ReduceOnly {
		d.raw("reduceOnly", "true")
	}
	if c.Test {
		d.raw("test", "true")
	}
	key := c.IdempotencyKey
	if key == "" {
		// A person who runs the command again means a second signal.
		key = "cli-" + string(trading.NewSignalID())
	}
	d.text("idempotencyKey", key)
	return []byte(d.json()), nil
}

// withKey puts the key where its mask is, or adds it to a JSON object that has none.
func withKey(body []byte, key string) []byte {
	if bytes.Contains(body, []byte(keyMask)) {
		quoted, err := json.Marshal(key)
		if err != nil {
			return body
		}
		return bytes.ReplaceAll(body, []byte(keyMask), bytes.Trim(quoted, `"`))
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || len(fields) == 0 {
		return body
	}
	if _, there := fields["apiKey"]; there {
		return body
	}
	quoted, err := json.Marshal(key)
	if err != nil {
		return body
	}
	open := bytes.IndexByte(body, '{')
	return append([]byte(`{"apiKey":`+string(quoted)+","), body[open+1:]...)
}

// gatewayAnswer is what we read of the gateway's answer.
type gatewayAnswer struct {
	Success bool   `json:"success"`
	Status  string `json:"status"`
	Error   string `json:"error"`
	Code    string `json:"code"`
	Result  struct {
		Status  string `json:"status"`
		OrderID string `json:"orderId"`
	} `json:"result"`
	AveragePrice   string   `json:"averagePrice"`
	FilledQuantity string   `json:"filledQuantity"`
	Warnings       []string `json:"warnings"`
	// Accounts are there for an alert that went to several.
	Accounts []struct {
		Account   string `json:"account"`
		RequestID string `json:"requestId"`
		Status    string `json:"status"`
		Reason    string `json:"reason"`
	} `json:"accounts"`
}

func printAnswer(w io.Writer, got AlertAnswer) {
	var a gatewayAnswer
	if json.Unmarshal([]byte(got.Body), &a) != nil {
		fmt.Fprintf(w, "%d after %s\n%s\n", got.Status, micros(got.Micros), plainLine(got.Body))
		return
	}
	verdict := orWord(a.Result.Status, orWord(a.Status, a.Code))
	fmt.Fprintf(w, "%d %s after %s  request %s\n", got.Status, verdict, micros(got.Micros), got.RequestID)
	if a.FilledQuantity != "" && a.AveragePrice != "" {
		fmt.Fprintf(w, "filled %s at %s\n", a.FilledQuantity, a.AveragePrice)
	}
	if a.Error != "" {
		fmt.Fprintln(w, plainLine(a.Error))
	}
	for _, on := range a.Accounts {
		fmt.Fprintf(w, "%s: %s%s  request %s\n", plainLine(on.Account), plainLine(on.Status), either(on.Reason == "", "", ": "+plainLine(on.Reason)), on.RequestID)
	}
	for _, warning := range a.Warnings {
		fmt.Fprintf(w, "warning: %s\n", plainLine(warning))
	}
}

// sendEnd is the end of the command by what the gateway answered, kind and exit code as everywhere (see the package comment).
// Stored and on its way counts as well.
func sendEnd(got AlertAnswer) error {
	switch got.Status {
	case 200, 202:
		return nil
	case 400, 413, 415:
		return ended(exitUsage, "the gateway did not take the alert: it is not right")
	case 403:
		return &exit{exitFailed, Fault{Kind: string(trading.Unauthorized), Message: "the gateway did not take the alert: its key or this address is not allowed"}}
	case 409, 422, 429:
		return ended(exitRefused, "the alert was refused")
	case 503:
		var a gatewayAnswer
		if json.Unmarshal([]byte(got.Body), &a) == nil && a.Code == "KILL_SWITCH" {
			return ended(exitRefused, "trading is halted")
		}
		return &exit{exitFailed, Fault{Kind: string(trading.Unavailable), Message: "the gateway takes no alerts now"}}
	}
	return ended(exitFailed, "the gateway did not take the alert")
}
