package gateway

import "hoox/backend/trading"

// onAccount is what became of an alert on one of the accounts of its strategy. Status is that of the signal there.
type onAccount struct {
	Account   trading.AccountID    `json:"account"`
	RequestID trading.SignalID     `json:"requestId"`
	Status    trading.SignalStatus `json:"status"`
	Reason    string               `json:"reason"`
}

// everywhere tells of every account of an alert that went to several, the first as well; none for one account.
func everywhere(r trading.SignalRecord) []onAccount {
	if len(r.Children) == 0 {
		return nil
	}
	list := []onAccount{{r.Account, r.ID, r.Status, r.Reason}}
	for _, c := range r.Children {
		list = append(list, onAccount{c.Account, c.Signal, c.Status, c.Reason})
	}
	return list
}

// trades tells whether an alert leads, or may still lead, to an order on a further account.
func trades(c trading.Receipt) bool {
	switch c.Status {
	case trading.SignalRefused, trading.SignalRejected, trading.SignalBlocked, trading.SignalExpired, trading.SignalNotPlaced, trading.SignalNoOp:
		return false
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalFilled, trading.SignalPartial, trading.SignalNeedsReview:
	}
	return true
}

// moves tells whether waiting could tell more of a further account.
func moves(c trading.Receipt) bool {
	return c.Status == trading.SignalExecuting || c.Status == trading.SignalEnqueued
}

// party are the signals of one alert, awaited together: the first, and one on each further account of its strategy.
type party struct {
	first *watch
	// held tells that nobody knows for how long the first waits in the queue, so that nobody waits for it.
	held   bool
	others []watch
}

func (p *party) renew() {
	p.first.renew()
	for i := range p.others {
		p.others[i].renew()
	}
}

func (p *party) cancel() {
	for i := range p.others {
		p.others[i].cancel()
	}
}

// open is a signal that is awaited and may still change, nil when all have settled.
func (p *party) open(r trading.SignalRecord) *watch {
	if !settled(r) && !(p.held && r.Status == trading.SignalEnqueued) {
		return p.first
	}
	for _, c := range r.Children {
		if !moves(c) {
			continue
		}
		for i := range p.others {
			if p.others[i].id == c.Signal {
				return &p.others[i]
			}
		}
	}
	return nil
}
