package vault

import (
	"encoding/base64"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"hoox/backend/trading"
)

// How a passphrase is stretched: Argon2id over 64 MiB, three times, on four lanes.
const (
	saltSize     = 16
	stretchKiB   = 64 << 10
	stretchTime  = 3
	stretchLanes = 4
	// A head that asks for less was weakened by somebody, one that asks for much more would stop the machine.
	mostKiB  = 1 << 20
	mostTime = 32
)

// The bounds of a passphrase, in characters and bytes.
const (
	shortestPassphrase = 8
	longestPassphrase  = 1024
)

// checkPassphrase fails with Invalid for a passphrase that is too short to seal anything by.
func checkPassphrase(p Secret) error {
	text := p.Reveal()
	if utf8.RuneCountInString(text) < shortestPassphrase || len(text) > longestPassphrase {
		return trading.FieldError("passphrase", "a passphrase has at least %d characters; four random words are a good one", shortestPassphrase)
	}
	return nil
}

// stretched derives keys from a passphrase; nothing is kept anywhere.
type stretched struct{ passphrase Secret }

func (p stretched) make(s *seal) ([]byte, error) {
	if err := checkPassphrase(p.passphrase); err != nil {
		return nil, err
	}
	s.Salt = base64.StdEncoding.EncodeToString(randomBytes(saltSize))
	s.Memory, s.Time, s.Threads = stretchKiB, stretchTime, stretchLanes
	return p.fetch(*s)
}

func (p stretched) fetch(s seal) ([]byte, error) {
	salt, err := base64.StdEncoding.Strict().DecodeString(s.Salt)
	if err != nil || len(salt) != saltSize || s.Memory < stretchKiB || s.Memory > mostKiB || s.Time < stretchTime || s.Time > mostTime || s.Threads < 1 || s.Threads > stretchLanes {
		return nil, errDamaged()
	}
	text := []byte(p.passphrase.Reveal())
	defer clear(text)
	return argon2.IDKey(text, salt, s.Time, s.Memory, s.Threads, keySize), nil
}

func (stretched) forget(string) error { return nil }
