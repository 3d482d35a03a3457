package gateway

import (
	"fmt"
	"strings"

	"hoox/backend/trading"
)

var (
	one     = trading.RatioUnits(1, 0)
	hundred = trading.RatioUnits(100, 0)
)

// levels reads take-profit, stop and trailing stop.
func (a *alert) levels() error {
	var err error
	if v, ok := a.root.find("stopLoss"); ok {
		if a.out.StopLoss, err = level("stopLoss", v); err != nil {
			return err
		}
	}
	if v, ok := a.root.find("trailingStop"); ok {
		if a.out.TrailingStop, err = level("trailingStop", v); err != nil {
			return err
		}
	}
	v, ok := a.root.find("takeProfit")
	if !ok {
		return nil
	}
	if v.shape == array {
		return a.takeProfits(v)
	}
	l, err := levelUpTo("takeProfit", v, 1000)
	if err != nil {
		return err
	}
	a.out.TakeProfit = []trading.TakeProfit{{Level: l, Share: one}}
	return nil
}

// level reads a price, or a percent when the text ends with a percent sign; a loss of 100 % is the end of it.
func level(name string, v value) (trading.Level, error) { return levelUpTo(name, v, 99) }

func levelUpTo(name string, v value, most int64) (trading.Level, error) {
	if v.shape == text && strings.HasSuffix(v.text, "%") {
		n, err := percent(name, v, most)
		return trading.Level{Percent: n}, err
	}
	if v.shape != text && v.shape != number {
		return trading.Level{}, trading.FieldError(name, `must be a price such as 65000 or a percent such as "5%%", not %s`, v.shape)
	}
	n, err := positive(name, v, trading.ParsePrice)
	return trading.Level{Price: n}, err
}

// takeProfits reads the list form; the shares must not promise more than the whole position.
func (a *alert) takeProfits(v value) error {
	if len(v.items) == 0 || len(v.items) > maxTargets {
		return trading.FieldError("takeProfit", "a list must have 1 to %d targets", maxTargets)
	}
	var shares []share
	for i, item := range v.items {
		name := fmt.Sprintf("takeProfit[%d]", i)
		tp, s, err := a.takeProfit(name, item, len(v.items) == 1)
		if err != nil {
			return err
		}
		a.out.TakeProfit = append(a.out.TakeProfit, tp)
		shares = append(shares, s)
	}
	return a.share(shares)
}

func (a *alert) takeProfit(name string, v value, alone bool) (trading.TakeProfit, share, error) {
	var none trading.TakeProfit
	if v.shape != object {
		return none, share{}, trading.FieldError(name, `must be an object such as {"price": 70000, "share": 0.5}`)
	}
	for _, f := range v.fields {
		if _, err := a.name(name+".", f.name, targetNames); err != nil {
			return none, share{}, err
		}
	}
	price, priced := v.find("price")
	distance, spaced := v.find("percent")
	if priced == spaced {
		return none, share{}, trading.FieldError(name, "must have either price or percent")
	}
	var tp trading.TakeProfit
	var err error
	if priced {
		tp.Level, err = levelUpTo(name+".price", price, 1000)
	} else {
		tp.Percent, err = percent(name+".percent", distance, 1000)
	}
	if err != nil {
		return none, share{}, err
	}
	part, given := v.find("share")
	if !given && alone {
		return tp, share{ratio: one}, nil
	}
	if !given {
		return none, share{}, trading.FieldError(name+".share", `missing: say how much of the position, such as 0.5 or "50%%"`)
	}
	s, err := readShare(name+".share", part)
	return tp, s, err
}

// share is a part of the position as written: 0.5, 50 or "50%".
type share struct {
	ratio trading.Ratio
	// signed is true when it came with a percent sign.
	signed bool
}

func readShare(name string, v value) (share, error) {
	signed := v.shape == text && strings.HasSuffix(v.text, "%")
	n, err := percent(name, v, 100)
	if err == nil && signed {
		n = n.Over(hundred)
	}
	return share{ratio: n, signed: signed}, err
}

// share settles the parts. A plain number above 1 can only be a percent, and then all plain numbers of the list are.
func (a *alert) share(shares []share) error {
	percents := false
	for _, s := range shares {
		percents = percents || (!s.signed && s.ratio.More(one))
	}
	var sum trading.Ratio
	for i, s := range shares {
		if percents && !s.signed {
			s.ratio = s.ratio.Over(hundred)
		}
		a.out.TakeProfit[i].Share = s.ratio
		sum = sum.Add(s.ratio)
	}
	if sum.More(one) {
		return trading.FieldError("takeProfit", "the shares add up to %s %%, more than the whole position", sum.Times(hundred))
	}
	return nil
}
