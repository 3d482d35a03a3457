package audit

import "context"

// Who is on whose behalf something is done, and from where.
type Who struct{ Actor, Origin string }

// Act is a command while it runs. It is in the command's context, so that the store can write the line of a fact in the
// transaction of the fact, under the name of the one who asked, however many rooms lie between.
type Act struct {
	Who    Who
	Action Action
	noted  bool
}

type actKey struct{}

// Begin is the context of a command of somebody. Only the goroutine of the command and whoever it waits for may use the act.
func Begin(ctx context.Context, who Who, action Action) (context.Context, *Act) {
	act := &Act{Who: who, Action: action}
	return context.WithValue(ctx, actKey{}, act), act
}

// Of is the act that a context belongs to, nil for what happens by itself.
func Of(ctx context.Context) *Act {
	act, _ := ctx.Value(actKey{}).(*Act)
	return act
}

// Sign puts the one who asked into the line of a fact. A line of the command's own action is its line: the command needs no
// other if it succeeds.
func (a *Act) Sign(e Entry) Entry {
	e.Actor, e.Origin = a.Who.Actor, a.Who.Origin
	a.noted = a.noted || e.Action == a.Action
	return e
}

// Noted tells whether the store has written the command's own line.
func (a *Act) Noted() bool { return a.noted }

// Automatic is the actor of what nobody asked for, with the part of the program that did it.
func Automatic(part string) string {
	if part == "" {
		return "automatic"
	}
	return "automatic: " + part
}
