package app

import (
	"context"

	"hoox/backend/audit"
	"hoox/backend/settings"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// pledges keep what somebody said in the first steps, with who and when.
type pledges interface {
	// Note stores the value of a setting that is only shown, as the act that it comes of.
	Note(ctx context.Context, act audit.Action, key, value, actor string) error
}

// Setup is the way from the first start to the first alert that is traded.
type Setup struct {
	in  *house
	who actor
}

// Get is how far the first steps are. It changes nothing.
func (s *Setup) Get(_ Empty) (SetupState, error) {
	return answer(s.in, "read the first steps", s.in.setup)
}

// Accept notes that somebody has read what this program does with money. It fails with Conflict for another version than the
// one that holds.
func (s *Setup) Accept(req AcceptTerms) (SetupState, error) {
	d := &deed{what: "accept the terms", action: audit.AcceptTerms, subject: settings.SetupAccepted, after: req.Version}
	return act(s.in, s.who, d, func(ctx context.Context) (SetupState, error) {
		if req.Version != termsVersion {
			return SetupState{}, trading.Errorf(trading.Conflict, "version %q of these words does not hold any more: read version %s, then accept that", req.Version, termsVersion)
		}
		d.before = s.in.settings.Now().Text(settings.SetupAccepted)
		return s.in.noted(ctx, d, req.Version, s.who)
	})
}

// Finish ends the first steps: nothing reminds of them any more. They can be taken again all the same.
func (s *Setup) Finish(_ Empty) (SetupState, error) {
	d := &deed{what: "finish the first steps", action: audit.FinishSetup, subject: settings.SetupOutcome, after: settings.SetupDone}
	return act(s.in, s.who, d, func(ctx context.Context) (SetupState, error) {
		d.before = s.in.settings.Now().Text(settings.SetupOutcome)
		return s.in.noted(ctx, d, settings.SetupDone, s.who)
	})
}

// PutOff leaves the first steps for later: they do not show by themselves any more. What is finished stays finished.
func (s *Setup) PutOff(_ Empty) (SetupState, error) {
	d := &deed{what: "put the first steps off", action: audit.PutOffSetup, subject: settings.SetupOutcome}
	return act(s.in, s.who, d, func(ctx context.Context) (SetupState, error) {
		d.before, d.after = s.in.settings.Now().Text(settings.SetupOutcome), settings.SetupLater
		if d.before == settings.SetupDone {
			d.after = settings.SetupDone
		}
		return s.in.noted(ctx, d, d.after, s.who)
	})
}

// noted keeps what somebody said and returns how the first steps stand then.
func (h *house) noted(ctx context.Context, d *deed, value string, who actor) (SetupState, error) {
	if err := h.pledges.Note(ctx, d.action, d.subject, value, who.name); err != nil {
		return SetupState{}, err
	}
	return h.setup(ctx)
}

// setup is the state of the first steps.
func (h *house) setup(ctx context.Context) (SetupState, error) {
	last, err := h.pulse.LastSignalAt(ctx)
	if err != nil {
		return SetupState{}, err
	}
	changed, err := h.keeper.Changed(ctx)
	if err != nil {
		return SetupState{}, err
	}
	f, err := h.progress(ctx, changed)
	if err != nil {
		return SetupState{}, err
	}
	astray, err := h.astray(ctx, f)
	if err != nil {
		return SetupState{}, err
	}
	seal := h.vault.Words()
	if offer := h.vault.Offer(); offer != "" {
		seal += "; " + offer
	}
	state := SetupState{
		DataDir: h.dataDir, Market: h.market, VaultSeal: seal, FirstRun: last.IsZero(), Outcome: h.settings.Now().Text(settings.SetupOutcome),
		Terms: f.terms, Arrival: f.arrival(), Astray: astray, Steps: each(firstSteps(), func(s step) SetupStep { return s.row(f) }),
	}
	// A folder that has traded before these steps were there is not asked to take them; one in the middle of them is.
	state.Opens = state.Outcome == settings.SetupOpen && (state.FirstRun || state.Terms.Accepted)
	if c, ok := changed[settings.SetupOutcome]; ok && state.Outcome != settings.SetupOpen {
		state.OutcomeAt, state.OutcomeBy = when(c.at), c.actor
	}
	return state, nil
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
