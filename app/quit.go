package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hoox/backend/trading"
)

// holdings is what is open, as the ledger has it: asking the exchanges would keep somebody waiting who wants to go.
type holdings interface {
	Positions(ctx context.Context) ([]trading.Position, error)
	OpenOrders(ctx context.Context, account trading.AccountID) ([]trading.Order, error)
	Guards(ctx context.Context, account trading.AccountID) ([]trading.Guard, error)
}

// The places where something is looked after once the program has ended.
const (
	standsAtExchange = "exchange"
	standsWithUs     = "program"
	standsNowhere    = "none"
)

// whatStays reads the ledger and says of everything that is open what becomes of it.
func whatStays(ctx context.Context, from holdings) ([]QuitLine, error) {
	positions, err := from.Positions(ctx)
	if err != nil {
		return nil, err
	}
	orders, err := from.OpenOrders(ctx, "")
	if err != nil {
		return nil, err
	}
	guards, err := from.Guards(ctx, "")
	if err != nil {
		return nil, err
	}
	lines := []QuitLine{}
	for _, p := range positions {
		if !p.Qty.IsZero() {
			lines = append(lines, positionStays(p, guards))
		}
	}
	for _, o := range orders {
		lines = append(lines, orderStays(o))
	}
	// What moves real money first.
	slices.SortStableFunc(lines, func(a, b QuitLine) int { return moneyRank(a.Mode) - moneyRank(b.Mode) })
	return lines, nil
}

func moneyRank(mode string) int {
	switch trading.Mode(mode) {
	case trading.ModeLive:
		return 0
	case trading.ModeTestnet:
		return 1
	case trading.ModePaper:
		return 2
	}
	return 3
}

func quitLine(kind string, account trading.AccountID, what string) QuitLine {
	return QuitLine{Kind: kind, Account: string(account), Mode: string(account.Mode()), What: what}
}

// positionStays tells whether what protects a position stands at its exchange.
func positionStays(p trading.Position, guards []trading.Guard) QuitLine {
	line := quitLine("position", p.Account, fmt.Sprintf("%s %s %s", p.Direction(), p.Size(), p.Symbol))
	protection := protectionWords(p.Protection)
	switch {
	case p.Account.Mode() == trading.ModePaper:
		line.Stands, line.After = standsWithUs, "paper lives in this program: nothing happens to it until the next start"
	case p.Protection.IsZero():
		line.Stands, line.After = standsNowhere, "stays open without a stop or a target"
	case covered(p, guards):
		line.Stands, line.After = standsAtExchange, "stays open; "+protection+" "+standOrStands(p.Protection)+" at "+string(p.Account.Exchange())
	default:
		line.Stands, line.After = standsWithUs, "stays open; "+protection+" not confirmed at "+string(p.Account.Exchange())+", and nobody asks again until the next start"
	}
	return line
}

func standOrStands(p trading.Protection) string {
	count := len(p.TakeProfit)
	for _, price := range []trading.Price{p.StopLoss, p.TrailingStop} {
		if !price.IsZero() {
			count++
		}
	}
	if count == 1 {
		return "stands"
	}
	return "stand"
}

// covered tells whether the exchange showed protection for all of a position. There is at most one watch over each place.
func covered(p trading.Position, guards []trading.Guard) bool {
	return slices.ContainsFunc(guards, func(g trading.Guard) bool {
		here := g.Account == p.Account && g.Product == p.Product && g.Symbol == p.Symbol && g.Slot == p.Slot
		return here && g.State == trading.GuardStanding && g.Covers.Sign() == p.Qty.Sign() && !p.Size().More(g.Covers.Abs())
	})
}

// orderStays tells what becomes of an order that has not ended.
func orderStays(o trading.Order) QuitLine {
	what := fmt.Sprintf("%s %s %s", o.Side, o.Qty, o.Symbol)
	if o.Price.IsPositive() {
		what += " at " + o.Price.String()
	}
	where := string(o.Account.Exchange())
	paper := o.Account.Mode() == trading.ModePaper
	line := quitLine("order", o.Account, what)
	switch o.Status {
	case trading.OrderCreated:
		line.Kind, line.Stands = "waiting", standsWithUs
		line.After = "not sent yet; the next start sends it only before " + o.Deadline.UTC().Format("15:04:05") + " UTC"
	case trading.OrderSubmitted, trading.OrderUnknown:
		line.Kind, line.Stands, line.After = "doubt", standsWithUs, "it is not known whether "+where+" has it; the next start asks"
	case trading.OrderNeedsReview:
		line.Kind, line.Stands, line.After = "doubt", standsWithUs, "its outcome waits for you under Orders"
	case trading.OrderAccepted, trading.OrderPartiallyFilled:
		line.Stands, line.After = standsAtExchange, "rests at "+where+" and may fill"
		if !o.ReduceOnly && !o.Protection.IsZero() {
			line.After += "; whether " + protectionWords(o.Protection) + " then stands is looked at by the next start"
		}
	case trading.OrderFilled, trading.OrderCanceled, trading.OrderRejected, trading.OrderExpired, trading.OrderDenied, trading.OrderBlocked, trading.OrderNotPlaced:
		line.Stands, line.After = standsNowhere, "has ended: "+string(o.Status)
	}
	if paper && line.Kind == "order" {
		line.Stands, line.After = standsWithUs, "paper lives in this program: it cannot fill until the next start"
	}
	return line
}

// notesOf are the sentences that go with a list: what ends with the program besides what is open.
func notesOf(lines []QuitLine) []string {
	notes := []string{"Alerts that come while it does not run are not traded, then or later."}
	atExchange := func(l QuitLine) bool { return l.Kind == "position" && l.Stands == standsAtExchange }
	if slices.ContainsFunc(lines, atExchange) {
		notes = append(notes, "What stands at an exchange goes on. A stop that triggers and does not fill is closed by nobody until the next start.")
	}
	return notes
}

// inShort is the list in one line, for a menu.
func inShort(lines []QuitLine) string {
	count := map[string]int{}
	for _, l := range lines {
		count[l.Kind]++
	}
	words := []string{}
	for _, kind := range []struct{ name, one, many string }{
		{"position", "1 position", "%d positions"}, {"order", "1 resting order", "%d resting orders"},
		{"waiting", "1 order not sent", "%d orders not sent"}, {"doubt", "1 order in doubt", "%d orders in doubt"},
	} {
		switch n := count[kind.name]; n {
		case 0:
		case 1:
			words = append(words, kind.one)
		default:
			words = append(words, fmt.Sprintf(kind.many, n))
		}
	}
	if len(words) == 0 {
		return "nothing open"
	}
	return strings.Join(words, ", ")
}
