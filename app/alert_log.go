package app

import (
	"context"
	"strings"

	"hoox/backend/gateway"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// largestLog bounds a log of alerts: TradingView's own ends after a few thousand lines.
const largestLog = 8 << 20

// CompareLog finds the alerts that TradingView fired and that never came in. It reads the CSV that TradingView's log of alerts
// exports and changes nothing. It fails with Invalid for what is no such file, naming the line.
func (s *Alerts) CompareLog(req CompareLog) (AlertLog, error) {
	return answer(s.in, "compare a log of alerts", func(ctx context.Context) (AlertLog, error) {
		if len(req.CSV) > largestLog {
			return AlertLog{}, trading.FieldError("csv", "is larger than %d MB: export a shorter time", largestLog>>20)
		}
		found, err := s.in.alertLog(ctx, strings.NewReader(req.CSV))
		if err != nil {
			return AlertLog{}, err
		}
		return alertLog(found), nil
	})
}

func alertLog(found node.AlertLog) AlertLog {
	return AlertLog{
		From: when(found.From), To: when(found.To), Lines: found.Lines, Ours: found.Ours, Arrived: found.Arrived,
		Missed: each(found.Missed, loggedAlert), Others: each(found.Others, loggedAlert),
	}
}

func loggedAlert(a gateway.LoggedAlert) LoggedAlert {
	return LoggedAlert{Line: a.Line, At: when(a.At), Name: a.Name, Ticker: a.Ticker, Delivery: a.Delivery, Message: a.Kept, NotOurs: a.NotOurs}
}
