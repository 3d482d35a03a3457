// Package gateway is the public listener, the only thing a tunnel may reach. It turns a request of a stranger into a
// trading.Signal of a known credential, hands it to the desk, waits for the outcome within the answer budget, and says
// what became of it.
//
// It owns authentication by webhook key and address, the bounds on size, time, connections and rate, strict decoding,
// and the words and statuses of every public answer. It leaves to others what a signal leads to: instruments, limits,
// the kill switch, duplicates and storage are behind the desk. It keeps no key, only digests, and stores nothing.
//
// # Order of checks
//
//	another name than the tunnel's 403 → method 405 → core not running 503 → size 413 → content type and encoding 415
//	→ JSON 400 → apiKey 403 → client address 403 → rate 429 → fields 400 → (at the desk) scope of the key 403 → kill switch 503 → duplicate 409 → gate 422
//
// Everything up to the fields happens in memory. A signal is awaited before it is admitted, so that no outcome can slip
// by; once it is stored it is answered within 2.5 s and never with a 5xx, except KILL_SWITCH, because a 5xx asks
// TradingView to send it again. Nothing is ever answered 504.
//
// # Security items and their tests
//
// Those of this room. The table of every item, in all rooms, is backend/testdata/security.txt, and backend/security_test.go holds it
// against the source.
//
//	A1       no key, wrong key, ended key: one answer       TestForbiddenLooksTheSameWhateverWasWrong, TestA1_MissingWrongAndRevokedKeysAreAnsweredAlike
//	A2       constant time                                  TestA2_EveryKeyIsComparedInConstantTimeOnDigestsOfOneLength, TestEveryKeyIsKnownByItsOwnName
//	A3, A4   digests only; the scope of a key               in the rooms that keep keys and admit alerts; here TestSignalCarriesTheBoundsOfItsKeyAndTheUseIsTold
//	A5       a text that has ended                          TestA5_TextThatHasEndedOpensNothingFromThatMomentOn
//	A6       address list                                   TestAddressListDecidesByConnectionOrTrustedHeader, TestA6_KeyOfAStrategyFromAnAddressThatIsNotListedIsForbidden
//	A7       64 KiB + 1 at the socket                       TestOversizeBodyIsNotReadPastItsBound
//	A8       endless chunked body                           TestEndlessChunkedBodyIs413AndClosed
//	A9       content encodings, gzip bomb                   TestMalformedAndOversizeBodiesGetTheirExactStatus
//	A10-A14  depth, names, numbers, symbols, trailing data  TestMalformedAndOversizeBodiesGetTheirExactStatus, TestDecodeNamesTheFieldThatIsWrong, FuzzDecode
//	A12      decimals by text                               TestDecimalsKeepTheirText
//	A15      payload time ahead                             TestDecodeNamesTheFieldThatIsWrong
//	A16      methods                                        TestWrongMethodsAre405WithAllow
//	A17      unknown paths                                  TestUnknownPathsAreEmpty404s
//	A18      rate, with a reserve for closes                TestEleventhAlertInAMinuteIsTooMany, TestEntryFloodCannotLockOutAClose, TestA18_KeyWithARateOfItsOwnIsHeldToItAndTakesNothingFromOthers
//	A19      no key in answers, records and logs            TestKeyIsCutOutOfEverythingThatIsKept, TestKeyIsInNoLogLine, TestA19_NoAnswerAndNoLogLineHoldsAKey, TestErrorsOfTheDeskHaveTheirStatus
//	A20      no 2xx without a commit                        TestErrorsOfTheDeskHaveTheirStatus, TestStoreThatHangsIsNeverWaitedForPastTheLimit
//	B1       only public routes                             TestUnknownPathsAreEmpty404s
//	B8       smuggling, answers past every handler          TestNothingBehindAChunkedBodyIsReadAsARequest, TestWhatTheServerAnswersByItselfCarriesTheSecurityHeaders
//	B3, B4   spoofed forwarding headers                     TestAddressListDecidesByConnectionOrTrustedHeader, TestTrustedHeaderIsNotBelievedFromAnotherComputer
//	K1       server timeouts                                TestServerLimitsAreThoseOfTheContract, TestSlowClientsAreClosed
//	K2, K3   connection cap, slow connections               TestFullHouseOfAlertsTurnsNewcomersAway, TestDawdlersGiveWayToAnAlert
//	K5       panic in a handler or at the desk              TestPanicsAreA500AndTheProcessLives
//	K10      no decompression                               TestMalformedAndOversizeBodiesGetTheirExactStatus
package gateway
