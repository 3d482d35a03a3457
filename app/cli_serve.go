package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"hoox/backend/trading"
)

type serveCommand struct {
	Listen  string `help:"Public gateway; port 0 picks a free one. Default 127.0.0.1:8787." placeholder:"ADDRESS"`
	Control string `help:"Loopback API and pages; port 0 picks a free one. Default 127.0.0.1:8788." placeholder:"ADDRESS"`
}

// readyLine is the one line that serve prints on stdout.
type readyLine struct {
	Event   string `json:"event"`
	Gateway string `json:"gateway"`
	Control string `json:"control"`
	PID     int    `json:"pid"`
	Version string `json:"version"`
	// Browser signs one browser in, once, within ten minutes.
	Browser string `json:"browser"`
}

func (c *serveCommand) Run(sh *shell) error {
	sh.flags.GatewayListen, sh.flags.ControlListen = c.Listen, c.Control
	config, err := sh.config()
	if err != nil {
		return err
	}
	// A folder that another instance has is told first, by the start itself.
	if !held(config.DataDir) {
		if err := sh.handOver(&config, isTerminal(sh.stdin)); err != nil {
			return err
		}
	}
	book := newLogbook(sh.stderr, config.Log.Level)
	i, err := openInstance(sh.ctx, config, sh.ui, book)
	if err != nil {
		return failedStart(err)
	}
	return failedStart(i.run(func() {
		line := readyLine{"ready", "http://" + i.node.GatewayAddr(), i.control.url(), os.Getpid(), version, i.control.browserURL()}
		if err := json.NewEncoder(sh.stdout).Encode(line); err != nil {
			book.log.Error("write the ready line", "error", err)
		}
	}))
}

// failedStart ends a command with the code of a start that failed, and with all of its words.
func failedStart(err error) error {
	if err == nil {
		return nil
	}
	fault := faultOf(err, "")
	var known *trading.Error
	if !errors.As(err, &known) {
		fault.Message = err.Error()
	} else if known.Cause != nil && known.Kind != trading.Conflict {
		fault.Message = fmt.Sprintf("%s: %v", known.Message, known.Cause)
	}
	return &exit{exitOfStart(err), fault}
}
