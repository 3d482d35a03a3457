// Package app is the glass of the house: what the window, the browser and the command line may call.
//
// It owns the services (one type per subject, each method one request and one answer), the two panes over them (Wails
// bindings for the window, HTTP and WebSocket on loopback for browser, command line and tests), the commands of the
// program, and the log. It holds no rule of trading: every method converts, calls a lower room, and converts back.
//
// # Errors
//
// An error crosses as a Fault: its JSON text on the window's side, the same as a body on the HTTP side. Kind, HTTP status
// and exit code of a command belong together:
//
//	kind                          status  exit code
//	invalid                       400     2
//	unauthorized                  403     1  (401 without a key or session at all)
//	not_found                     404     1
//	duplicate, conflict           409     4, 1
//	refused, rejected             422     4
//	limited                       429     4
//	halted                        503     4
//	unavailable                   503     1
//	unknown                       504     5  (the exchange may or may not have it: never repeated blindly)
//	internal                      500     1
//
// # Who may do what, and who did
//
// The internal key and a browser that is signed in may call everything; a token may look, or also trade within the limits (see
// needs). Signing in and out are about a browser's cookie and so on the control interface alone: POST /api/Sessions/Login and
// /api/Sessions/Logout. Every method that is more than a look runs in act, which leaves one line in the audit, whatever came of it.
// A command that works on the data folder itself has the running instance write its line: POST /note.
//
// # Security items and their tests
//
//	B2       control routes and public routes never meet    TestControlInterfaceHasNoPublicRoutes
//	B8       nothing smuggled behind a chunked body         TestNothingBehindAChunkedBodyIsReadAsARequestHere
//	C1       every route wants token or session             TestControlInterfaceLetsNobodyInUnproven
//	C2-C4    foreign names, pages and forms                 TestControlInterfaceRefusesWhatAForeignPageCanSend
//	C5, C6   no CORS header, no effect of other methods     TestPreflightAndReadsChangeNothing
//	C7       token file, rotated at once, no secret in a log TestALeftOverControlFileIsNotTrusted, TestAnotherInternalKeyShutsEverybodyElseOutAtOnce
//	C8       a port in use is told, loopback only           TestAPortInUseIsToldWithItsFix, TestControlInterfaceStaysOnThisComputer
//	C9       event connections                              TestSocketLetsOnlyOurPagesIn, TestSocketsAreCountedAndGivenBack
//	C11      scopes of tokens                               TestATokenMayDoWhatItsScopeSaysAndNothingElse, TestATokenCannotLoosenAnything
//	C13      the kill switch behind silent connections      TestKillSwitchIsReachedThroughACrowdThatSaysNothing, TestAHaltWithoutAnAnswerIsAskedForAgainAndAReleaseIsNot
//	C14      errors tell nothing of the inside              TestAnErrorCrossesAsItsMessageOnly, TestRequestsAreReadStrictly
//	D1, D13  page policy, pages without data                TestPagesCarryThePolicyAndNoData
//	D8       reviewed list of methods                       TestCallableMethodsAreTheGoldenList
//	D11      secrets are write-only                         TestNoSecretIsAnywhereAfterEverything, TestSecretsAreKeptByCommandsWithoutARunningInstance
//	D15      words typed for risky acts                     TestFlattenClosesEverythingAndProvesIt, TestHaltNeedsNoReasonAndResumeDoes
//	H9, L7   support bundle without secrets                 TestASupportBundleHoldsNoSecretInAnyFace, TestOnlyWhatWasShownIsSaved
//	H10      no secret in a notification                    TestANotificationHasNoSecretAndSaysWhenItWasNotShown
//	H5       no memory in a core dump, requests as dots     TestACrashWritesNoMemoryToDisk, TestARequestWithASecretPrintsAsDots
//	H9       logs, ledger, backups, answers: no canary      TestNoSecretIsAnywhereAfterEverything
//	H11, L2  redaction                                      TestKnownSecretsNeverReachTheLog, TestASecretSetWhileItRunsNeverReachesTheLog, TestWhatLooksLikeASecretIsCut
//	J9       an edited line of the audit                    TestVerifyFindsAnEditedLine
//	K1       server limits                                  TestEveryLimitOfTheServerIsSet
//	K5       panics                                         TestAPanicIsAFaultWithAReference
//	K8, L1   who was turned away, folded                    TestStrangersAtTheControlInterfaceAreFewLines
//	L1       every command leaves its line                  TestEveryCallThatIsMoreThanALookLeavesItsLine, TestALineTellsWhoDidWhatAndWhatCameOfIt
//	L5       version, commit, configuration of each start   TestEveryStartIsWrittenDown
//	M7       signed notes of updates, no way back           TestAnUpdateNoteThatIsNotOursIsNotBelieved, TestATrueNoteFromLongAgoHidesNoNewerOne
//	N1       a second instance                              TestASecondInstanceIsRefusedWithSeven
//	N4       folders that are not our own                   TestSecretsGoIntoAFolderOfOurOwnOnly
//	N8       awake while an order could be lost              TestTheComputerStaysAwakeOnlyWhileAnOrderCouldBeLost
//
// # Failures that the doctor finds, and their tests
//
// Each test brings the failure about, sees it found, does what the finding says, and sees it gone. What the running instance
// knows is asked from its Health and its accounts; the rest is looked at while nothing runs.
//
//	failure                          finding                     test
//	port taken                       gateway port, control port  TestDoctorFindsAPortThatIsTaken
//	clock off                        ACCOUNT clock               TestDoctorFindsAClockThatIsOff
//	clock set back                   clock                       TestDoctorFindsAClockThatWasSetBack
//	tunnel down                      tunnel                      TestDoctorFindsATunnelThatIsDown
//	address of another program       tunnel                      TestDoctorFindsAPublicAddressThatLeadsElsewhere
//	address of another installation  tunnel                      TestDoctorFindsAPublicAddressThatLeadsElsewhere
//	address without an answer        tunnel                      TestDoctorFindsAPublicAddressAtWhichNothingAnswers
//	TradingView at an old address    tunnel                      TestDoctorFindsTradingViewAtAnOldAddress
//	public name not known            tunnel                      TestDoctorFindsAPublicNameThatIsNotKnown
//	the same while nothing runs      public name                 TestDoctorLooksTheNameOfTheSettingsUpWhileNothingRuns
//	key ended                        ACCOUNT key                 TestDoctorFindsAKeyThatHasEnded
//	key refused                      ACCOUNT key                 TestDoctorFindsAKeyThatTheExchangeRefuses
//	permission missing               ACCOUNT key                 TestDoctorFindsAPermissionThatIsMissing
//	disk nearly full                 disk                        TestDoctorFindsADiskThatIsNearlyFull
//	keychain locked                  vault                       TestDoctorFindsAKeychainThatIsLocked
//	window stays empty               painting                    TestDoctorFindsAWindowThatStaysEmpty
//	its renderer switched on         renderer                    TestDoctorFindsTheRendererThatLeavesWindowsEmpty, build/window-test.sh
//	instance does not answer         running                     TestDoctorFindsAnInstanceThatDoesNotAnswer
//
// Browsers that sign in, and are shut out: TestBrowserIsSignedInOnceByItsAddress, TestTicketsAndSessionsEnd,
// TestABrowserSignsInWithTheKeyAndOutAgain, TestWrongKeysAreDelayedAfterFiveTriesAndWrittenDown, TestSigningInIsForOurOwnPage,
// TestARevokedBrowserIsOutAtOnceWithItsConnections, TestARestartLetsNoBrowserStay.
package app
