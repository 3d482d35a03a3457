package vault

import "time"

// OnStep is told every step of a move as it has been done.
func (v *Vault) OnStep(f func(step string)) { v.passed = f }

// KeychainWith is the system's keychain on a machine that has these variables and files.
func KeychainWith(env func(string) string, exists func(string) bool) Keychain {
	return systemKeychain{env, exists, keychainPatience}
}

// AskPatiently asks as the system's keychain is asked.
func AskPatiently(patience time.Duration, question func() (string, error)) (string, error) {
	return systemKeychain{func(string) string { return "bus" }, exists, patience}.ask(question)
}
