// Package vault keeps secrets at rest: one sealed file, one key.
//
// Every secret is sealed with XChaCha20-Poly1305 under a random data key, with its name as associated data so that two
// cannot be swapped, and the whole file is signed, so that no byte of it can be changed. The data key is sealed by one
// more key, which is kept in one of three places:
//
//	keychain    32 random bytes in the keychain of the system
//	passphrase  derived with Argon2id from what a person types, or what the environment of a start hands over
//	file        32 random bytes in vault.key beside the vault: whoever copies both files has the secrets
//
// A new vault takes the passphrase it is handed, else the keychain, else the file, and says which; afterwards it moves only
// when it is told to. A move, like a rotation, makes both keys anew; the old file stays readable until the new one has been
// written and read back, and a key that seals nothing any more is forgotten.
//
// A vault is open or locked. While it is locked nothing is read from it and nothing changed; the names of the secrets can
// still be listed, because they stand in clear. Whoever needs a secret for longer keeps it: an account that is connected
// goes on while the vault is locked. After five wrong passphrases each further one has to wait, longer every time, also
// after a restart.
//
// A secret in the environment (HOOX_SECRET_<NAME>) wins for one run and never enters the file. The vault owns what a
// secret is called and how it is sealed; it does not know what one is for. Commands that change it at once take turns by
// vault.lock.
//
// # Security items and their tests
//
// They stand with those of all rooms in backend/testdata/security.txt.
package vault
