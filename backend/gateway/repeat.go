package gateway

import (
	"context"
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
	status, body := answer(first)
	if status == http.StatusServiceUnavailable && receipt.Answered != http.StatusAccepted && g.parts.Halted != nil && g.parts.Halted() {
		return reply{status: status, body: body}
	}
	if receipt.Answered == http.StatusAccepted {
		// The first answer did not know the end yet; a repeat tells the same.
		body = enqueued(first)
	}
	return reply{status: http.StatusConflict, body: encode(refusal{
		Error: "this alert is known already: nothing was executed again", Code: CodeDuplicate, RequestID: receipt.Signal, Original: body,
	})}
}

// conflict answers a key that came with other content.
func (g *Gateway) conflict(s trading.Signal, receipt trading.Receipt) reply {
	g.parts.Log.Warn("an idempotency key came with other content", "request", s.ID, "first", receipt.Signal)
	id := receipt.Signal
	if id == "" {
		id = s.ID
	}
	return refuse(http.StatusConflict, CodeKeyConflict, id,
		"this idempotencyKey was used for another alert: nothing was executed; give every alert its own key, for example with {{timenow}} in it")
}
