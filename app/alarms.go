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
		list, next, err := s.in.alarms.Alarms(ctx, alarm.Page{Limit: limit, Cursor: req.Cursor, OpenOnly: req.OpenOnly})
		if err != nil {
			return AlarmPage{}, err
		}
		return AlarmPage{Items: each(list, alarmRow), Next: next, Channels: each(s.in.channels(), func(c alarm.State) AlarmChannel {
			row := AlarmChannel{Name: c.Channel, DownSince: when(c.Since), ToldAt: when(c.Told)}
			if c.Failed != nil {
				row.Problem = c.Failed.Error()
			}
			return row
		})}, nil
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
	}
}
