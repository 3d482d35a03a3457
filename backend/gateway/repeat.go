package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"hoox/backend/trading"
)

// repeat answers an alert that is known already: 409 with the first answer. Nothing is executed. A blocked alert is
// blocked again in the same words while the kill switch is on.
func (g *Gateway) repeat(ctx context.Context, s trading.Signal, receipt trading.Receipt) reply {
	g.parts.Outcomes.Delivered(receipt.Signal)
	first, err := g.parts.Outcomes.Signal(ctx, receipt.Signal)
	if err != nil {
		g.parts.Log.Warn("read the first answer of a repeated alert", "request", receipt.Signal, "error", err)
		first = stands(s, receipt)
	}
	status, body := firstAnswer(first, receipt.Answered)
	if status == http.StatusServiceUnavailable && g.parts.Halted != nil && g.parts.Halted() {
		return reply{status: status, body: body}
	}
	return reply{status: http.StatusConflict, body: encode(refusal{
		Error: "this alert is known already: nothing was executed again", Code: CodeDuplicate, RequestID: receipt.Signal, Original: body,
	})}
}

// firstAnswer is what an alert was first answered with: the very bytes, or, where a crash took them along, what its record
// says now.
func firstAnswer(r trading.SignalRecord, answered int) (int, []byte) {
	switch {
	case r.Answer != "" && json.Valid([]byte(r.Answer)):
		return r.Answered, []byte(r.Answer)
	case answered == http.StatusAccepted:
		// It did not know the end yet; a repeat tells the same.
		return answered, enqueued(r)
	}
	return answer(r)
}

// conflict answers a key that came with other content. It is a mistake in an alert's text, or somebody tries something: it is
// told where people look.
func (g *Gateway) conflict(s trading.Signal, receipt trading.Receipt) reply {
	g.parts.Log.Warn("an idempotency key came with other content", "request", s.ID, "first", receipt.Signal)
	id := receipt.Signal
	if id != "" {
		g.parts.Outcomes.Conflicted(id)
	}
	if id == "" {
		id = s.ID
	}
	return refuse(http.StatusConflict, CodeKeyConflict, id,
		"this idempotencyKey was used for another alert: nothing was executed; give every alert its own key, for example with {{timenow}} in it")
}
