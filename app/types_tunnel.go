package app

// TunnelState is the way from the internet to the gateway.
type TunnelState struct {
	// Kind is none, cloudflared, ngrok, ssh, tailscale or command; Hostname what was configured, "" for none.
	Kind     string `json:"kind"`
	Hostname string `json:"hostname"`
	// Phase is off, starting, up, degraded or down. Up means that an answer came back through the public address.
	Phase string `json:"phase"`
	// Public is the address for TradingView, "" while there is none; Local is where the outside must lead to.
	Public string `json:"public"`
	Local  string `json:"local"`
	// Old is the address that TradingView was last set to, "" when that is Public.
	Old string `json:"old"`
	// Since is when the phase began, Next when a tunnel that is down is started again, ProvedAt when an answer last came back.
	Since    string `json:"since"`
	Next     string `json:"next"`
	ProvedAt string `json:"provedAt"`
	Restarts int    `json:"restarts"`
	// Version, Program and Hash are what runs.
	Version string `json:"version"`
	Program string `json:"program"`
	Hash    string `json:"hash"`
	Detail  string `json:"detail"`
	Fix     string `json:"fix"`
	// NotLive is why alerts for real money must not come this way, "" when they may.
	NotLive  string   `json:"notLive"`
	Warnings []string `json:"warnings"`
	// Output is what the tunnel's program said last, oldest first.
	Output []string `json:"output"`
	// HostKey is a server's key that waits for a person's word; its fingerprint is "" when none does.
	HostKey TunnelHostKey `json:"hostKey"`
	Kinds   []TunnelKind  `json:"kinds"`
}

// TunnelHostKey is the key of an ssh server.
type TunnelHostKey struct {
	Address     string `json:"address"`
	Type        string `json:"type"`
	Fingerprint string `json:"fingerprint"`
	// Known is the fingerprint that was confirmed before, "" at the first meeting.
	Known string `json:"known"`
}

// TunnelKind is one way, before it is chosen.
type TunnelKind struct {
	Kind string `json:"kind"`
	// Address says whether the client's address is known, TLS where the encryption ends and who can read alerts there.
	Address string `json:"address"`
	TLS     string `json:"tls"`
	// NotLive is why it must not carry alerts for real money, "" when it may.
	NotLive string `json:"notLive"`
	// Recipe is what to set up outside of this program, Install how the program that it needs is installed; "" for nothing.
	Recipe  string `json:"recipe"`
	Install string `json:"install"`
}

// ConfirmAddress names the address that TradingView points at now.
type ConfirmAddress struct {
	Address string `json:"address"`
}

// TrustHost names a key by its fingerprint.
type TrustHost struct {
	Fingerprint string `json:"fingerprint"`
}
