package app

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

// noteContext stands before what is signed, so that no other text that is signed with the same key is taken for a note.
const noteContext = "hoox update note 1\n"

// longestUpdateNotes bounds the words about a version that are shown.
const longestUpdateNotes = 500

// updateNote is what the newest version's maker says of it.
type updateNote struct {
	Version string    `json:"version"`
	Issued  time.Time `json:"issued"`
	// URL is where a person reads about it, on the same host as the note.
	URL   string `json:"url"`
	Notes string `json:"notes"`
}

// signedNote is how a note travels: its bytes and a signature over the context and them.
type signedNote struct {
	Note      string `json:"note"`
	Signature string `json:"signature"`
}

// publicKey reads a key as it is built in.
func publicKey(text string) (ed25519.PublicKey, bool) {
	key, err := base64.StdEncoding.DecodeString(text)
	return key, err == nil && len(key) == ed25519.PublicKeySize
}

// readNote opens a note. It fails with Rejected when it is not signed by the key, or says what no note of ours says.
func readNote(body []byte, key ed25519.PublicKey, from *url.URL) (updateNote, error) {
	var signed signedNote
	var note updateNote
	if err := decodeStrictly(body, &signed); err != nil {
		return note, trading.Errorf(trading.Rejected, "the answer is no signed note")
	}
	text, err := base64.StdEncoding.DecodeString(signed.Note)
	signature, sigErr := base64.StdEncoding.DecodeString(signed.Signature)
	if err != nil || sigErr != nil || !ed25519.Verify(key, append([]byte(noteContext), text...), signature) {
		return note, trading.Errorf(trading.Rejected, "the note is not signed with the key of this program: somebody may have changed it on its way")
	}
	if err := json.Unmarshal(text, &note); err != nil {
		return note, trading.Errorf(trading.Rejected, "the note is signed, but is no note")
	}
	page, err := url.Parse(note.URL)
	if err != nil || page.Scheme != "https" || page.Host != from.Host || page.User != nil {
		return note, trading.Errorf(trading.Rejected, "the note leads to %q, which is not on %s", note.URL, from.Host)
	}
	if _, ok := parseVersion(note.Version); !ok || note.Issued.IsZero() {
		return note, trading.Errorf(trading.Rejected, "the note names the version %q of %s", note.Version, note.Issued)
	}
	note.Notes = shorten(note.Notes, longestUpdateNotes)
	return note, nil
}

// parseVersion reads three numbers.
func parseVersion(text string) (v [3]int, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != len(v) {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || strconv.FormatUint(n, 10) != part {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}

// newer tells whether a is a later version than b.
func newer(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}
