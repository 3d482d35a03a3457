package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

type demoCommand struct{}

const (
	// demoBudget bounds the whole demonstration.
	demoBudget = 60 * time.Second
	// demoMove is how long the market may take to move a little.
	demoMove = 2 * time.Second
)

// demoReport is what happened, and the machine output of `hoox demo`.
type demoReport struct {
	OK       bool       `json:"ok"`
	Steps    []demoStep `json:"steps"`
	Realized string     `json:"realizedPnl"`
	Fees     string     `json:"fees"`
	Profit   string     `json:"profit"`
	Currency string     `json:"currency"`
}

// demoStep is one line of it.
type demoStep struct {
	Step   string `json:"step"`
	Detail string `json:"detail"`
	ID     string `json:"id"`
	// Micros is how long the answer took, 0 where nobody waited for one.
	Micros int64 `json:"micros"`
}

// Run does the whole main job once in a folder that is thrown away: the alert comes by HTTP to the real gateway, exactly
// as TradingView would send it.
func (c *demoCommand) Run(sh *shell) error {
	dir, err := os.MkdirTemp("", "hoox-demo-")
	if err != nil {
		return ended(exitFailed, "make a throw-away folder: %v", err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o700); err != nil {
		return ended(exitFailed, "make the folder private: %v", err)
	}
	flags := node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0", ControlListen: "127.0.0.1:0", LogLevel: orWord(sh.flags.LogLevel, "error")}
	// Nothing of the user's environment: the demonstration must be the same everywhere.
	config, err := node.Load(flags, func(name string) string { return map[string]string{"HOOX_PAPER_MARKET": "synthetic"}[name] })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(sh.ctx, demoBudget)
	defer cancel()
	i, err := openInstance(ctx, config, sh.ui, newLogbook(sh.stderr, config.Log.Level))
	if err != nil {
		return failedStart(err)
	}
	report, err := i.demonstrate(ctx)
	if err != nil {
		return err
	}
	if err := sh.show(report, func(w io.Writer) { printDemo(w, report) }); err != nil {
		return err
	}
	if !report.OK {
		return ended(exitFailed, "the demonstration did not end as it should")
	}
	return nil
}

// demonstrate runs the instance, plays the demonstration and stops it again.
func (i *instance) demonstrate(ctx context.Context) (demoReport, error) {
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- i.run(func() { close(ready) }) }()
	var report demoReport
	var err error
	select {
	case <-ready:
		report, err = i.play(ctx)
	case err = <-done:
		return report, failedStart(err)
	}
	i.stop()
	if stopped := <-done; err == nil && stopped != nil {
		err = ended(exitFailed, "the demonstration did not stop cleanly: %v", stopped)
	}
	return report, err
}

// demoPlay is one demonstration under way.
type demoPlay struct {
	*instance
	own    *services
	key    vault.Secret
	before trading.Money
	report demoReport
}

func (i *instance) play(ctx context.Context) (demoReport, error) {
	key, err := i.house.webhookKey()
	if err != nil {
		return demoReport{}, err
	}
	p := &demoPlay{instance: i, own: newServices(i.house, cliActor()), key: key}
	if p.before, err = p.funded(ctx); err != nil {
		return p.report, err
	}
	entry, err := p.send(ctx, "signal", "LONG", `"quantity":0.01,"leverage":10,`)
	if err != nil {
		return p.report, err
	}
	open, err := p.filled(ctx, entry, "order", "fill")
	if err != nil {
		return p.report, err
	}
	p.letMove(ctx, open)
	leave, err := p.send(ctx, "close", "CLOSE_LONG", "")
	if err != nil {
		return p.report, err
	}
	closed, err := p.filled(ctx, leave, "order", "fill")
	if err != nil {
		return p.report, err
	}
	return p.settle(ctx, open, closed)
}

// funded waits for the deposit of the new account, which is booked beside the start.
func (p *demoPlay) funded(ctx context.Context) (trading.Money, error) {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		balance, err := p.balance(ctx)
		if err != nil || balance.IsPositive() {
			return balance, err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return balance, ended(exitFailed, "the paper account has no money")
		}
	}
}

// balance is what the account of the demonstration has.
func (p *demoPlay) balance(ctx context.Context) (trading.Money, error) {
	accounts, err := p.house.money.Equity(ctx)
	if err != nil {
		return trading.Money{}, err
	}
	for _, m := range accounts {
		if m.Account == trading.MakeAccountID(trading.Bybit, trading.ModePaper) && m.Currency == currency {
			return m.Balance, nil
		}
	}
	return trading.Money{}, nil
}

// send posts an alert of TradingView's shape and insists on an answer that says filled or on its way.
func (p *demoPlay) send(ctx context.Context, step, action, size string) (string, error) {
	body := `{"apiKey":"` + p.key.Reveal() + `","exchange":"bybit","action":"` + action + `","symbol":"BTCUSDT",` + size +
		`"idempotencyKey":"demo-` + string(trading.NewSignalID()) + `"}`
	got, err := postAlert(ctx, "http://"+p.node.GatewayAddr()+"/webhook", []byte(body), p.house.now)
	if err != nil {
		return "", err
	}
	var head gatewayAnswer
	if err := json.Unmarshal([]byte(got.Body), &head); err != nil || !head.Success {
		return "", ended(exitFailed, "the gateway answered %d to the %s: %s", got.Status, action, got.Body)
	}
	p.report.Steps = append(p.report.Steps, demoStep{
		Step: step, Detail: fmt.Sprintf("%s BTCUSDT on bybit (paper): HTTP %d %s", action, got.Status, orWord(head.Result.Status, head.Status)),
		ID: got.RequestID, Micros: got.Micros,
	})
	return got.RequestID, nil
}

// filled waits until a signal is filled and writes its orders and fills down.
func (p *demoPlay) filled(ctx context.Context, request, orderStep, fillStep string) (trading.SignalRecord, error) {
	for {
		record, err := p.house.outcome(ctx, trading.SignalID(request))
		switch {
		case err != nil:
			return record, err
		case record.Status == trading.SignalFilled:
			p.note(record, orderStep, fillStep)
			return record, nil
		case record.Status.Final():
			return record, ended(exitFailed, "signal %s ended %s: %s", request, record.Status, record.Reason)
		case ctx.Err() != nil:
			return record, ended(exitUnknown, "signal %s is still %s", request, record.Status)
		}
	}
}

func (p *demoPlay) note(record trading.SignalRecord, orderStep, fillStep string) {
	for _, o := range record.Orders {
		row := p.house.orderRow(o)
		p.report.Steps = append(p.report.Steps, demoStep{Step: orderStep, ID: row.ID,
			Detail: fmt.Sprintf("%s %s %s %s: %s", row.Side, row.Quantity, row.Symbol, row.Type, row.Status)})
	}
	for _, f := range record.Fills {
		row := p.house.fillRow(f)
		p.report.Steps = append(p.report.Steps, demoStep{Step: fillStep, ID: row.ID,
			Detail: fmt.Sprintf("%s %s at %s, fee %s %s", row.Side, row.Quantity, row.Price, row.Fee, row.FeeAsset)})
	}
}

// letMove waits until the price has left the entry, for two seconds at most.
func (p *demoPlay) letMove(ctx context.Context, open trading.SignalRecord) {
	limit := time.NewTimer(demoMove)
	defer limit.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for looks := 0; ; looks++ {
		q, ok := p.house.prices.Quote(trading.MakeAccountID(trading.Bybit, trading.ModePaper), trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"})
		if looks >= 5 && ok && len(open.Fills) > 0 && !q.Bid.Equal(open.Fills[0].Price) {
			return
		}
		select {
		case <-look.C:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// settle adds the money up and holds it against the ledger: flat, both fills there, and the account off by exactly that.
func (p *demoPlay) settle(ctx context.Context, open, closed trading.SignalRecord) (demoReport, error) {
	var realized, fees trading.Money
	for _, f := range append(append([]trading.Fill{}, open.Fills...), closed.Fills...) {
		realized, fees = realized.Add(f.RealizedPnL), fees.Add(f.Fee)
	}
	profit := realized.Sub(fees)
	p.report.Realized, p.report.Fees, p.report.Profit = shown(realized, moneyPlaces), shown(fees, moneyPlaces), shown(profit, moneyPlaces)
	p.report.Currency = currency
	positions, err := p.own.positions.List(PageRequest{})
	if err != nil {
		return p.report, err
	}
	switch {
	case len(positions.Items) != 0:
		return p.report, ended(exitFailed, "a position is still open after the close: %s %s", positions.Items[0].Quantity, positions.Items[0].Symbol)
	case len(open.Fills) == 0 || len(closed.Fills) == 0 || fees.IsZero():
		return p.report, ended(exitFailed, "the ledger lacks a fill or its fee")
	}
	after, err := p.balance(ctx)
	if err != nil {
		return p.report, err
	}
	if made := after.Sub(p.before); !made.Equal(profit) {
		return p.report, ended(exitFailed, "the fills make %s %s, but the account is %s %s off", profit, currency, made, currency)
	}
	p.report.OK = true
	return p.report, nil
}

func printDemo(w io.Writer, r demoReport) {
	t := columns("step", "what happened", "answered in>", "id")
	for _, s := range r.Steps {
		took := blank
		if s.Micros > 0 {
			took = micros(s.Micros)
		}
		t.add(s.Step, s.Detail, took, s.ID)
	}
	t.add("profit", fmt.Sprintf("realized %s − fees %s = %s %s", r.Realized, r.Fees, r.Profit, r.Currency), blank, blank)
	t.print(w)
}
