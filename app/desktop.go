package app

import (
	"context"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Desktop is the program as a guest of this computer: its window, what quitting leaves behind, and what it is made of.
type Desktop struct {
	in  *house
	who actor
}

// closeKey is the setting of what closing the window does.
const closeKey = "window:on_close"

// QuitSummary is what stays at the exchanges and what ends when the program ends now, from the ledger.
func (s *Desktop) QuitSummary(_ Empty) (QuitSummary, error) {
	return answer(s.in, "read what stays", func(ctx context.Context) (QuitSummary, error) {
		lines, err := whatStays(ctx, s.in.holdings)
		if err != nil {
			return QuitSummary{}, err
		}
		sum := QuitSummary{Mode: string(s.in.overall()), Items: lines, Notes: notesOf(lines), OnClose: s.in.settings.Now().Text(closeKey)}
		if w, err := s.in.manners.window(); err == nil {
			sum.Hide = w.hiding()
		}
		return sum, nil
	})
}

// Leave answers what closing the window asked. It fails with Refused for everybody but the window itself, and with Invalid
// for an answer that is none.
func (s *Desktop) Leave(req LeaveWindow) (Receipt, error) {
	d := &deed{what: "leave the window", action: audit.LeaveWindow, after: req.How}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.How != "hide" && req.How != "quit" && req.How != "stay" {
			return Receipt{}, trading.FieldError("how", "%q is not hide, quit or stay", req.How)
		}
		if s.who.name != windowActor().name {
			return Receipt{}, trading.Errorf(trading.Refused, "only the window itself is closed here")
		}
		w, err := s.in.manners.window()
		if err != nil {
			return Receipt{}, err
		}
		if req.Remember && req.How != "stay" {
			if err := s.in.keeper.Change(ctx, closeKey, req.How, s.who.name); err != nil {
				return Receipt{}, err
			}
		}
		w.answer(req.How)
		return Receipt{Status: "accepted"}, nil
	})
}

// Show brings the window to the front. It fails with Refused where there is none.
func (s *Desktop) Show(_ Empty) (Receipt, error) {
	d := &deed{what: "show the window", action: audit.ShowWindow}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		w, err := s.in.manners.window()
		if err != nil {
			return Receipt{}, err
		}
		w.show()
		return Receipt{Status: "accepted"}, nil
	})
}

// About is what this program is and what is built into it.
func (s *Desktop) About(_ Empty) (About, error) {
	return answer(s.in, "read about the program", func(context.Context) (About, error) {
		return aboutThis(s.in.dataDir)
	})
}

// Update is what is known of newer versions, without asking anybody.
func (s *Desktop) Update(_ Empty) (UpdateState, error) {
	return answer(s.in, "read the state of updates", func(context.Context) (UpdateState, error) {
		return s.in.manners.update.state(), nil
	})
}

// CheckUpdate asks now whether there is a newer version. It fails with Refused while the setting is off or when this build
// has nobody to ask, and with Unavailable when the answer did not come or was not signed as it must be.
func (s *Desktop) CheckUpdate(_ Empty) (UpdateState, error) {
	d := &deed{what: "check for updates", action: audit.CheckUpdate}
	return act(s.in, s.who, d, func(ctx context.Context) (UpdateState, error) {
		return s.in.manners.update.check(ctx)
	})
}
