package tunnel

import (
	"encoding/json"
	"os"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// addresses remembers where TradingView was told to send alerts, beyond the end of the program.
type addresses struct {
	file string
	// Told is the address that a person has set in TradingView, Seen the one that the tunnel had last.
	Told string `json:"told"`
	Seen string `json:"seen"`
}

// readAddresses reads the file; what cannot be read counts as never seen, because all it can lead to is one alarm less.
func readAddresses(file string) addresses {
	a := addresses{file: file}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &a) != nil {
		return addresses{file: file}
	}
	return a
}

func (a addresses) write() error {
	data, err := json.Marshal(a)
	if err != nil {
		return trading.Wrap(trading.Internal, err, "write the tunnel's address")
	}
	return trading.Wrap(trading.Unavailable, disk.WriteWhole(a.file, append(data, '\n')), "write the tunnel's address")
}

// moved raises the alarm that alerts still go to an old address.
func (r *Runner) moved(old, public string) {
	r.parts.Alarm(Alarm{
		Kind: AddressChanged, Old: old, New: public, At: r.parts.Now(),
		Text: "The public address has changed: TradingView still points at the old address " + old + ", where alerts are lost.",
		Fix:  "set the webhook URL of every alert in TradingView to " + public + "/webhook, then confirm it here",
	})
}

// remember notes the address that the tunnel has now, and returns the one that TradingView was told when that is another
// one; fresh tells that the tunnel had not this address last. The first address ever counts as told.
func (r *Runner) remember(public string) (old string, fresh bool) {
	r.booking.Lock()
	defer r.booking.Unlock()
	a := &r.addresses
	if a.Told == "" {
		a.Told = public
	}
	if a.Told != public {
		old = a.Told
	}
	if a.Seen == public {
		return old, false
	}
	a.Seen = public
	if err := a.write(); err != nil {
		r.parts.Log.Error("remember the tunnel's address", "error", err)
	}
	return old, true
}

// Confirm notes that TradingView points at public now. It fails with Conflict when the tunnel has another address by now.
func (r *Runner) Confirm(public string) error {
	r.booking.Lock()
	defer r.booking.Unlock()
	if current := r.State().Public; public == "" || current != public {
		return trading.Errorf(trading.Conflict, "the public address is %q now: set that one in TradingView", current)
	}
	r.addresses.Told = public
	if err := r.addresses.write(); err != nil {
		return err
	}
	r.set(func(s *State) { s.Old = "" })
	return nil
}
