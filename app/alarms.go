package app

import (
	"context"
	"strconv"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Alarms are what must not be missed.
type Alarms struct {
	in  *house
	who actor
}

// List is one page of alarms, newest first, and how each channel is doing.
func (s *Alarms) List(req ListAlarms) (AlarmPage, error) {
	return answer(s.in, "list alarms", func(ctx context.Context) (AlarmPage, error) {
		limit, err := limitOf(req.Limit)
		if err != nil {
			return AlarmPage{}, err
		}
		channels := s.in.channels()
		page := alarm.Page{Limit: limit, Cursor: req.Cursor, OpenOnly: req.OpenOnly}
		for _, c := range channels {
			page.Channels = append(page.Channels, c.Channel)
		}
		list, next, err := s.in.alarms.Alarms(ctx, page)
		return AlarmPage{Items: each(list, alarmRow), Next: next, Channels: each(channels, alarmChannel)}, err
	})
}

// Test rings a test alarm on every channel now, as the weekly one does by itself, and answers with the alarm as it is kept. Asked
// for again before somebody acknowledged it, it counts up.
func (s *Alarms) Test(_ Empty) (AlarmRow, error) {
	d := &deed{what: "test the alarms", action: audit.TestAlarm}
	return act(s.in, s.who, d, func(ctx context.Context) (AlarmRow, error) {
		rung, err := s.in.alarms.TestAlarm(ctx, alarm.Alarm{
			Kind: alarm.Test, Subject: "asked for", Text: "this is a test that " + s.who.who().Actor + " asked for: alarms reach this channel. Nothing happened",
			Fix: "acknowledge it, so that you know the alarms arrive",
		}, s.who.name, s.in.now())
		return alarmRow(rung), err
	})
}

// Acknowledge says that a person has seen an alarm; the same thing again is a new one. It fails with NotFound.
func (s *Alarms) Acknowledge(req AlarmID) (AlarmRow, error) {
	d := &deed{what: "acknowledge an alarm", action: audit.AcknowledgeAlarm, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (AlarmRow, error) {
		id, err := strconv.ParseInt(req.ID, 10, 64)
		if err != nil {
			return AlarmRow{}, trading.FieldError("id", "%q is no number of an alarm", req.ID)
		}
		seen, err := s.in.alarms.AcknowledgeAlarm(ctx, id, s.who.name, s.in.now())
		return alarmRow(seen), err
	})
}

func alarmRow(a alarm.Alarm) AlarmRow {
	return AlarmRow{
		ID: strconv.FormatInt(a.ID, 10), Kind: string(a.Kind), Subject: a.Subject, Text: a.Text, Fix: a.Fix, FirstAt: when(a.FirstAt), LastAt: when(a.LastAt),
		Count: a.Count, AcknowledgedAt: when(a.AcknowledgedAt), AcknowledgedBy: a.AcknowledgedBy,
		Told: each(a.Told, func(t alarm.Told) AlarmTold { return AlarmTold{Channel: t.Channel, Count: t.Count, At: when(t.At)} }),
	}
}

func alarmChannel(c alarm.State) AlarmChannel {
	row := AlarmChannel{Name: c.Channel, DownSince: when(c.Since), ToldAt: when(c.Told)}
	if c.Failed != nil {
		row.Problem = c.Failed.Error()
	}
	return row
}
