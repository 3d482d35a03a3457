package main

// inTheHouse are the guards of the whole program.
func inTheHouse() []mutant {
	return []mutant{
		{
			Guard: "one program has a data folder",
			File:  "node/node.go",
			Old:   "if !taken {\n",
			New:   "if !taken && false {\n",
			Test:  "TestSecondInstanceIsRefused",
		},
		{
			Guard: "a key that may withdraw opens nothing",
			File:  "node/rights.go",
			Old:   `case r.Withdraw == trading.Yes:`,
			New:   `case false:`,
			Test:  "TestAKeyThatMayWithdrawOpensNothing",
		},
		{
			Guard: "a key that may do more than trade enters nothing",
			File:  "node/mode.go",
			Old:   `err = n.overpowered(id)`,
			New:   `err = nil`,
			Test:  "TestX1_AKeyThatGetsTheRightToMoveMoneyEntersNothingAndCloses",
		},
		{
			Guard: "a clock that was set back opens no deadline again",
			File:  "node/clock.go",
			Old:   "next, c.behind = c.last.Add(passed/slowly), behind",
			New:   "next, c.behind = wall, behind",
			Test:  "TestClockThatIsSetBackOpensNoDeadlineAgain",
		},
		{
			Guard: "the clock goes on where the ledger ended",
			File:  "node/clock.go",
			Old:   "if seen.After(c.last) {\n\t\tc.last = seen\n\t}\n",
			New:   "",
			Test:  "TestClockGoesOnWhereTheLedgerEnded",
		},
		{
			Guard: "no entry after a leap of the clock before it is compared",
			File:  "node/clock.go",
			Old:   `case !leapt.IsZero():`,
			New:   `case false && leapt.IsZero():`,
			Test:  "TestLeapIsNotBelievedBeforeItIsSettled",
		},
		{
			Guard: "no entry while the clock is in doubt",
			File:  "node/mode.go",
			Old:   `return n.clock.doubt()`,
			New:   `return nil`,
			Test:  "TestEntriesWaitWhileTheClockIsWrongAndClosesGo",
		},
		{
			Guard: "what has traded is not requeued",
			File:  "node/requeue.go",
			Old:   `case traded || r.Status == trading.SignalFilled || r.Status == trading.SignalPartial:`,
			New:   `case false && traded:`,
			Test:  "TestAnAlertThatEndedWithoutATradeIsRequeuedOnceByAPerson",
		},
		{
			Guard: "what was requeued is not requeued again",
			File:  "node/requeue.go",
			Old:   `return e.Stage == requeued }); i >= 0 {`,
			New:   `return e.Stage == requeued }); i >= 1<<30 {`,
			Test:  "TestAnAlertThatEndedWithoutATradeIsRequeuedOnceByAPerson",
		},
		{
			Guard: "a ledger that was harmed is not traded on",
			File:  "node/node.go",
			Old:   "if err := n.checkLedger(ctx); err != nil {\n\t\treturn damaged(err, n.Config.DataDir)\n\t}\n",
			New:   "",
			Test:  "TestLedgerThatWasHarmedOnDiskIsNotTradedOn",
		},
	}
}
