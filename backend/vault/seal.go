package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"

	"hoox/backend/trading"
)

// Kind is where the key is that seals a vault.
type Kind string

// The kinds of seals.
const (
	ByKeychain   Kind = "keychain"
	ByPassphrase Kind = "passphrase"
	ByFile       Kind = "file"
)

// CheckKind fails with Invalid for what is no kind of a seal.
func CheckKind(k Kind) error {
	switch k {
	case ByKeychain, ByPassphrase, ByFile:
		return nil
	}
	return trading.FieldError("kind", "%q is not one of keychain, passphrase, file", string(k))
}

// keySize is the size of every key here.
const keySize = chacha20poly1305.KeySize

// seal is the head of a vault: which key seals its data key, and the sealed data key.
type seal struct {
	Kind Kind `json:"kind"`
	// ID names the key among those that its place may hold; "" for the key of a vault of version 1.
	ID string `json:"id"`
	// How a passphrase is stretched.
	Salt    string `json:"salt,omitempty"`
	Memory  uint32 `json:"memoryKiB,omitempty"`
	Time    uint32 `json:"time,omitempty"`
	Threads uint8  `json:"threads,omitempty"`
	// Box is the data key.
	Box string `json:"box,omitempty"`
}

// keyName names a key in its place.
type keyName struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

func (s seal) name() keyName { return keyName{s.Kind, s.ID} }

// head is what the box is bound to: everything that says how it is opened.
func (s seal) head() []byte {
	s.Box = ""
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return text
}

// newSeal names a key that does not exist yet.
func newSeal(k Kind) seal { return seal{Kind: k, ID: hex.EncodeToString(randomBytes(8))} }

// lock seals a data key.
func (s *seal) lock(key, data []byte) { s.Box = enclose(key, data, s.head()) }

// unlock opens the data key. The error says only that the key does not fit.
func (s seal) unlock(key []byte) ([]byte, error) { return disclose(key, s.Box, s.head()) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// enclose seals data under a key; what it is bound to must be the same when it is opened.
func enclose(key, data, bound []byte) string {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // every key here has the one size
	}
	nonce := randomBytes(aead.NonceSize())
	return base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, data, bound))
}

var errShut = errors.New("the box does not open")

// disclose opens what enclose has sealed.
func disclose(key []byte, text string, bound []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	box, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(box) < aead.NonceSize() {
		return nil, errShut
	}
	n := aead.NonceSize()
	data, err := aead.Open(nil, box[:n], box[n:], bound)
	if err != nil {
		return nil, errShut
	}
	return data, nil
}
