package app

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"hoox/backend/audit"
	"hoox/backend/disk"
	"hoox/backend/trading"
)

// Support is what somebody who helps needs to see, and nothing else: shown before it is saved, never sent by us.
type Support struct {
	in  *house
	who actor
}

// Preview is every file of a bundle with its whole text. It fails with Unavailable while the secrets that have to be cut out
// are not known, because the vault could not be read since the start or since it was changed.
func (s *Support) Preview(req AskSupport) (SupportBundle, error) {
	d := &deed{what: "collect a support bundle", action: audit.CollectSupport}
	return act(s.in, s.who, d, func(ctx context.Context) (SupportBundle, error) {
		if !s.in.knows() {
			return SupportBundle{}, trading.Errorf(trading.Unavailable, "the vault is locked, so its secrets cannot be cut out of the log: unlock it first")
		}
		shown, err := bundleOf(s.in.evidence(ctx, req))
		if err == nil {
			s.in.manners.witness.show(shown)
		}
		return shown, err
	})
}

// Save writes what Preview showed last into the support folder of the data folder. It fails with Conflict when that is not the
// bundle which the request names: nobody saves what nobody saw.
func (s *Support) Save(req SaveSupport) (SavedSupport, error) {
	d := &deed{what: "save a support bundle", action: audit.SaveSupport}
	return act(s.in, s.who, d, func(context.Context) (SavedSupport, error) {
		shown, ok := s.in.manners.witness.seen(req.Digest)
		if !ok {
			return SavedSupport{}, trading.Errorf(trading.Conflict, "this is not the bundle that was shown last: look at it again, only what was seen is saved")
		}
		packed, err := packSupport(shown, s.in.now())
		if err != nil {
			return SavedSupport{}, err
		}
		folder := filepath.Join(s.in.dataDir, "support")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return SavedSupport{}, trading.Wrap(trading.Unavailable, err, "make the folder of support bundles")
		}
		file := filepath.Join(folder, supportName(s.in.now()))
		if err := disk.WriteWhole(file, packed); err != nil {
			return SavedSupport{}, trading.Wrap(trading.Unavailable, err, "write the support bundle")
		}
		return SavedSupport{File: file, Bytes: int64(len(packed))}, nil
	})
}

// bundleOf is a bundle of files.
func bundleOf(files []SupportFile) (SupportBundle, error) {
	text, err := json.Marshal(files)
	if err != nil {
		return SupportBundle{}, fmt.Errorf("read the bundle: %w", err)
	}
	sum := sha256.Sum256(text)
	return SupportBundle{Items: files, Digest: hex.EncodeToString(sum[:])}, nil
}

func supportName(at time.Time) string {
	return "hoox-support-" + at.UTC().Format("20060102-150405.000") + ".zip"
}

// packSupport makes one file of a bundle.
func packSupport(files []SupportFile, at time.Time) ([]byte, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at.UTC()}
		header.SetMode(0o600)
		entry, err := w.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.Name, err)
		}
		if _, err := io.WriteString(entry, f.Text); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack the bundle: %w", err)
	}
	return packed.Bytes(), nil
}

// evidence collects a bundle from the running program. What cannot be read says so in its file.
func (h *house) evidence(ctx context.Context, req AskSupport) []SupportFile {
	w := h.manners.witness
	files := w.files(ctx, []finding{configFinding(w.config), folderFinding(w.config.DataDir), diskFinding(w.config.DataDir), userFinding()})
	add := func(name, why string, read func() (any, error)) {
		files = append(files, w.file(name, why, func() (string, error) {
			v, err := read()
			if err != nil {
				return "", err
			}
			text, err := json.MarshalIndent(v, "", "  ")
			return string(text) + "\n", err
		}))
	}
	add("health.json", "how every part is", func() (any, error) { return h.health(ctx), nil })
	add("settings.json", "what is set, and by whom", func() (any, error) {
		changed, err := h.keeper.Changed(ctx)
		if err != nil {
			return nil, err
		}
		rows := []SettingRow{}
		for _, m := range h.settings.List() {
			row := h.settingRow(m, h.settings.Now(), changed)
			row.Help = ""
			rows = append(rows, row)
		}
		return rows, nil
	})
	add("accounts.json", "which accounts are connected; no money, no keys", func() (any, error) { return h.connections(), nil })
	if req.Balances {
		add("balances.json", "what the accounts are worth, because you ticked it", func() (any, error) { return h.money.Equity(ctx) })
	}
	return files
}

// connection is an account in a support bundle.
type connection struct {
	Account    string `json:"account"`
	ComparedAt string `json:"comparedAt"`
	Problem    string `json:"problem"`
}

func (h *house) connections() []connection {
	list := []connection{}
	for _, c := range h.compared() {
		line := connection{Account: string(c.Account), ComparedAt: when(c.At)}
		if c.Problem != nil {
			line.Problem = c.Problem.Error()
		}
		list = append(list, line)
	}
	return list
}
