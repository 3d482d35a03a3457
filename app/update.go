package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hoox/backend/disk"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// updateURL and updateKey are set when the program is built, as the version is: where a note of the newest version is, and
// the Ed25519 key (base64) that signs it. A build without a key has nobody it could believe, and asks nobody.
var (
	updateURL = ""
	updateKey = ""
)

const (
	// updateSetting is the setting that lets it ask.
	updateSetting = "update:check"
	// updateEvery is how often it asks, updateLook how often it looks whether it is time.
	updateEvery = 24 * time.Hour
	updateLook  = 10 * time.Minute
	// updateBudget bounds one question, largestUpdate its answer.
	updateBudget  = 8 * time.Second
	largestUpdate = 64 << 10
)

// updates asks whether there is a newer version. It tells; it downloads, opens and installs nothing.
type updates struct {
	in      *house
	address string
	key     string
	version string
	file    string
	client  *http.Client

	mu   sync.Mutex
	last keptNote
	err  error
}

// keptNote is the newest note that was believed, and when somebody was last asked.
type keptNote struct {
	Note    updateNote `json:"note"`
	AskedAt time.Time  `json:"askedAt"`
}

func newUpdates(h *house, c node.Config) *updates {
	u := &updates{in: h, address: updateURL, key: updateKey, version: version, file: filepath.Join(c.DataDir, "update.json")}
	if c.Update.Manifest != "" {
		u.address = c.Update.Manifest
	}
	u.client = &http.Client{
		Timeout: updateBudget,
		Transport: &http.Transport{
			DisableCompression: true,
			Proxy:              http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if err := u.load(); err != nil {
		h.log.Warn("read the newest note of a version", "error", err)
	}
	return u
}

// can tells why this build asks nobody, nil when it can.
func (u *updates) can() error {
	_, known := publicKey(u.key)
	_, released := parseVersion(u.version)
	if !known || !released || u.address == "" {
		return trading.Errorf(trading.Refused, "this build checks for no updates: it has no key to believe an answer by")
	}
	return nil
}

// serve asks once a day while the setting is on, until ctx ends.
func (u *updates) serve(ctx context.Context) {
	tick := time.NewTicker(updateLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		u.mu.Lock()
		due := u.in.now().Sub(u.last.AskedAt) >= updateEvery
		u.mu.Unlock()
		if !due || u.can() != nil || !u.in.settings.Now().Bool(updateSetting) {
			continue
		}
		if _, err := u.check(ctx); err != nil && ctx.Err() == nil {
			u.in.log.Warn("check for updates", "error", err)
		}
	}
}

// check asks now.
func (u *updates) check(ctx context.Context) (UpdateState, error) {
	if err := u.can(); err != nil {
		return UpdateState{}, err
	}
	if !u.in.settings.Now().Bool(updateSetting) {
		return UpdateState{}, trading.Errorf(trading.Refused, "checking for updates is off: set %s to true to have it asked", updateSetting)
	}
	note, err := u.ask(ctx)
	u.mu.Lock()
	u.last.AskedAt, u.err = u.in.now(), err
	if err == nil {
		err = u.believe(note)
		u.err = err
	}
	u.mu.Unlock()
	if err != nil {
		return UpdateState{}, err
	}
	return u.state(), nil
}

// ask fetches the note.
func (u *updates) ask(ctx context.Context) (updateNote, error) {
	from, err := url.Parse(u.address)
	if err != nil || from.Scheme != "https" {
		return updateNote{}, trading.Errorf(trading.Invalid, "the address of the note is %q: want https", u.address)
	}
	key, _ := publicKey(u.key)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.address, nil)
	if err != nil {
		return updateNote{}, trading.Wrap(trading.Invalid, err, "address the note")
	}
	// Nothing about this installation is said.
	req.Header.Set("User-Agent", "hoox")
	resp, err := u.client.Do(req)
	if err != nil {
		return updateNote{}, trading.Errorf(trading.Unavailable, "%s does not answer", from.Host)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return updateNote{}, trading.Errorf(trading.Unavailable, "%s answered %d", from.Host, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestUpdate+1))
	if err != nil || len(body) > largestUpdate {
		return updateNote{}, trading.Errorf(trading.Unavailable, "the answer of %s broke off or is too long", from.Host)
	}
	return readNote(body, key, from)
}

// believe keeps a note, unless it is older than one that was seen or names a version older than this one: a true note from
// long ago would hide the newest one. The caller holds mu.
func (u *updates) believe(note updateNote) error {
	ours, _ := parseVersion(u.version)
	theirs, _ := parseVersion(note.Version)
	seen, known := parseVersion(u.last.Note.Version)
	switch {
	case note.Issued.Before(u.last.Note.Issued), known && newer(seen, theirs):
		return trading.Errorf(trading.Rejected, "the note is older than one that was seen before (version %s of %s): it is not believed", u.last.Note.Version, when(u.last.Note.Issued))
	case newer(ours, theirs):
		return trading.Errorf(trading.Rejected, "the note names version %s, which is older than this one: it is not believed", note.Version)
	case note.Issued.After(u.in.now().Add(updateEvery)):
		return trading.Errorf(trading.Rejected, "the note is of %s, which is still to come: it is not believed", when(note.Issued))
	}
	u.last.Note = note
	text, err := json.MarshalIndent(u.last, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the note: %w", err)
	}
	return disk.WriteWhole(u.file, append(text, '\n'))
}

func (u *updates) load() error {
	text, err := os.ReadFile(u.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept keptNote
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	u.last = kept
	return nil
}

// state is what is known, without asking.
func (u *updates) state() UpdateState {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := UpdateState{CheckedAt: when(u.last.AskedAt)}
	ours, _ := parseVersion(u.version)
	theirs, known := parseVersion(u.last.Note.Version)
	switch {
	case u.can() != nil:
		s.State, s.Detail, s.CheckedAt = "never", faultOf(u.can(), "").Message, ""
	case !u.in.settings.Now().Bool(updateSetting):
		s.State, s.Detail = "off", "off: nothing is asked. Set "+updateSetting+" to true to be told of newer versions"
	case u.err != nil:
		s.State, s.Detail = "failed", faultOf(u.err, "").Message
	case !known:
		s.State, s.Detail = "unasked", "not asked yet"
	case newer(theirs, ours):
		s.State, s.Version, s.URL = "newer", u.last.Note.Version, u.last.Note.URL
		s.Detail = "version " + u.last.Note.Version + " is out"
		if u.last.Note.Notes != "" {
			s.Detail += ": " + u.last.Note.Notes
		}
	default:
		s.State, s.Detail = "current", "this is the newest version"
	}
	return s
}

// health is what Health says of it; a newer version is no fault.
func (u *updates) health() PartHealth {
	s := u.state()
	p := PartHealth{Name: "update", State: node.StateOK, Detail: s.Detail, CheckedAt: when(u.in.now())}
	switch s.State {
	case "off", "never":
		p.State = node.StateOff
	case "failed":
		p.State, p.Fix = node.StateDegraded, "try again under About; trading does not depend on it"
	case "newer":
		p.Fix = "read about it on " + s.URL
	}
	return p
}
