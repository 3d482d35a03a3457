package app

import (
	"context"
	"encoding/json"
)

// audit writes down that somebody changed something: who, what, and how it was before and is now. A service calls it once
// the change is in force. Neither before nor after may hold a secret; either may be nil.
func (h *house) audit(_ context.Context, who actor, what string, before, after any) {
	h.log.Info(what, "actor", who.name, "before", inJSON(before), "after", inJSON(after))
}

func inJSON(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "cannot be written: " + err.Error()
	}
	return string(text)
}
