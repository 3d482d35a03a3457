// Package tunnel is the way from the internet to the gateway: it opens one, watches it, and comes back when it breaks.
//
// It owns the kinds of tunnel (cloudflared, ngrok, ssh, Tailscale Funnel, any command, none of ours), the child programs
// that some of them need, the public address and who must know that it changed, and what can be said of the client's
// address. Nothing but the gateway is behind it: every connection comes out of the Door, which the gateway's server
// accepts from, and each says itself which one header is to be believed. It leaves to others what a request means, who
// may trade, and how a person is told of an alarm.
//
// # How a tunnel lives
//
//	start → connected (its own word) → an answer came back through the public address → up
//	      → lost or no answer → degraded → up again, or after 90 s started anew
//	      → ended → down → 1 s, doubling to 60 s, beginning anew after a stable minute → start
//
// What only a person can change (a program that is not installed, a key that nobody has confirmed) waits the longest
// pause, or for Again. Away for more than 10 s is an alarm, once each time; a new address is one until it is confirmed.
//
// # Where a connection comes from
//
//	cloudflared    socket 0600 in the data folder, or a random port of this computer (quick)   Cf-Connecting-Ip
//	tailscale      a random port of this computer                                             X-Forwarded-For, set anew
//	ngrok          within this process                                                        X-Hoox-Client-Ip, set by a rule of ours
//	ssh            within this process                                                        what the person's proxy sets, if configured
//	command        a random port of this computer, or as configured                           the same
//	none           as configured, or the gateway's own port, which this room does not see      the same
//
// A local process can speak to a port and claim any address, so an address never lets anybody in by itself.
//
// # Security items and their tests
//
// They stand with those of all rooms in backend/testdata/security.txt.
package tunnel
