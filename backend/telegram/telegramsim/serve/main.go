// Command serve runs the simulated Bot API for whoever wants to use the bot without Telegram: a person by hand, or a test of the
// window. Nothing leaves the machine: it listens on loopback only.
//
// It owns a fixed and public token, and the control endpoint through which somebody says something to the bot and reads what it sent;
// what a Bot API does is telegramsim's. It is part of no release.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"hoox/backend/telegram/telegramsim"
)

// token is the bot's. It opens nothing anywhere.
const token = "1000001:simulated-token-for-use-by-hand-and-tests"

// note is the line that tells where everything is.
type note struct {
	Simulated bool   `json:"simulated"`
	Token     string `json:"token"`
	// API is what to set as [telegram] api_url.
	API     string `json:"api"`
	Control string `json:"control"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "serve the simulated Bot API:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. It prints one line of JSON with the addresses and the token once both answer.
func run(ctx context.Context, out, notes io.Writer) error {
	sim := telegramsim.New(ctx, telegramsim.Config{Token: token, Now: func() time.Time { return time.Now().UTC() }, Local: true})
	defer sim.Close()
	api, err := sim.Listen(ctx)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: control(sim), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // the end of ctx is the only way it stops
	if err := json.NewEncoder(out).Encode(note{Simulated: true, Token: token, API: api, Control: "http://" + l.Addr().String()}); err != nil {
		return errors.Join(err, l.Close())
	}
	fmt.Fprintln(notes, "SIMULATED Bot API: no Telegram. Stop with Ctrl-C.")
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
