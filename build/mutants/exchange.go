package main

// lateTest is the name of the test, at each exchange, of a request that arrives after its deadline.
const lateTest = "TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken"

func atBinance() []mutant {
	const submit, lookup = "exchange/binance/submit.go", "exchange/binance/lookup.go"
	return []mutant{
		{
			Guard: "Binance: deadline before the wire",
			File:  submit,
			Old:   `if window < shortestWindow {`,
			New:   `if false {`,
			Test:  "TestNothingIsSentAfterTheDeadline",
		},
		{
			Guard: "Binance: the exchange itself refuses an order after its deadline",
			File:  submit,
			Old:   `urgent: o.ReduceOnly, window: window,`,
			New:   `urgent: o.ReduceOnly, window: longestWindow,`,
			Test:  lateTest,
		},
		{
			Guard: "Binance: nothing is sent while the clocks disagree",
			File:  submit,
			Old:   "if err := x.onTime(ctx, s); err != nil {\n",
			New:   "if err := x.onTime(ctx, s); false {\n",
			Test:  "TestNothingIsSentWhileTheClocksDisagree",
		},
		{
			Guard: "Binance: a lost answer is unknown",
			File:  "exchange/binance/call.go",
			Old:   `pick(lost.Sent, trading.Unknown, trading.Unavailable)`,
			New:   `pick(false, trading.Unknown, trading.Unavailable)`,
			Test:  "TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth",
		},
		{
			Guard: "Binance: a code that is not in the table is unknown",
			File:  "exchange/binance/codes.go",
			Old:   "case already, done, repeated, unclear:\n\t\treturn trading.Unknown\n",
			New:   "case unclear:\n\t\treturn trading.Limited\n\tcase already, done, repeated:\n\t\treturn trading.Unknown\n",
			Test:  "TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth",
		},
		{
			Guard: "Binance: an id is sent once for ever",
			File:  submit,
			Old:   "if again {\n",
			New:   "if false {\n",
			Test:  "TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth",
		},
		{
			Guard: "Binance: an id that may have been sent before is asked for first",
			File:  submit,
			Old:   "if row != nil {\n\t\treturn trading.Errorf(trading.Unknown, ",
			New:   "if row != nil && false {\n\t\treturn trading.Errorf(trading.Unknown, ",
			Test:  "TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst",
		},
		{
			Guard: "Binance: a question that failed is no \"not found\"",
			File:  lookup,
			Old:   "case err != nil:\n\t\treturn nil, err\n\tcase row.ID",
			New:   "case err != nil:\n\t\treturn nil, nil\n\tcase row.ID",
			Test:  "TestAFailedQuestionProvesNothing",
		},
		{
			Guard: "Binance: a place that lost an older order proves nothing",
			File:  lookup,
			Old:   "return x.canary(ctx, s, o)\n",
			New:   "return nil\n",
			Test:  "TestAHistoryThatLostAnOlderOrderProvesNothing",
		},
		{
			Guard: "Binance: a close says that it only reduces",
			File:  submit,
			Old:   "v = append(v, \"reduceOnly\", \"true\")\n",
			New:   "",
			Test:  "TestBinanceKeepsTheContractWithPerpetuals",
		},
	}
}

func atBybit() []mutant {
	const submit, lookup = "exchange/bybit/submit.go", "exchange/bybit/lookup.go"
	return []mutant{
		{
			Guard: "Bybit: deadline before the wire",
			File:  submit,
			Old:   `if window < shortestWindow {`,
			New:   `if false {`,
			Test:  "TestNothingIsSentAfterTheDeadlineOrIntoABan",
		},
		{
			Guard: "Bybit: the exchange itself refuses an order after its deadline",
			File:  submit,
			Old:   `"/v5/order/create", body, window, o.ReduceOnly)`,
			New:   `"/v5/order/create", body, longestWindow, o.ReduceOnly)`,
			Test:  lateTest,
		},
		{
			Guard: "Bybit: nothing is sent while the clocks disagree",
			File:  submit,
			Old:   "if err := x.onTime(ctx); err != nil {\n",
			New:   "if err := x.onTime(ctx); false {\n",
			Test:  "TestNothingIsSentWhileTheClocksDisagree",
		},
		{
			Guard: "Bybit: a lost answer is unknown",
			File:  "exchange/bybit/call.go",
			Old:   "if lost.Sent {\n",
			New:   "if false {\n",
			Test:  "TestAFaultAfterTheOrderArrivedIsUnknownAndLookedUp",
		},
		{
			Guard: "Bybit: an answer that cannot be read is unknown",
			File:  "exchange/bybit/call.go",
			Old:   `return envelope{}, trading.Errorf(trading.Unknown, "bybit: %s: HTTP %d without a readable answer", what, answer.Status)`,
			New:   `return envelope{}, trading.Errorf(trading.Limited, "bybit: %s: HTTP %d without a readable answer", what, answer.Status)`,
			Test:  "TestAFaultAfterTheOrderArrivedIsUnknownAndLookedUp",
		},
		{
			Guard: "Bybit: a code that is not in the table is unknown",
			File:  "exchange/bybit/codes.go",
			Old:   "case already, done, repeated, unclear:\n\t\treturn trading.Unknown\n",
			New:   "case unclear:\n\t\treturn trading.Limited\n\tcase already, done, repeated:\n\t\treturn trading.Unknown\n",
			Test:  "TestReturnCodesOutsideTheTableAreUnknown",
		},
		{
			Guard: "Bybit: a question that failed is no \"not found\"",
			File:  lookup,
			Old:   "return nil, trading.Errorf(trading.Unavailable, \"%s\", err.Error())\n\t}\n\tfor _, r := range rows {\n",
			New:   "return nil, nil\n\t}\n\tfor _, r := range rows {\n",
			Test:  "TestAQuestionThatBybitCallsWrongIsNoProofOfAbsence",
		},
		{
			Guard: "Bybit: lists that forgot an older order prove nothing",
			File:  lookup,
			Old:   "if err := x.sing(ctx, o); err != nil {\n\t\treturn err\n\t}\n",
			New:   "",
			Test:  "TestAbsenceIsNotProvenByListsThatForgetOrPositionsThatMoved",
		},
		{
			Guard: "Bybit: a position that nobody explains proves nothing",
			File:  lookup,
			Old:   "if err := x.explained(ctx, o); err != nil {\n\t\treturn err\n\t}\n",
			New:   "",
			Test:  "TestAbsenceIsNotProvenByListsThatForgetOrPositionsThatMoved",
		},
		{
			Guard: "Bybit: a close says that it only reduces",
			File:  submit,
			Old:   `b.PositionIdx, b.ReduceOnly = &idx, o.ReduceOnly`,
			New:   `b.PositionIdx = &idx`,
			Test:  "TestACertainNoIsRejectedInWords",
		},
	}
}

func atMEXC() []mutant {
	const submit, lookup = "exchange/mexc/submit.go", "exchange/mexc/lookup.go"
	return []mutant{
		{
			Guard: "MEXC: deadline before the wire",
			File:  submit,
			Old:   `if window < shortestWindow {`,
			New:   `if false {`,
			Test:  "TestNothingIsSentAfterTheDeadline",
		},
		{
			Guard: "MEXC: the exchange itself refuses a spot order after its deadline",
			File:  "exchange/mexc/submit_spot.go",
			Old:   `spotOrderPath, v, window, &ack)`,
			New:   `spotOrderPath, v, longestWindow+0*window, &ack)`,
			Test:  lateTest,
		},
		{
			Guard: "MEXC: nothing is sent while the clocks disagree",
			File:  submit,
			Old:   `if err := x.onTime(ctx, trading.Linear); err != nil {`,
			New:   `if err := x.onTime(ctx, trading.Linear); false {`,
			Test:  "TestNothingIsSentWhileTheClocksDisagree",
		},
		{
			Guard: "MEXC: nothing is sent to spot while the clocks disagree",
			File:  "exchange/mexc/submit_spot.go",
			Old:   `if err := x.onTime(ctx, trading.Spot); err != nil {`,
			New:   `if err := x.onTime(ctx, trading.Spot); false {`,
			Test:  "TestNothingIsSentWhileTheClocksDisagree",
		},
		{
			Guard: "MEXC: a lost answer is unknown",
			File:  "exchange/mexc/call.go",
			Old:   "if lost.Sent {\n",
			New:   "if false {\n",
			Test:  "TestALostAnswerIsAskedForAndNeverSentAgain",
		},
		{
			Guard: "MEXC: a code that is not in the table is unknown",
			File:  "exchange/mexc/codes.go",
			Old:   "case already, done, repeated, missing, unclear:\n\t\treturn trading.Unknown\n",
			New:   "case unclear:\n\t\treturn trading.Limited\n\tcase already, done, repeated, missing:\n\t\treturn trading.Unknown\n",
			Test:  "TestEveryCodeProvesWhatTheTableSays",
		},
		{
			Guard: "MEXC: an id is sent once for ever",
			File:  submit,
			Old:   `if !x.book.send(o.ID) {`,
			New:   `if !x.book.send(o.ID) && false {`,
			Test:  "TestALostAnswerIsAskedForAndNeverSentAgain",
		},
		{
			Guard: "MEXC: an id that may have been sent before is asked for first",
			File:  submit,
			Old:   "if r.OrderID != \"\" {\n\t\t\treturn trading.Report{}, trading.Errorf(trading.Unknown, ",
			New:   "if r.OrderID != \"\" && false {\n\t\t\treturn trading.Report{}, trading.Errorf(trading.Unknown, ",
			Test:  "TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst",
		},
		{
			Guard: "MEXC: a question to futures that failed is no \"not found\"",
			File:  lookup,
			Old:   "if err != nil {\n\t\treturn nil, err\n\t}\n\tif row.ID.id() == \"\" {\n",
			New:   "if err != nil {\n\t\treturn nil, nil\n\t}\n\tif row.ID.id() == \"\" {\n",
			Test:  "TestAFailedQuestionProvesNothing",
		},
		{
			Guard: "MEXC: a question to spot that failed is no \"not found\"",
			File:  "exchange/mexc/lookup_spot.go",
			Old:   "return nil, nil, nil\n\t\t}\n\t\treturn nil, nil, err\n",
			New:   "return nil, nil, nil\n\t\t}\n\t\treturn nil, nil, nil\n",
			Test:  "TestMaintenanceProvesNoAbsence",
		},
		{
			Guard: "MEXC: lists that forgot an older order prove nothing",
			File:  lookup,
			Old:   "if err := x.sings(ctx, o); err != nil {\n",
			New:   "if err := x.sings(ctx, o); false {\n",
			Test:  "TestAnOrderOfOursThatIsNotShownEitherForbidsTheProof",
		},
		{
			Guard: "MEXC: a close says that it only reduces",
			File:  submit,
			Old:   `Side: sideCode(o.Side, o.ReduceOnly),`,
			New:   `Side: sideCode(o.Side, false),`,
			Test:  "TestFuturesKeepTheContract",
		},
	}
}
