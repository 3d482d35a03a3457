package main

// onTheWire are the guards that all exchanges share: one attempt, clocks, and what proves that an order is not there.
func onTheWire() []mutant {
	return []mutant{
		{
			Guard: "once something was written, bytes may have left",
			File:  "wire/conn.go",
			Old:   "	c.writes++\n",
			New:   "",
			Test:  "TestEveryStageTellsWhetherBytesMayHaveLeft",
		},
		{
			Guard: "what is proven not to have left cannot leave later",
			File:  "wire/conn.go",
			Old:   "	c.sealed = true\n	return true\n",
			New:   "	return true\n",
			Test:  "TestAConnectionThatIsGivenUpTakesNothingMore",
		},
		{
			Guard: "nothing leaves for a caller who has gone",
			File:  "wire/client.go",
			Old:   `if err := ctx.Err(); err != nil {`,
			New:   `if err := ctx.Err(); false {`,
			Test:  "TestNothingLeavesForACallerWhoHasGone",
		},
		{
			Guard: "nothing but its deadline ends a call that is under way",
			File:  "wire/client.go",
			Old:   `if stage.CompareAndSwap(waiting, abandoned) || r.Abortable {`,
			New:   `if stage.CompareAndSwap(waiting, abandoned) || true {`,
			Test:  "TestOnlyTheDeadlineEndsACallThatIsUnderWay",
		},
		{
			Guard: "a redirect is refused",
			File:  "wire/client.go",
			Old:   `if answer.Status >= 300 && answer.Status < 400 {`,
			New:   `if false {`,
			Test:  "TestEveryStageTellsWhetherBytesMayHaveLeft",
		},
		{
			Guard: "nothing is submitted while the clocks are apart",
			File:  "wire/skew.go",
			Old:   `case offset.Abs() > MaxSkew:`,
			New:   `case false:`,
			Test:  "TestSkewIsMeasuredAtTheMidpointAndGuards",
		},
		{
			Guard: "nothing is submitted by a clock that was read long ago",
			File:  "wire/skew.go",
			Old:   `case age > maxAge || age < 0:`,
			New:   `case false:`,
			Test:  "TestSkewIsMeasuredAtTheMidpointAndGuards",
		},
		{
			Guard: "absence needs three clean answers",
			File:  "tape/absence.go",
			Old:   `case a.clean[o.ID] < cleanAnswers:`,
			New:   `case false:`,
			Room:  "exchange/bybit",
			Test:  "TestAbsenceNeedsTimeAndThreeCleanAnswers",
		},
		{
			Guard: "absence needs time to settle",
			File:  "tape/absence.go",
			Old:   `case since < settle:`,
			New:   `case false:`,
			Room:  "exchange/bybit",
			Test:  "TestAbsenceNeedsTimeAndThreeCleanAnswers",
		},
		{
			Guard: "absence needs clocks that agree",
			File:  "tape/absence.go",
			Old:   `case onTime != nil:`,
			New:   `case false:`,
			Room:  "exchange/bybit",
			Test:  "TestAbsenceNeedsTimeAndThreeCleanAnswers",
		},
		{
			Guard: "absence needs to know when the order was sent",
			File:  "tape/absence.go",
			Old:   `case armed.IsZero():`,
			New:   `case false:`,
			Test:  "TestAnOrderOfWhichNobodyKnowsWhenItWasSentIsNeverAbsent",
		},
	}
}
