// Package vault keeps secrets at rest: one sealed file, one key.
//
// Every secret is sealed with XChaCha20-Poly1305 under a random key in a file of its own that only the owner can read,
// with the secret's name as associated data so that two cannot be swapped. A secret in the environment
// (HOOX_SECRET_<NAME>) wins for one run and never enters the file. The vault owns what a secret is called and how it is
// sealed; it does not know what one is for. Commands that change it at once take turns by vault.lock.
package vault
