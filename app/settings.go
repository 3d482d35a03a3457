package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	"hoox/backend/audit"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// keeper is what else the ledger keeps: its own health, orders in doubt, and settings with their history.
type keeper interface {
	Ping(ctx context.Context) error
	InDoubt(ctx context.Context) ([]trading.Order, error)
	// Changed tells who changed which setting last, by key.
	Changed(ctx context.Context) (map[string]change, error)
	History(ctx context.Context, key string) ([]SettingChange, error)
	// Change validates, stores and brings into force.
	Change(ctx context.Context, key, value, actor string) error
}

// change is who changed something, and when.
type change struct {
	at    time.Time
	actor string
}

// Settings is the manifest: what a trader may change while the program runs.
type Settings struct {
	in  *house
	who actor
}

// killKey is the setting that only mirrors the kill switch.
const killKey = "trade:kill_switch"

// List is the manifest in the order shown, as a whole or page by page.
func (s *Settings) List(req ListSettings) (SettingList, error) {
	return answer(s.in, "list settings", func(ctx context.Context) (SettingList, error) {
		rows, next, err := settingsPage(s.in.settings.List(), req)
		if err != nil {
			return SettingList{}, err
		}
		changed, err := s.in.keeper.Changed(ctx)
		if err != nil {
			return SettingList{}, err
		}
		now := s.in.settings.Now()
		return SettingList{Items: each(rows, func(m settings.Setting) SettingRow {
			return s.in.settingRow(m, now, changed)
		}), Next: next}, nil
	})
}

// settingsPage is the part of the manifest that was asked for; its cursor is the last key shown.
func settingsPage(all []settings.Setting, req ListSettings) (page []settings.Setting, next string, err error) {
	if req.Cursor != "" {
		last := slices.IndexFunc(all, func(m settings.Setting) bool { return m.Key == req.Cursor })
		if last < 0 {
			return nil, "", trading.FieldError("cursor", "want one that an earlier page gave")
		}
		all = all[last+1:]
	}
	if req.Limit == 0 {
		return all, "", nil
	}
	limit, err := limitOf(req.Limit)
	if err != nil || limit >= len(all) {
		return all, "", err
	}
	return all[:limit], all[limit-1].Key, nil
}

// Set changes one setting and returns it as it then stands. It fails with NotFound for an unknown key, and with Invalid
// and the bounds in words for a value that is not allowed; nothing is clamped.
func (s *Settings) Set(req SetSetting) (SettingRow, error) {
	d := &deed{what: "change setting", action: audit.SetSetting, subject: req.Key, after: req.Value}
	return act(s.in, s.who, d, func(ctx context.Context) (SettingRow, error) {
		m, err := s.in.settings.Find(req.Key)
		if err != nil {
			return SettingRow{}, err
		}
		if m.ReadOnly {
			return SettingRow{}, trading.Errorf(trading.Refused, "%s is only shown here: %s", m.Key, m.Help)
		}
		d.before = s.in.settings.Now().Text(m.Key)
		if err := s.in.applySetting(m, req.Value); err != nil {
			return SettingRow{}, err
		}
		if err := s.in.keeper.Change(ctx, req.Key, req.Value, s.who.name); err != nil {
			return SettingRow{}, err
		}
		changed, err := s.in.keeper.Changed(ctx)
		if err != nil {
			return SettingRow{}, err
		}
		return s.in.settingRow(m, s.in.settings.Now(), changed), nil
	})
}

// History is every change of one setting, newest first. It fails with NotFound for an unknown key.
func (s *Settings) History(req GetSetting) (SettingHistory, error) {
	return answer(s.in, "read setting history", func(ctx context.Context) (SettingHistory, error) {
		m, err := s.in.settings.Find(req.Key)
		if err != nil {
			return SettingHistory{}, err
		}
		list, err := s.in.keeper.History(ctx, m.Key)
		return SettingHistory{Items: filled(list)}, err
	})
}

func (h *house) settingRow(m settings.Setting, now settings.Snapshot, changed map[string]change) SettingRow {
	row := SettingRow{
		Key: m.Key, Value: now.Text(m.Key), Default: m.Default, Type: string(m.Type), Bounds: m.Bounds(), Options: filled(m.Options),
		Help: m.Help, Group: m.Group, Unit: m.Unit, ReadOnly: m.ReadOnly,
	}
	stored := m.Key
	if m.Alias != "" {
		stored = m.Alias
	}
	if c, ok := changed[stored]; ok {
		row.UpdatedAt, row.Actor = when(c.at), c.actor
	}
	if m.Key == autostartKey {
		row.Value = h.autostartRow(row.Value)
	}
	if m.Key == killKey {
		standing := h.kill.Standing()
		row.Value = strconv.FormatBool(standing.State == risk.Halted)
		row.UpdatedAt, row.Actor = when(standing.Since), standing.Actor
	}
	return row
}
