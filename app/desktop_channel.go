package app

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/alarm"
)

// desktopChannel has alarms shown by the system, whether somebody looks at the window or not: an alarm must not be missed.
// While there is no window, or the system shows nothing, nobody was reached, and the bell comes back.
type desktopChannel struct{ manners *manners }

// Name is "desktop".
func (desktopChannel) Name() string { return "desktop" }

// Ring shows an alarm.
func (c desktopChannel) Ring(_ context.Context, d alarm.Due) error {
	title := "ALARM: " + strings.ReplaceAll(string(d.Kind), "_", " ")
	if d.Fresh > 1 {
		title += fmt.Sprintf(", %d times", d.Fresh)
	}
	return c.manners.Notify(title, d.Text+". "+d.Fix)
}

// alarmAtDesktop has alarms shown by the system. It is for a program that will have a window, before it runs: one without
// would count as a channel that is down.
func (i *instance) alarmAtDesktop() { i.node.Bell.Add(desktopChannel{i.house.manners}) }
