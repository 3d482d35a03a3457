// Command serve runs the simulated exchanges for a person who wants to use the program by hand without any exchange. No
// money moves and nothing leaves the machine: it listens on loopback only.
//
// It owns which exchanges run, their fixed and public test keys, and the control endpoint that moves prices and scripts
// faults; what an exchange does is exchangesim's and the façades'. It is part of no release.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"hoox/backend/trading"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "serve simulated exchanges:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. It prints one line of JSON with every address and the keys once all of them answer.
func run(ctx context.Context, args []string, out, notes io.Writer) (err error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(notes)
	listen := flags.String("listen", "127.0.0.1:0", "address of the control endpoint; exchanges take the ports after it, or any with port 0")
	dir := flags.String("dir", "", "folder of the logs; an account goes on from its log. Default: a new temporary folder")
	prices := prices{"BTCUSDT": trading.MustPrice("65000"), "ETHUSDT": trading.MustPrice("3000"), "SOLUSDT": trading.MustPrice("150")}
	flags.Var(prices, "price", "first mark of a symbol, such as BTCUSDT=65000; may be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		made, err := os.MkdirTemp("", "simulated-exchanges-")
		if err != nil {
			return err
		}
		*dir = made
	}
	h, err := open(*dir, func() time.Time { return time.Now().UTC() }, prices)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	servers, note, err := listenAll(*listen, h)
	if err != nil {
		return err
	}
	note.Directory = *dir
	if err := json.NewEncoder(out).Encode(note); err != nil {
		return err
	}
	fmt.Fprintln(notes, "SIMULATED exchanges: no real market, no real money. Stop with Ctrl-C.")
	return servers.run(ctx, h)
}

// prices is the -price flag.
type prices map[string]trading.Price

func (p prices) String() string { return "" }

func (p prices) Set(text string) error {
	symbol, level, found := strings.Cut(text, "=")
	mark, err := trading.ParsePrice(level)
	if !found || err != nil || !mark.IsPositive() {
		return fmt.Errorf("want SYMBOL=price, had %q", text)
	}
	if _, known := p[symbol]; !known {
		return fmt.Errorf("symbol %s is not simulated", symbol)
	}
	p[symbol] = mark
	return nil
}
