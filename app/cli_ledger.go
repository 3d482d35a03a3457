package app

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// listFlags are shared by the commands that list.
type listFlags struct {
	Limit  int    `help:"How many rows, 1 to 500." default:"20"`
	Cursor string `help:"Continue after this place (the \"next\" of --json)." placeholder:"PLACE"`

	Exchange string `help:"Only of this exchange."`
	Symbol   string `help:"Only of this symbol."`
}

func (f listFlags) page(status string) PageRequest {
	return PageRequest{Limit: f.Limit, Cursor: f.Cursor, Filter: Filter{Exchange: f.Exchange, Symbol: f.Symbol, Status: status}}
}

// local is a time of ours as a person reads it, in UTC to the second.
func local(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

type signalsCommand struct {
	listFlags
	Status string `help:"Only with this status."`
}

func (c *signalsCommand) Run(sh *shell) error {
	page, err := ask[SignalPage](sh, "Signals/List", c.page(c.Status))
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("received (utc)", "status", "account", "action", "symbol", "quantity>", "reason", "request")
		for _, r := range page.Items {
			t.add(local(r.ReceivedAt), r.Status, r.Account, r.Action, r.Symbol, r.Quantity, r.Reason, r.RequestID)
		}
		printList(w, t, "no signals yet: `hoox send --exchange paper --action LONG --symbol BTCUSDT --quantity 0.01` sends one")
	})
}

type ordersCommand struct {
	listFlags
	Status string `help:"Only with this status."`
	Open   bool   `help:"Only orders that have not ended."`
}

func (c *ordersCommand) Run(sh *shell) error {
	request := c.page(c.Status)
	request.Filter.OpenOnly = c.Open
	page, err := ask[OrderPage](sh, "Orders/List", request)
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("created (utc)", "status", "account", "symbol", "side", "type", "quantity>", "filled>", "average>", "reason", "order")
		for _, r := range page.Items {
			t.add(local(r.CreatedAt), r.Status, r.Account, r.Symbol, r.Side, r.Type, r.Quantity, r.FilledQuantity, r.AveragePrice, r.Reason, r.ID)
		}
		printList(w, t, "no orders")
	})
}

type fillsCommand struct{ listFlags }

func (c *fillsCommand) Run(sh *shell) error {
	page, err := ask[FillPage](sh, "Fills/List", c.page(""))
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("at (utc)", "account", "symbol", "side", "quantity>", "price>", "fee>", "realized>", "order")
		for _, r := range page.Items {
			t.add(local(r.At), r.Account, r.Symbol, r.Side, r.Quantity, r.Price, r.Fee+" "+r.FeeAsset, r.RealizedPnl, r.OrderID)
		}
		printList(w, t, "no fills")
	})
}

type positionsCommand struct{ listFlags }

func (c *positionsCommand) Run(sh *shell) error {
	page, err := ask[PositionPage](sh, "Positions/List", c.page(""))
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("account", "symbol", "side", "quantity>", "entry>", "mark>", "unrealized>", "leverage>", "liquidation>", "stop>", "target>")
		for _, r := range page.Items {
			t.add(r.Account, r.Symbol, r.Side, r.Quantity, r.EntryPrice, r.MarkPrice, r.UnrealizedPnl, r.Leverage, r.LiquidationPrice, r.StopLoss, r.TakeProfit)
		}
		printList(w, t, "no open positions")
		if page.Next != "" {
			fmt.Fprintln(w, "… and more: --limit 500 shows them")
		}
	})
}

func printList(w io.Writer, t table, none string) {
	if len(t.rows) == 0 {
		fmt.Fprintln(w, none)
		return
	}
	t.print(w)
}

type traceCommand struct {
	RequestID string `arg:"" name:"request-id" help:"The request id of the signal."`
}

func (c *traceCommand) Run(sh *shell) error {
	story, err := ask[SignalStory](sh, "Signals/Get", GetSignal{RequestID: c.RequestID})
	if err != nil {
		return err
	}
	return sh.show(story, func(w io.Writer) { tell(w, story) })
}

// tell writes the story of a signal from the door to the last fill.
func tell(w io.Writer, s SignalStory) {
	fmt.Fprintf(w, "%s  %s %s %s on %s (%s), by %s%s at %s\n", s.RequestID, s.Action, plainLine(s.Quantity), s.Symbol, s.Account,
		strings.ToUpper(s.Mode), s.Source, either(s.KeyLabel == "", "", " with key "+plainLine(s.KeyLabel)), local(s.ReceivedAt))
	fmt.Fprintf(w, "%s", s.Status)
	if s.Reason != "" {
		fmt.Fprintf(w, ": %s", plainLine(s.Reason))
	}
	fmt.Fprint(w, "\n\n")
	if s.Parent != "" {
		fmt.Fprintf(w, "the same alert on the first account of its strategy: %s\n\n", s.Parent)
	}
	for _, c := range s.Children {
		fmt.Fprintf(w, "also on %s: %s%s  %s\n", c.Account, c.Status, either(c.Reason == "", "", ": "+plainLine(c.Reason)), c.RequestID)
	}
	if len(s.Children) > 0 {
		fmt.Fprintln(w)
	}
	t := columns("after>", "station", "detail", "order")
	for _, stage := range s.Timeline {
		t.add(micros(stage.Micros), stage.Stage, stage.Detail, stage.OrderID)
	}
	t.print(w)
	if len(s.Decision) > 0 {
		fmt.Fprintln(w)
		t = columns("rule", "asked>", "allowed>", "passed")
		for _, n := range s.Decision {
			passed := "yes"
			if !n.OK {
				passed = "NO"
			}
			t.add(n.Rule, n.Asked, n.Allowed, passed)
		}
		t.print(w)
	}
	if len(s.Fills) > 0 {
		fmt.Fprintln(w)
		t = columns("fill", "side", "quantity>", "price>", "fee>", "realized>")
		for _, f := range s.Fills {
			t.add(f.ID, f.Side, f.Quantity, f.Price, f.Fee+" "+f.FeeAsset, f.RealizedPnl)
		}
		t.print(w)
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(w, "\nwarning: %s", plainLine(warning))
	}
	if len(s.Warnings) > 0 {
		fmt.Fprintln(w)
	}
}

// micros is a duration as a person reads it.
func micros(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d µs", n)
	}
	if n < 1_000_000 {
		return fmt.Sprintf("%d.%d ms", n/1000, n%1000/100)
	}
	return fmt.Sprintf("%d.%02d s", n/1_000_000, n%1_000_000/10_000)
}
