package app

import (
	"io"
	"net"

	"hoox/backend/node"
)

type doctorCommand struct{}

// finding is one line of the diagnosis.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	// Fix says what to do, "" when nothing is to be done.
	Fix string `json:"fix"`
}

// diagnosis is the machine output of `hoox doctor`.
type diagnosis struct {
	Running bool      `json:"running"`
	Items   []finding `json:"items"`
}

func (c *doctorCommand) Run(sh *shell) error {
	d := diagnosis{Items: []finding{}}
	config, err := node.Load(sh.flags, sh.env)
	if err != nil {
		d.Items = append(d.Items, finding{"configuration", false, faultOf(err, "").Message, "correct the named place and try again"})
		return d.end(sh)
	}
	config.Keychain = sh.keychain
	d.Running = held(config.DataDir)
	d.Items = append(d.Items, configFinding(config), folderFinding(config.DataDir), userFinding())
	if d.Running {
		d.Items = append(d.Items, d.ask(sh)...)
		d.Items = append(d.Items, d.askAccounts(sh)...)
	} else {
		d.Items = append(d.Items, atRest(sh, config, net.DefaultResolver.LookupHost)...)
	}
	d.Items = append(d.Items, windowFindings(sh, config.DataDir)...)
	return d.end(sh)
}

// atRest is what can be seen of an installation that does not run. names looks up where a name leads.
func atRest(sh *shell, c node.Config, names lookup) []finding {
	list := []finding{leftoverFinding(c.DataDir), diskFinding(c.DataDir), vaultFinding(sh, c),
		portFinding("gateway port", c.Gateway.Listen, "--listen"), portFinding("control port", c.Control.Listen, "--control")}
	return append(list, ledgerFindings(sh, c, names)...)
}

func (d diagnosis) end(sh *shell) error {
	faults := 0
	for _, f := range d.Items {
		if !f.OK {
			faults++
		}
	}
	err := sh.show(d, func(w io.Writer) {
		t := columns("check", "result", "detail")
		for _, f := range d.Items {
			result, detail := "ok", f.Detail
			if !f.OK {
				result = "FAULT"
			}
			if f.Fix != "" {
				detail += ". Fix: " + f.Fix
			}
			t.add(f.Name, result, detail)
		}
		t.print(w)
	})
	if err == nil && faults > 0 {
		return ended(exitFailed, "%d of %d checks found a fault", faults, len(d.Items))
	}
	return err
}

// ask lists what the running instance says about its parts: it has looked at them already, and knows more than anybody outside.
func (d diagnosis) ask(sh *shell) []finding {
	health, err := ask[HealthReport](sh, "Health/Get", Empty{})
	if err != nil {
		return []finding{{"running", false, "an instance has the data folder, but does not answer: " + err.Error(), "wait a little; if it stays, stop it and start it again"}}
	}
	items := []finding{{Name: "running", OK: true, Detail: "version " + health.Version + " answers"}}
	if health.Version != version {
		items[0].Fix = "it is another version than this command (" + version + "): restart it"
	}
	for _, p := range health.Items {
		if p.State != node.StateOff {
			items = append(items, partFinding(p))
		}
	}
	return items
}

// partFinding is a part of the house as a line of the diagnosis.
func partFinding(p PartHealth) finding {
	return finding{Name: p.Name, OK: p.State == node.StateOK, Detail: p.Detail, Fix: p.Fix}
}
