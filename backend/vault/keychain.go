package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"

	"hoox/backend/trading"
)

// Keychain is where the system of a person keeps passwords. Get and Delete fail with ErrNoEntry for what is not in it.
type Keychain interface {
	Get(service, user string) (string, error)
	Set(service, user, password string) error
	Delete(service, user string) error
}

// ErrNoEntry is what a keychain says that has no such entry.
var ErrNoEntry = keyring.ErrNotFound

// service is the name of our entries in a keychain.
const service = "hoox vault"

// keychainPatience is how long a keychain may take. One that asks a person for its password answers the next question.
const keychainPatience = 8 * time.Second

// SystemKeychain is macOS' Keychain, Windows' Credential Manager, or the Secret Service of a Linux desktop.
func SystemKeychain(env func(string) string) Keychain {
	return systemKeychain{env, exists, keychainPatience}
}

type systemKeychain struct {
	env      func(string) string
	exists   func(path string) bool
	patience time.Duration
}

func (k systemKeychain) Get(service, user string) (string, error) {
	return k.ask(func() (string, error) { return keyring.Get(service, user) })
}

func (k systemKeychain) Set(service, user, password string) error {
	_, err := k.ask(func() (string, error) { return "", keyring.Set(service, user, password) })
	return err
}

func (k systemKeychain) Delete(service, user string) error {
	_, err := k.ask(func() (string, error) { return "", keyring.Delete(service, user) })
	return err
}

// ask asks once. A keychain that waits for a person cannot be interrupted: its answer is then heard by nobody.
func (k systemKeychain) ask(question func() (string, error)) (string, error) {
	if !k.present() {
		return "", errors.New("there is no session bus, so no Secret Service (GNOME Keyring, KWallet, KeePassXC) can be asked")
	}
	type answer struct {
		text string
		err  error
	}
	heard := make(chan answer, 1)
	go func() {
		text, err := question()
		heard <- answer{text, err}
	}()
	limit := time.NewTimer(k.patience)
	defer limit.Stop()
	select {
	case a := <-heard:
		return a.text, a.err
	case <-limit.C:
		return "", fmt.Errorf("no answer within %s; it may be asking for its own password", k.patience)
	}
}

// present tells whether there is somebody to ask. Without a session bus the library would start one that nobody else is on.
func (k systemKeychain) present() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return true
	}
	if address := k.env("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return true
	}
	return k.exists(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// keychainKeys keeps keys in a keychain, one small entry each.
type keychainKeys struct{ chain Keychain }

func (k keychainKeys) make(s *seal) ([]byte, error) {
	key := randomBytes(keySize)
	if err := k.chain.Set(service, s.ID, base64.StdEncoding.EncodeToString(key)); err != nil {
		return nil, away(err)
	}
	return key, nil
}

func (k keychainKeys) fetch(s seal) ([]byte, error) {
	text, err := k.chain.Get(service, s.ID)
	if errors.Is(err, ErrNoEntry) {
		return nil, trading.Errorf(trading.Unavailable, "the keychain has no entry %q for this vault: it belongs to another user, computer or keychain. "+
			"Open that one, or move vault.json away and import your export", service+" "+s.ID)
	}
	if err != nil {
		return nil, away(err)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != keySize {
		return nil, trading.Errorf(trading.Internal, "the entry %q of the keychain is no key of ours: move vault.json away and import your export", service+" "+s.ID)
	}
	return key, nil
}

func (k keychainKeys) forget(id string) error {
	if err := k.chain.Delete(service, id); err != nil && !errors.Is(err, ErrNoEntry) {
		return away(err)
	}
	return nil
}

// away tells that the keychain cannot be asked now, and what to do about it.
func away(err error) error {
	fix := "unlock it and try again"
	if runtime.GOOS == "linux" {
		fix = "log in to the desktop, or start and unlock its Secret Service, and try again; without one, seal the vault by a passphrase"
	}
	return trading.Errorf(trading.Unavailable, "the keychain of this system does not answer (%v): %s", err, fix)
}
