package app

import (
	"context"
	"fmt"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
	"hoox/backend/vault"
)

// Setup tells what a first run still needs.
type Setup struct{ in *house }

// Get is how the program is set up, and the steps to a first trade.
func (s *Setup) Get(_ Empty) (SetupState, error) {
	return answer(s.in, "read setup", func(ctx context.Context) (SetupState, error) {
		last, err := s.in.pulse.LastSignalAt(ctx)
		if err != nil {
			return SetupState{}, err
		}
		first, seal := last.IsZero(), s.in.vault.Words()
		if offer := s.in.vault.Offer(); offer != "" {
			seal += "; " + offer
		}
		alert := "none came yet: build one under Alerts and send it"
		if !first {
			alert = "the newest came at " + when(last)
		}
		return SetupState{
			DataDir: s.in.dataDir, Market: s.in.market, VaultSeal: seal, FirstRun: first,
			Steps: []SetupStep{
				{Name: "Choose a mode", Done: true, Detail: s.in.modeStep()},
				{Name: "Webhook key", Done: s.in.vault.Has(vault.WebhookKey), Detail: "made at the first start, Alerts shows it; the vault is " + seal},
				{Name: "Send a test alert", Done: !first, Detail: alert},
				{Name: "Let TradingView reach this computer", Done: s.in.publicly() != "", Detail: s.in.reachStep()},
			},
		}, nil
	})
}

// publicly is the public address, once an answer has come back through it; "" else.
func (h *house) publicly() string {
	runner, err := h.tunnels.Tunnel()
	if err != nil || runner == nil {
		return ""
	}
	if state := runner.State(); state.Phase == tunnel.Up {
		return state.Public
	}
	return ""
}

// reachStep says how the internet reaches the gateway, or what is missing.
func (h *house) reachStep() string {
	if public := h.publicly(); public != "" {
		return "an answer came back through " + public
	}
	return "choose a tunnel on the Tunnel page; only the gateway is behind it"
}

// modeStep says whose money an alert moves, in the words of the strictest mode in use.
func (h *house) modeStep() string {
	switch h.overall() {
	case trading.ModeLive:
		return "LIVE: alerts of at least one exchange move real money; Accounts says which"
	case trading.ModeTestnet:
		return "TESTNET: orders go to an exchange's test system; no real money moves"
	case trading.ModePaper:
	}
	return fmt.Sprintf("PAPER on a %s market: no real money moves", h.market)
}
