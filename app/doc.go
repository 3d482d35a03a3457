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
// They stand with those of all rooms in backend/testdata/security.txt. Browsers that sign in, and are shut out:
// TestBrowserIsSignedInOnceByItsAddress, TestTicketsAndSessionsEnd, TestABrowserSignsInWithTheKeyAndOutAgain,
// TestWrongKeysAreDelayedAfterFiveTriesAndWrittenDown, TestARestartLetsNoBrowserStay.
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
