// Package node wires the rooms together and keeps them alive: configuration, construction order, supervision, recovery
// and health. It is the only room that knows all rooms, and it knows no rule of trading.
//
// # Start and stop
//
//	lock the folder → vault → open and migrate the ledger → settings → listen → ask about orders in flight → ready
//
// The gateway listens early and answers 503 until the core runs, so that TradingView's own resend is the buffer. Stop is
// the other way round: first the doors, then the core. Start is the recovery path; there is no other one, which is why
// `kill -9` is a supported way to stop.
//
// # Guards, and the test that fails without each
//
// Each guard below stands between an alert and an order that is doubled, lost, late or forbidden. Under it is the file that
// holds it and the test that fails when it is deleted: `go run ./build/mutants` deletes one at a time and looks. With -doc
// it writes this list anew.
//
//	a key that nobody has lets nobody in
//		gateway/webhook.go  gateway.TestForbiddenLooksTheSameWhateverWasWrong
//	an address that is not on the list lets nobody in
//		gateway/webhook.go  gateway.TestAddressListDecidesByConnectionOrTrustedHeader
//	the trusted header counts on a connection from this computer only
//		gateway/rules.go  gateway.TestTrustedHeaderIsNotBelievedFromAnotherComputer
//	an empty secret is nobody's key
//		gateway/key.go  gateway.TestEveryKeyIsKnownByItsOwnName
//	a key that has ended opens nothing
//		gateway/key.go  gateway.TestA5_TextThatHasEndedOpensNothingFromThatMomentOn
//	a key trades on its accounts only
//		admission/bounds.go  admission.TestA4_AKeyOfOneStrategyCannotTradeAnothersAccount
//	what comes by a tunnel for another name is turned away
//		gateway/route.go  gateway.TestB7_WhatComesByATunnelForAnotherNameIsForbiddenAndDoesNothing
//	a flood of alerts is turned away
//		gateway/pace.go  gateway.TestEleventhAlertInAMinuteIsTooMany
//	nothing is taken before the core runs
//		gateway/webhook.go  gateway.TestStartingUpAnswers503SoThatTradingViewComesBack
//	an alert that is too old trades nothing
//		admission/desk.go  admission.TestAgeDecidesBeforeAnythingElse
//	a halt in memory counts before the ledger knows of it
//		admission/desk.go  admission.TestMemoryHaltBeatsAnActiveRow
//	nothing is sized by an old price
//		admission/desk.go  admission.TestNothingIsSizedWithoutAFreshPrice
//	a test alert never takes the live account
//		admission/read.go  admission.TestTestAlertNeverTouchesRealMoney
//	a close is no larger than the position
//		admission/size.go  admission.TestAlertsBecomeLegsAgainstTheActualPosition
//	nothing to close is not said while an entry is in doubt
//		admission/follow.go  admission.TestNothingIsDecidedOverAnEntryInDoubt
//	a close says that it only reduces
//		admission/leg.go  admission.TestAlertsBecomeLegsAgainstTheActualPosition
//	the trading state is looked at for every leg
//		risk/decide.go  risk.TestClosesPassWhereEntriesDoNot
//	a trading state that cannot be read allows nothing
//		risk/state.go  risk.TestStricterStateWinsAndNonsenseIsStrictest
//	cap on the size of an order
//		risk/decide.go  risk.TestGateNamesTheRuleAndTheNumbers
//	cap on a position
//		risk/decide.go  risk.TestRestingEntriesCountAgainstThePosition
//	cap on what is exposed in all
//		risk/decide.go  risk.TestGateNamesTheRuleAndTheNumbers
//	cap on leverage
//		risk/decide.go  risk.TestGateNamesTheRuleAndTheNumbers
//	cap on orders in a minute
//		risk/decide.go  risk.TestGateNamesTheRuleAndTheNumbers
//	what waits counts against the orders in a minute
//		risk/decide.go  risk.TestWaitingEntriesCountAgainstTheRate
//	a locked symbol takes no entries
//		risk/decide.go  risk.TestALockedSymbolTakesNoEntriesAndItsClosesGo
//	a symbol that was locked meanwhile stops what waits
//		risk/decide.go  risk.TestASymbolThatWasLockedMeanwhileStopsAnEntryThatWaits
//	a lock counts at the desk
//		admission/desk.go  admission.TestALockedSymbolIsRefusedAtTheDeskUntilItsEnd
//	a lock counts just before the wire, as the exchange spells its symbol
//		node/account.go  node.TestTheSecondLookKnowsALockedSymbolAsItsExchangeSpellsIt
//	half an alert is refused whole
//		risk/decide.go  risk.TestOneRefusedLegRefusesTheWholeAlert
//	a key that is known gives the first receipt
//		sqlite/admit.go  sqlite.TestConcurrentAdmitsOfOneKeyGiveOneSignal
//	the window of an alert without a time slides
//		sqlite/key.go  sqlite.TestWindowSlidesFromTheFirstAcceptance
//	a known key with another content is a conflict
//		sqlite/key.go  sqlite.TestSameKeyWithOtherContentIsAConflict
//	an order that exists is not admitted again
//		sqlite/admit.go  sqlite.TestOrderThatExistsIsNotAdmittedAgain
//	nothing is armed at once while its lane is busy
//		sqlite/admit.go  sqlite.TestBusyLaneQueuesTheNextOrder
//	only an order that waits is armed
//		sqlite/submit.go  sqlite.TestBeginSubmitArmsAndTakesTheJob
//	nothing is armed after its deadline
//		sqlite/submit.go  sqlite.TestLateOrderExpiresInsteadOfFiring
//	one order of a lane is in flight
//		sqlite/submit.go  sqlite.TestLaneTakesOneOrderAtATime
//	the orders of a lane leave in their turn
//		sqlite/job.go  sqlite.TestLaneTakesOneOrderAtATime
//	no entry goes while one of its lane is unknown
//		sqlite/mirror.go  sqlite.TestLaneTakesOneOrderAtATime
//	a leg waits for the leg before it
//		sqlite/submit.go  sqlite.TestEntryOfAFlipWaitsWhileItsCloseRests
//	a leg ends with the leg before it when that did not fill
//		sqlite/submit.go  sqlite.TestSecondLegWaitsForTheFirst
//	the second look of BeginSubmit is listened to
//		sqlite/submit.go  sqlite.TestSecondLookCanBlock
//	a halt blocks the entries that wait, for ever
//		sqlite/standing.go  sqlite.TestHaltBlocksWaitingEntriesAndListsRestingOnes
//	an entry that comes back under a halt is blocked
//		sqlite/submit.go  sqlite.TestReturnUnderAHaltBlocksAnEntryAndKeepsAClose
//	an order whose cancel was asked for does not come back
//		sqlite/submit.go  sqlite.TestReturnedOrderWhoseCancelWasAskedNeverGoesAgain
//	only its exchange can say that an order that has left is canceled
//		sqlite/submit.go  sqlite.TestOnlyTheExchangeCancelsWhatHasLeft
//	a given up submit is not retried after its deadline
//		sqlite/job.go  sqlite.TestADeadSubmitOfAnOrderThatMayNotLeaveIsNotRetried
//	an unknown order has no way back to the wire
//		trading/status.go  trading.TestUnknownIsNeverSentAgain
//	a move that is not in the table of an order's life is refused
//		sqlite/order.go  sqlite.TestDoubtReturnAndSettleKeepTheJobsRight
//	a fill counts once, by its exchange's id
//		sqlite/record.go  sqlite.TestRecordTwiceChangesNothingTheSecondTime
//	what is filled only grows
//		sqlite/record.go  sqlite.TestWhatIsSaidToBeFilledNeverShrinks
//	a report of an order that was never sent is refused, whatever it says
//		sqlite/record.go  sqlite.TestReportMeetsWhatIsKnown
//	money that moved without a fill is booked once
//		sqlite/cash.go  sqlite.TestCashIsBookedOnce
//	an order that was harmed on disk is not read as one
//		sqlite/seal.go  sqlite.TestOrderThatWasHarmedOnDiskIsNeverSent
//	every commit waits for the disk
//		sqlite/connect.go  sqlite.TestDurabilitySettingsAreInForce
//	durability is read back when the ledger is opened
//		sqlite/db.go  sqlite.TestSettingThatDidNotTakeIsRefused
//	after a disk that failed nothing is written any more
//		sqlite/writer.go  sqlite.TestFailedDiskStopsEveryLaterWrite
//	a restored ledger starts halted
//		sqlite/restore.go  sqlite.TestRestoreHaltsKeepsWhatWasThereAndRemembers
//	the latest time seen never goes back
//		sqlite/saw.go  sqlite.TestLatestTimeRidesAlongAndNeverGoesBack
//	kill switch inside BeginSubmit
//		execution/submit.go  execution.TestPauseDeniesWhatWaitsBeforeItIsArmed
//	a halt that the ledger could not take is looked at inside BeginSubmit
//		execution/submit.go  execution.TestHaltThatTheLedgerDoesNotKnowArmsNothing
//	kill switch between the commit and the wire
//		execution/submit.go  execution.TestPauseBetweenIntentAndWireStopsTheEntry
//	a halt that was released again still stops what was armed before it
//		execution/submit.go  execution.TestHaltAndReleaseBetweenIntentAndWireStopTheEntry
//	what came back during a halt does not fire after the release
//		execution/submit.go  execution.TestEntryThatComesBackUnderAHaltNeverFiresAfterTheRelease
//	deadline between the commit and the wire
//		execution/submit.go  execution.TestOrderWhoseTimeEndsBetweenIntentAndWireNeverLeaves
//	an unknown outcome is asked about, never sent again
//		execution/submit.go  execution.TestUnknownIsAskedAboutAndNeverSentAgain
//	an adapter that breaks in the middle leaves the order in doubt
//		execution/submit.go  execution.TestPanicOfAnAdapterLeavesTheOrderInDoubt
//	a report that the ledger refuses leaves the order in doubt
//		execution/submit.go  execution.TestReportThatTheLedgerRefusesLeavesTheOrderInDoubt
//	a look-up that failed is no absence
//		execution/resolve.go  execution.TestUnknownIsAskedAboutAndNeverSentAgain
//	an account is closed until its exchange was asked
//		execution/account.go  execution.TestRecoveryAsksAboutEveryOrderInFlightBeforeAnAccountOpens
//	what a former run left in flight is put in doubt
//		execution/resolve.go  execution.TestRecoveryAsksAboutEveryOrderInFlightBeforeAnAccountOpens
//	a halt ends what an adapter asks before it sends
//		execution/submit.go  execution.TestHaltEndsWhatAnAdapterAsksBeforeItSends
//	an order made by a clock that was ahead ends once it is right
//		execution/resolve.go  execution.TestWhatAClockThatWasAheadWroteDownEndsOnceItIsRight
//	a restored ledger asks before its first send
//		execution/submit.go  execution.TestRestoredLedgerAdoptsAnOrderThatItForgot
//	the last look comes after whatever takes time
//		execution/submit.go  execution.TestWhatHappensWhileARestoredLedgerAsksStopsTheEntry
//	an entry that cannot be asked about first waits
//		execution/first.go  execution.TestRestoredLedgerSendsNoEntryThatItCannotAskAbout
//	too many unknown outcomes halt everything
//		execution/resolve.go  execution.TestTooManyUnknownOutcomesHaltEverything
//	an order that shows up after it was proven absent halts everything
//		execution/cancel.go  execution.TestOrderThatShowsUpAfterItWasProvenAbsentHaltsEverything
//	an entry that rests after a halt is canceled
//		execution/submit.go  execution.TestEntryOnTheWireAtTheHaltIsCanceledWhenItRests
//	the kill file wins over the row
//		execution/switch.go  execution.TestStartUnderAHaltFinishesWhatTheHaltBegan
//	a kill file that cannot be read halts
//		execution/switch.go  execution.TestKillFileThatCannotBeReadStartsHalted
//	a ledger that cannot be written stays halted
//		execution/switch.go  execution.TestLedgerThatCannotBeWrittenIsNotReleased
//	a halt waits for no change before it
//		execution/switch.go  execution.TestAHaltIsInForceAtOnceAlsoWhileAnotherChangeWaitsForTheDisk
//	a release that waited for the disk does not undo a halt that came meanwhile
//		execution/switch.go  execution.TestAReleaseThatWaitsForTheDiskDoesNotUndoAHaltThatCameMeanwhile
//	nothing is sent to an exchange that does not answer
//		execution/breaker.go  execution.TestThreeCallsWithoutAnAnswerOpenTheCircuitAndNothingIsSentUntilOneIsAnswered
//	no entry of a symbol on which the exchange disagrees
//		execution/submit.go  execution.TestEntryThatWaitedIsDeniedAndCloseGoesWhileSidesDisagree
//	once something was written, bytes may have left
//		wire/conn.go  wire.TestEveryStageTellsWhetherBytesMayHaveLeft
//	what is proven not to have left cannot leave later
//		wire/conn.go  wire.TestAConnectionThatIsGivenUpTakesNothingMore
//	nothing leaves for a caller who has gone
//		wire/client.go  wire.TestNothingLeavesForACallerWhoHasGone
//	nothing but its deadline ends a call that is under way
//		wire/client.go  wire.TestOnlyTheDeadlineEndsACallThatIsUnderWay
//	a redirect is refused
//		wire/client.go  wire.TestEveryStageTellsWhetherBytesMayHaveLeft
//	nothing is submitted while the clocks are apart
//		wire/skew.go  wire.TestSkewIsMeasuredAtTheMidpointAndGuards
//	nothing is submitted by a clock that was read long ago
//		wire/skew.go  wire.TestSkewIsMeasuredAtTheMidpointAndGuards
//	absence needs three clean answers
//		tape/absence.go  exchange/bybit.TestAbsenceNeedsTimeAndThreeCleanAnswers
//	absence needs time to settle
//		tape/absence.go  exchange/bybit.TestAbsenceNeedsTimeAndThreeCleanAnswers
//	absence needs clocks that agree
//		tape/absence.go  exchange/bybit.TestAbsenceNeedsTimeAndThreeCleanAnswers
//	absence needs to know when the order was sent
//		tape/absence.go  tape.TestAnOrderOfWhichNobodyKnowsWhenItWasSentIsNeverAbsent
//	Binance: deadline before the wire
//		exchange/binance/submit.go  exchange/binance.TestNothingIsSentAfterTheDeadline
//	Binance: the exchange itself refuses an order after its deadline
//		exchange/binance/submit.go  exchange/binance.TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken
//	Binance: nothing is sent while the clocks disagree
//		exchange/binance/submit.go  exchange/binance.TestNothingIsSentWhileTheClocksDisagree
//	Binance: a lost answer is unknown
//		exchange/binance/call.go  exchange/binance.TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth
//	Binance: a code that is not in the table is unknown
//		exchange/binance/codes.go  exchange/binance.TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth
//	Binance: an id is sent once for ever
//		exchange/binance/submit.go  exchange/binance.TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth
//	Binance: an id that may have been sent before is asked for first
//		exchange/binance/submit.go  exchange/binance.TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst
//	Binance: a question that failed is no "not found"
//		exchange/binance/lookup.go  exchange/binance.TestAFailedQuestionProvesNothing
//	Binance: a place that lost an older order proves nothing
//		exchange/binance/lookup.go  exchange/binance.TestAHistoryThatLostAnOlderOrderProvesNothing
//	Binance: a close says that it only reduces
//		exchange/binance/submit.go  exchange/binance.TestBinanceKeepsTheContractWithPerpetuals
//	Bybit: deadline before the wire
//		exchange/bybit/submit.go  exchange/bybit.TestNothingIsSentAfterTheDeadlineOrIntoABan
//	Bybit: the exchange itself refuses an order after its deadline
//		exchange/bybit/submit.go  exchange/bybit.TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken
//	Bybit: nothing is sent while the clocks disagree
//		exchange/bybit/submit.go  exchange/bybit.TestNothingIsSentWhileTheClocksDisagree
//	Bybit: a lost answer is unknown
//		exchange/bybit/call.go  exchange/bybit.TestAFaultAfterTheOrderArrivedIsUnknownAndLookedUp
//	Bybit: an answer that cannot be read is unknown
//		exchange/bybit/call.go  exchange/bybit.TestAFaultAfterTheOrderArrivedIsUnknownAndLookedUp
//	Bybit: a code that is not in the table is unknown
//		exchange/bybit/codes.go  exchange/bybit.TestReturnCodesOutsideTheTableAreUnknown
//	Bybit: a question that failed is no "not found"
//		exchange/bybit/lookup.go  exchange/bybit.TestAQuestionThatBybitCallsWrongIsNoProofOfAbsence
//	Bybit: lists that forgot an older order prove nothing
//		exchange/bybit/lookup.go  exchange/bybit.TestAbsenceIsNotProvenByListsThatForgetOrPositionsThatMoved
//	Bybit: a position that nobody explains proves nothing
//		exchange/bybit/lookup.go  exchange/bybit.TestAbsenceIsNotProvenByListsThatForgetOrPositionsThatMoved
//	Bybit: a close says that it only reduces
//		exchange/bybit/submit.go  exchange/bybit.TestACertainNoIsRejectedInWords
//	MEXC: deadline before the wire
//		exchange/mexc/submit.go  exchange/mexc.TestNothingIsSentAfterTheDeadline
//	MEXC: the exchange itself refuses a spot order after its deadline
//		exchange/mexc/submit_spot.go  exchange/mexc.TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken
//	MEXC: nothing is sent while the clocks disagree
//		exchange/mexc/submit.go  exchange/mexc.TestNothingIsSentWhileTheClocksDisagree
//	MEXC: nothing is sent to spot while the clocks disagree
//		exchange/mexc/submit_spot.go  exchange/mexc.TestNothingIsSentWhileTheClocksDisagree
//	MEXC: a lost answer is unknown
//		exchange/mexc/call.go  exchange/mexc.TestALostAnswerIsAskedForAndNeverSentAgain
//	MEXC: a code that is not in the table is unknown
//		exchange/mexc/codes.go  exchange/mexc.TestEveryCodeProvesWhatTheTableSays
//	MEXC: an id is sent once for ever
//		exchange/mexc/submit.go  exchange/mexc.TestALostAnswerIsAskedForAndNeverSentAgain
//	MEXC: an id that may have been sent before is asked for first
//		exchange/mexc/submit.go  exchange/mexc.TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst
//	MEXC: a question to futures that failed is no "not found"
//		exchange/mexc/lookup.go  exchange/mexc.TestAFailedQuestionProvesNothing
//	MEXC: a question to spot that failed is no "not found"
//		exchange/mexc/lookup_spot.go  exchange/mexc.TestMaintenanceProvesNoAbsence
//	MEXC: lists that forgot an older order prove nothing
//		exchange/mexc/lookup.go  exchange/mexc.TestAnOrderOfOursThatIsNotShownEitherForbidsTheProof
//	MEXC: a close says that it only reduces
//		exchange/mexc/submit.go  exchange/mexc.TestFuturesKeepTheContract
//	one program has a data folder
//		node/node.go  node.TestSecondInstanceIsRefused
//	a key that may withdraw opens nothing
//		node/rights.go  node.TestAKeyThatMayWithdrawOpensNothing
//	a key that may do more than trade enters nothing
//		node/mode.go  node.TestX1_AKeyThatGetsTheRightToMoveMoneyEntersNothingAndCloses
//	a clock that was set back opens no deadline again
//		node/clock.go  node.TestClockThatIsSetBackOpensNoDeadlineAgain
//	the clock goes on where the ledger ended
//		node/clock.go  node.TestClockGoesOnWhereTheLedgerEnded
//	no entry after a leap of the clock before it is compared
//		node/clock.go  node.TestLeapIsNotBelievedBeforeItIsSettled
//	no entry while the clock is in doubt
//		node/mode.go  node.TestEntriesWaitWhileTheClockIsWrongAndClosesGo
//	what has traded is not requeued
//		node/requeue.go  node.TestAnAlertThatEndedWithoutATradeIsRequeuedOnceByAPerson
//	what was requeued is not requeued again
//		node/requeue.go  node.TestAnAlertThatEndedWithoutATradeIsRequeuedOnceByAPerson
//	a ledger that was harmed is not traded on
//		node/node.go  node.TestLedgerThatWasHarmedOnDiskIsNotTradedOn
package node
