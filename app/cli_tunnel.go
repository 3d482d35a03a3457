package app

import (
	"fmt"
	"io"
)

type tunnelCommand struct {
	Status  tunnelStatusCommand  `cmd:"" default:"1" help:"The way from the internet to the gateway: kind, public address, what is wrong and what to do."`
	Confirm tunnelConfirmCommand `cmd:"" help:"Say that TradingView points at this address now; ends the alarm about a changed one."`
	Trust   tunnelTrustCommand   `cmd:"" help:"Vouch for the key of an ssh server by its fingerprint."`
	Forget  tunnelForgetCommand  `cmd:"" help:"Take back the word about the key of an ssh server."`
	Retry   tunnelRetryCommand   `cmd:"" help:"Start a tunnel that is down now instead of after its pause."`
}

type tunnelStatusCommand struct {
	Log bool `help:"Also what the tunnel's program said last."`
}

func (c *tunnelStatusCommand) Run(sh *shell) error {
	state, err := ask[TunnelState](sh, "Tunnel/Get", Empty{})
	if err != nil {
		return err
	}
	return sh.show(state, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s%s\n", state.Kind, state.Phase, either(state.Detail == "", "", ": "+state.Detail))
		for _, line := range [][2]string{{"public", state.Public}, {"leads to", state.Local}, {"came back", state.ProvedAt}, {"TradingView still has", state.Old},
			{"program", state.Program}, {"version", state.Version}, {"not for live", state.NotLive}, {"fix", state.Fix}} {
			if line[1] != "" {
				fmt.Fprintf(w, "%s: %s\n", line[0], line[1])
			}
		}
		if k := state.HostKey; k.Fingerprint != "" {
			fmt.Fprintf(w, "%s shows the key %s %s; if that is your server's, `hoox tunnel trust %s`\n", k.Address, k.Type, k.Fingerprint, k.Fingerprint)
		}
		for _, words := range state.Warnings {
			fmt.Fprintln(w, words)
		}
		if c.Log {
			for _, line := range state.Output {
				fmt.Fprintln(w, line)
			}
		}
	})
}

type tunnelConfirmCommand struct {
	Address string `arg:"" help:"The public address, as status shows it."`
}

func (c *tunnelConfirmCommand) Run(sh *shell) error {
	return sh.tunnel("Confirm", ConfirmAddress{c.Address}, "noted: TradingView points at "+c.Address)
}

type tunnelTrustCommand struct {
	Fingerprint string `arg:"" help:"SHA256:… as status shows it, compared with what the server says of itself."`
}

func (c *tunnelTrustCommand) Run(sh *shell) error {
	return sh.tunnel("TrustHost", TrustHost{c.Fingerprint}, "the server's key is trusted")
}

type tunnelForgetCommand struct{}

func (c *tunnelForgetCommand) Run(sh *shell) error {
	return sh.tunnel("ForgetHost", Empty{}, "the server's key is forgotten; the next connection asks")
}

type tunnelRetryCommand struct{}

func (c *tunnelRetryCommand) Run(sh *shell) error {
	return sh.tunnel("Retry", Empty{}, "started again")
}

// tunnel calls a method of the running instance and says what it did.
func (sh *shell) tunnel(method string, request any, words string) error {
	done, err := ask[Receipt](sh, "Tunnel/"+method, request)
	if err != nil {
		return err
	}
	return sh.show(done, func(w io.Writer) { fmt.Fprintln(w, words) })
}
