package app

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/alarm"
	"hoox/backend/trading"
)

// showingGlass is a window that passes on what it is to show.
type showingGlass struct {
	paneOfGlass
	list chan string
}

func (s *showingGlass) tell(title, text string) error {
	s.list <- title + ": " + text
	return nil
}

func TestAnAlarmIsShownAtTheDesktopAlsoToWhoLooks(t *testing.T) {
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", testKey)
	glass := &showingGlass{paneOfGlass{front: true}, make(chan string, 8)}
	p := startOn(t, configOf(t, privateDir(t), testEnv), func(i *instance) {
		i.alarmAtDesktop()
		i.house.manners.wear(glass)
	})

	p.node.Alarm(alarm.Unprotected, "bybit:live BTCUSDT", "a position is without its stop, key "+testKey, "set a stop at the exchange")

	if had, want := <-glass.list, "ALARM: unprotected: a position is without its stop, key "+cut+". set a stop at the exchange"; had != want {
		t.Errorf("had %q\nwant %q: nobody may miss it", had, want)
	}
	if had := channelsOf(p); !slices.Equal(had, []string{"log", "desktop"}) {
		t.Errorf("the channels are %v, want the desktop among them", had)
	}
}

func TestAProgramWithoutAWindowCountsNoDesktopAsDown(t *testing.T) {
	if had := channelsOf(start(t)); !slices.Equal(had, []string{"log"}) {
		t.Errorf("the channels are %v, want the log alone", had)
	}
}

func channelsOf(p *program) []string {
	names := []string{}
	for _, c := range must[AlarmPage](p, "Alarms/List", ListAlarms{}).Channels {
		names = append(names, c.Name)
	}
	return names
}

func TestAnAlarmThatIsNotShownHasReachedNobody(t *testing.T) {
	h := quietHouse()
	m := newManners(h, strings.ToUpper, noAutostart{}, nil, nil)
	due := alarm.Due{Alarm: alarm.Alarm{Kind: alarm.Review, Text: "which", Fix: "look"}, Fresh: 3}
	if err := (desktopChannel{m}).Ring(t.Context(), due); trading.KindOf(err) != trading.Refused {
		t.Errorf("had %v, want an error: the bell must come back when there is a window", err)
	}
	glass := &paneOfGlass{}
	m.wear(glass)
	if err := (desktopChannel{m}).Ring(t.Context(), due); err != nil || !slices.Equal(glass.asked, []string{"ALARM: NEEDS REVIEW, 3 TIMES: WHICH. LOOK"}) {
		t.Errorf("had %q %v, want how often it happened, cleaned of secrets", glass.asked, err)
	}
}
