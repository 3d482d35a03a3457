package main

// atTheDoor are the guards between the internet and the desk.
func atTheDoor() []mutant {
	return []mutant{
		{
			Guard: "a key that nobody has lets nobody in",
			File:  "gateway/webhook.go",
			Old:   `if !known || !rules.allows(addr, located) {`,
			New:   `if !rules.allows(addr, located) {`,
			Test:  "TestForbiddenLooksTheSameWhateverWasWrong",
		},
		{
			Guard: "an address that is not on the list lets nobody in",
			File:  "gateway/webhook.go",
			Old:   `if !known || !rules.allows(addr, located) {`,
			New:   `if !known || !located && false {`,
			Test:  "TestAddressListDecidesByConnectionOrTrustedHeader",
		},
		{
			Guard: "the trusted header counts on a connection from this computer only",
			File:  "gateway/rules.go",
			Old:   `if !ok || header == "" || !remote.IsLoopback() {`,
			New:   `if !ok || header == "" {`,
			Test:  "TestTrustedHeaderIsNotBelievedFromAnotherComputer",
		},
		{
			Guard: "an empty secret is nobody's key",
			File:  "gateway/key.go",
			Old:   `if n < 0 || candidate == "" {`,
			New:   `if n < 0 {`,
			Test:  "TestEveryKeyIsKnownByItsOwnName",
		},
		{
			Guard: "a key that has ended opens nothing",
			File:  "gateway/key.go",
			Old:   `return key, trading.KeyText{EndsAt: key.EndsAt}.Opens(at)`,
			New:   `return key, trading.KeyText{EndsAt: key.EndsAt}.Opens(at) || true`,
			Test:  "TestA5_TextThatHasEndedOpensNothingFromThatMomentOn",
		},
		{
			Guard: "a key trades on its accounts only",
			File:  "admission/bounds.go",
			Old:   `!w.course.Twin && !b.Trades(w.in.Account) {`,
			New:   `!w.course.Twin && false {`,
			Test:  "TestA4_AKeyOfOneStrategyCannotTradeAnothersAccount",
		},
		{
			Guard: "what comes by a tunnel for another name is turned away",
			File:  "gateway/route.go",
			Old:   `if misnamed(r) {`,
			New:   `if misnamed(r) && false {`,
			Test:  "TestB7_WhatComesByATunnelForAnotherNameIsForbiddenAndDoesNothing",
		},
		{
			Guard: "a flood of alerts is turned away",
			File:  "gateway/pace.go",
			Old:   `if len(window) >= limit {`,
			New:   `if len(window) >= limit && limit < 0 {`,
			Test:  "TestEleventhAlertInAMinuteIsTooMany",
		},
		{
			Guard: "nothing is taken before the core runs",
			File:  "gateway/webhook.go",
			Old:   "if no := g.ready(id); no != nil {\n\t\tdiscard(w, r)\n\t\treturn *no\n\t}\n",
			New:   "_ = g.ready\n",
			Test:  "TestStartingUpAnswers503SoThatTradingViewComesBack",
		},
	}
}

// atTheGate are the guards of the desk and of what may be risked.
func atTheGate() []mutant {
	return []mutant{
		{
			Guard: "an alert that is too old trades nothing",
			File:  "admission/desk.go",
			Old:   `if now := d.Now(); !in.Deadline.After(now) {`,
			New:   `if now := d.Now(); false {`,
			Test:  "TestAgeDecidesBeforeAnythingElse",
		},
		{
			Guard: "a halt in memory counts before the ledger knows of it",
			File:  "admission/desk.go",
			Old:   `book.Standing = d.stricter(book.Standing)`,
			New:   `_ = d.stricter`,
			Test:  "TestMemoryHaltBeatsAnActiveRow",
		},
		{
			Guard: "nothing is sized by an old price",
			File:  "admission/desk.go",
			Old:   `return q, ok && d.Now().Sub(q.At) <= staleQuote`,
			New:   `return q, ok`,
			Test:  "TestNothingIsSizedWithoutAFreshPrice",
		},
		{
			Guard: "a test alert never takes the live account",
			File:  "admission/read.go",
			Old:   "if s.Test && mode == trading.ModeLive {\n\t\tmode = trading.ModePaper\n\t}\n",
			New:   "",
			Test:  "TestTestAlertNeverTouchesRealMoney",
		},
		{
			Guard: "a close is no larger than the position",
			File:  "admission/size.go",
			Old:   "if !exact.Less(pos.Size()) {\n\t\treturn pos.Size(), nil\n\t}\n",
			New:   "",
			Test:  "TestAlertsBecomeLegsAgainstTheActualPosition",
		},
		{
			Guard: "a close says that it only reduces",
			File:  "admission/leg.go",
			Old:   "o.ReduceOnly = true\n",
			New:   "",
			Test:  "TestAlertsBecomeLegsAgainstTheActualPosition",
		},
		{
			Guard: "the trading state is looked at for every leg",
			File:  "risk/decide.go",
			Old:   `if no := stateAllows(l, b.Standing, leg.ReduceOnly); no != nil {`,
			New:   `if no := stateAllows(l, b.Standing, true); no != nil {`,
			Test:  "TestClosesPassWhereEntriesDoNot",
		},
		{
			Guard: "a trading state that cannot be read allows nothing",
			File:  "risk/state.go",
			Old:   `return 3`,
			New:   `return 0`,
			Test:  "TestStricterStateWinsAndNonsenseIsStrictest",
		},
		{
			Guard: "cap on the size of an order",
			File:  "risk/decide.go",
			Old:   `atMost("max order", worth, l.MaxOrder, quote),`,
			New:   ``,
			Test:  "TestGateNamesTheRuleAndTheNumbers",
		},
		{
			Guard: "cap on a position",
			File:  "risk/decide.go",
			Old:   `atMost("max position", after, l.MaxPosition, quote),`,
			New:   `atMost("max position", after, trading.Money{}, quote),`,
			Test:  "TestRestingEntriesCountAgainstThePosition",
		},
		{
			Guard: "cap on what is exposed in all",
			File:  "risk/decide.go",
			Old:   `atMost("max exposure", total, l.MaxExposure, quote),`,
			New:   `atMost("max exposure", total, trading.Money{}, quote),`,
			Test:  "TestGateNamesTheRuleAndTheNumbers",
		},
		{
			Guard: "cap on leverage",
			File:  "risk/decide.go",
			Old:   `leverage(l.MaxLeverage, ask.Instrument.MaxLeverage, leg.Leverage),`,
			New:   `leverage(0, 0, leg.Leverage),`,
			Test:  "TestGateNamesTheRuleAndTheNumbers",
		},
		{
			Guard: "cap on orders in a minute",
			File:  "risk/decide.go",
			Old:   `rate(l.OrdersPerMinute, b.Recent+waiting(b)+1),`,
			New:   `rate(l.OrdersPerMinute, waiting(b)+1),`,
			Test:  "TestGateNamesTheRuleAndTheNumbers",
		},
		{
			Guard: "what waits counts against the orders in a minute",
			File:  "risk/decide.go",
			Old:   `rate(l.OrdersPerMinute, b.Recent+waiting(b)+1),`,
			New:   `rate(l.OrdersPerMinute, b.Recent+1+0*waiting(b)),`,
			Test:  "TestWaitingEntriesCountAgainstTheRate",
		},
		{
			Guard: "a locked symbol takes no entries",
			File:  "risk/decide.go",
			Old:   `if no := l.locked(ask.Instrument.Base+ask.Instrument.Quote, ask.Instrument.Symbol); no != nil {`,
			New:   `if no := l.locked(); no != nil {`,
			Test:  "TestALockedSymbolTakesNoEntriesAndItsClosesGo",
		},
		{
			Guard: "a symbol that was locked meanwhile stops what waits",
			File:  "risk/decide.go",
			Old:   `no = l.locked(order.Symbol)`,
			New:   `no = nil`,
			Test:  "TestASymbolThatWasLockedMeanwhileStopsAnEntryThatWaits",
		},
		{
			Guard: "a lock counts at the desk",
			File:  "admission/desk.go",
			Old:   `set.Locks("trade:locked_symbols"),`,
			New:   `nil,`,
			Test:  "TestALockedSymbolIsRefusedAtTheDeskUntilItsEnd",
		},
		{
			Guard: "a lock counts just before the wire, as the exchange spells its symbol",
			File:  "node/account.go",
			Old:   `Locks: n.spelled(set.Locks("trade:locked_symbols"), a, now), At: now,`,
			New:   `Locks: set.Locks("trade:locked_symbols"), At: now,`,
			Test:  "TestTheSecondLookKnowsALockedSymbolAsItsExchangeSpellsIt",
		},
		{
			Guard: "half an alert is refused whole",
			File:  "risk/decide.go",
			Old:   `return refuse(ask.Legs, checks, *no)`,
			New:   `continue`,
			Test:  "TestOneRefusedLegRefusesTheWholeAlert",
		},
	}
}
