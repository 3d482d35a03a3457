package app

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hoox/backend/wire"
)

// expirySoon is how long before its end a key is worth a word.
const expirySoon = 14 * 24 * time.Hour

// askAccounts lists how each account at a real exchange is: its key, its clock, its stream and its differences.
func (d diagnosis) askAccounts(sh *shell) []finding {
	list, err := ask[AccountList](sh, "Accounts/List", Empty{})
	if err != nil {
		return []finding{{"accounts", false, "cannot be listed: " + err.Error(), "restart; the log says why"}}
	}
	drift, err := ask[DriftList](sh, "Drift/List", Empty{})
	if err != nil {
		return []finding{{"accounts", false, "differences cannot be listed: " + err.Error(), "restart; the log says why"}}
	}
	return accountFindings(list, drift, sh.now())
}

func accountFindings(list AccountList, drift DriftList, now time.Time) []finding {
	var items []finding
	for _, a := range list.Items {
		switch {
		case a.Mode == "paper":
		case a.Connected:
			items = append(items, keyFinding(a, now), clockFinding(a), streamFinding(a), driftFinding(a.Account, drift))
		case a.Trades && !a.HasKeys:
			items = append(items, finding{a.Account + " keys", false, "alerts for " + a.Exchange + " go here, but its keys are missing",
				fmt.Sprintf("set %s and %s with `hoox secret set`, or `hoox accounts mode %s paper`", a.KeyName, a.SecretName, a.Exchange)})
		case a.Trades:
			items = append(items, finding{a.Account + " keys", false, "alerts for " + a.Exchange + " go here, but it is not connected: " + a.Health.Detail,
				"`hoox accounts enable " + a.Account + "`, then `hoox accounts test " + a.Account + "`"})
		}
	}
	return items
}

// keyFinding is what the key may do: enough, and not too much.
func keyFinding(a AccountCard, now time.Time) finding {
	f := finding{Name: a.Account + " key", OK: true, Detail: rightsWords(a.Rights)}
	ends, err := time.Parse(time.RFC3339, a.Rights.ExpiresAt)
	expires := err == nil
	switch {
	case !a.Known:
		f.OK, f.Detail, f.Fix = false, "its rights have not been read: "+a.Health.Detail, cmp.Or(a.Health.Fix, "`hoox accounts test "+a.Account+"` says what is wrong")
	case a.Rights.Withdraw == "yes":
		f.OK, f.Fix = false, "make a key that may only trade, and delete this one at the exchange"
	case a.Rights.Linear == "no" && a.Rights.Spot == "no":
		f.OK, f.Fix = false, "give the key the right to trade at the exchange, then `hoox accounts test "+a.Account+"`"
	case expires && !now.Before(ends):
		f.OK, f.Detail = false, "it ended on "+ends.UTC().Format("2006-01-02")+"; "+f.Detail
		f.Fix = "make a new key, set " + a.KeyName + " and " + a.SecretName + ", then `hoox accounts test " + a.Account + "`"
	case expires && ends.Sub(now) < expirySoon:
		f.Fix = "it ends on " + ends.UTC().Format("2006-01-02") + ": make a new key before"
	case a.Rights.Transfer == "yes":
		f.Fix = "take the right to transfer away: trading does not need it"
	case a.Rights.Bound == "no":
		f.Fix = "bind the key to your address at the exchange, if yours stays the same"
	}
	return f
}

func rightsWords(r KeyRights) string {
	var parts []string
	for _, right := range [][2]string{{"perpetuals", r.Linear}, {"spot", r.Spot}, {"withdraw", r.Withdraw}, {"transfer", r.Transfer}, {"bound to addresses", r.Bound}} {
		parts = append(parts, right[0]+" "+orWord(right[1], "not told"))
	}
	return strings.Join(parts, ", ")
}

func clockFinding(a AccountCard) finding {
	f := finding{Name: a.Account + " clock", OK: true, Detail: "differs by " + skew(a.SkewMillis)}
	millis, err := strconv.ParseInt(a.SkewMillis, 10, 64)
	switch {
	case err != nil:
		f.OK, f.Detail, f.Fix = false, "the exchange's clock has not been read", "`hoox accounts test "+a.Account+"` asks for it"
	case (time.Duration(millis) * time.Millisecond).Abs() > wire.MaxSkew:
		f.OK, f.Fix = false, "switch on automatic time on this computer, then `hoox accounts test "+a.Account+"`"
	}
	return f
}

func streamFinding(a AccountCard) finding {
	f := finding{Name: a.Account + " stream", OK: true, Detail: "fills are told as they happen"}
	switch {
	case a.BannedUntil != "":
		f.OK, f.Detail, f.Fix = false, "the exchange wants to hear nothing until "+local(a.BannedUntil)+" UTC", "wait; send fewer alerts, and look for other programs on the same key"
	case !a.StreamLive:
		f.OK, f.Detail, f.Fix = false, "the private stream is down: outcomes are asked for and come later", "it connects again by itself; check network and firewall for WebSocket"
	}
	return f
}

// driftFinding is what ledger and exchange do not agree on; what a person said to ignore is no fault.
func driftFinding(account string, drift DriftList) finding {
	f := finding{Name: account + " differences", OK: true, Detail: "ledger and exchange agree"}
	open, ignored := 0, 0
	for _, d := range drift.Items {
		switch {
		case d.Account != account:
		case d.Ignored:
			ignored++
		default:
			open++
		}
	}
	if ignored > 0 {
		f.Detail = fmt.Sprintf("%d ignored, no others", ignored)
	}
	for _, a := range drift.Accounts {
		switch {
		case a.Account != account:
		case a.ComparedAt == "":
			f.OK, f.Detail, f.Fix = false, "never compared with its exchange yet", "wait a little; `hoox accounts test "+account+"` says what is wrong if it stays"
		case a.Problem != "":
			f.OK, f.Detail, f.Fix = false, a.Problem, "`hoox drift` shows it; `hoox accounts test "+account+"` asks the exchange"
		}
	}
	if open > 0 {
		f.OK, f.Detail, f.Fix = false, fmt.Sprintf("%d between ledger and exchange", open), "`hoox drift` shows each with what can be done"
	}
	return f
}
