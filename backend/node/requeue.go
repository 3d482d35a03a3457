package node

import (
	"context"
	"slices"
	"time"

	"hoox/backend/admission"
	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// requeued is the word of the journal for an alert that a person asked for anew.
const requeued = "requeued"

// Requeue admits the intent of a signal that led to nothing anew, as a new signal of a person: new id, new deadline, and a key
// that makes a repeat of the call the same signal. It fails with NotFound, and with Refused in words when the old signal still
// waits, led to an order that filled or may have, was requeued already, or has no alert text.
func (n *Node) Requeue(ctx context.Context, id trading.SignalID, source trading.Source, actor string) (trading.Receipt, error) {
	// Keys tell the repeats of one person apart from new requests, and not those of two: one looks after the other has written.
	n.requeuing.Lock()
	defer n.requeuing.Unlock()
	s, old, err := n.anew(ctx, id, source, actor)
	if err != nil {
		return trading.Receipt{}, err
	}
	receipt, err := n.Desk.Admit(ctx, s)
	if err != nil || receipt.Duplicate || receipt.Conflict {
		return receipt, err
	}
	n.Log.Warn("alert requeued", "old", old, "new", receipt.Signal, "status", receipt.Status, "actor", actor)
	// It is admitted: who asked may be gone by now, and must not take the mark along.
	if err := n.Store.NoteSignal(context.WithoutCancel(ctx), old, requeued, "as "+string(receipt.Signal)+" by "+actor, n.Now()); err != nil {
		n.Log.Error("write down that an alert was requeued", "signal", old, "error", err)
	}
	return receipt, nil
}

// PreviewRequeue tells what Requeue would do at this moment. Nothing is stored or sent. It fails as Requeue does.
func (n *Node) PreviewRequeue(ctx context.Context, id trading.SignalID, source trading.Source, actor string) (admission.Preview, error) {
	s, _, err := n.anew(ctx, id, source, actor)
	if err != nil {
		return admission.Preview{}, err
	}
	return n.Desk.Preview(ctx, s)
}

// anew is the request that a person makes of an old alert, and which alert that was.
func (n *Node) anew(ctx context.Context, id trading.SignalID, source trading.Source, actor string) (s trading.Signal, of trading.SignalID, err error) {
	old, err := n.Store.Signal(ctx, id)
	if trading.KindOf(err) == trading.NotFound {
		// A person who looks at the queue has the id of the job.
		if signal, found := n.Store.SignalOfJob(ctx, trading.JobID(id)); found == nil {
			old, err = n.Store.Signal(ctx, signal)
		}
	}
	if err != nil {
		return s, "", err
	}
	if err := n.spent(ctx, old); err != nil {
		return s, "", err
	}
	s, _, err = gateway.Decode([]byte(old.Raw), "", n.Now())
	if err != nil {
		return s, "", trading.Wrap(trading.Refused, err, "the text of alert "+string(id)+" cannot be read any more")
	}
	s.ID, s.Source, s.Credential = trading.NewSignalID(), source, actor
	if s.Strategy == "" {
		// The text names none: its key was bound to the one that it followed.
		s.Strategy = old.Strategy
	}
	// Its payload time would make it too old at once; a person has just decided that it is not.
	s.Key, s.ReceivedAt, s.SentAt = "requeue "+string(old.ID), n.Now(), time.Time{}
	return s, old.ID, nil
}

// spent is nil when an alert has ended everywhere without having traded anywhere.
func (n *Node) spent(ctx context.Context, old trading.SignalRecord) error {
	switch {
	case old.Parent != "":
		return trading.Errorf(trading.Refused, "alert %s is the part of %s on %s: requeue that one", old.ID, old.Parent, old.Account)
	case old.Raw == "":
		return trading.Errorf(trading.Refused, "request %s has no alert text, or none any more: ask for it anew where it came from", old.ID)
	}
	if i := slices.IndexFunc(old.Journal, func(e trading.Entry) bool { return e.Stage == requeued }); i >= 0 {
		return trading.Errorf(trading.Refused, "alert %s was requeued already, %s", old.ID, old.Journal[i].Detail)
	}
	records := []trading.SignalRecord{old}
	for _, c := range old.Children {
		child, err := n.Store.Signal(ctx, c.Signal)
		if err != nil {
			return err
		}
		records = append(records, child)
	}
	for _, r := range records {
		traded := slices.ContainsFunc(r.Orders, func(o trading.Order) bool { return o.Filled.IsPositive() || o.Status == trading.OrderFilled })
		switch {
		case !r.Status.Final():
			return trading.Errorf(trading.Refused, "alert %s is %s on %s: discard, cancel or settle its order first", old.ID, r.Status, r.Account)
		case traded || r.Status == trading.SignalFilled || r.Status == trading.SignalPartial:
			return trading.Errorf(trading.Refused, "alert %s has traded on %s: a second time would be another trade", old.ID, r.Account)
		}
	}
	return nil
}
