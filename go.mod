module hoox

go 1.26.0

ignore ./frontend/node_modules

require (
	codeberg.org/go-fonts/liberation v0.5.0 // the letters in pictures, the same on every computer
	filippo.io/age v1.3.2 // exported secrets, in a format that its own tool opens too
	fyne.io/systray v1.12.2 // the tray on Linux and Windows; the window's toolkit has none
	github.com/DeRuina/timberjack v1.4.9 // log rotation whose Close really stops
	github.com/adrg/xdg v0.5.3 // where each platform keeps data
	github.com/alecthomas/kong v1.17.0 // command line without globals
	github.com/go-telegram/bot v1.19.0 // what a Telegram bot sends; asking and posting are ours, because its own lose updates and let strangers in
	github.com/godbus/dbus/v5 v5.2.2 // Linux: stay awake, hear of sleep, find a tray
	github.com/gofrs/flock v0.13.1 // one instance on one data folder
	github.com/google/go-cmp v0.7.0 // tests: differences one can read
	github.com/google/uuid v1.6.0 // request ids that sort by time (v7)
	github.com/gorilla/websocket v1.5.3 // change hints to the browser; fixed by the owner
	github.com/mattn/go-isatty v0.0.20 // text for people, JSON for pipes
	github.com/mattn/go-sqlite3 v1.14.53 // the ledger; fixed by the owner; SQLite 3.54.1
	github.com/pelletier/go-toml/v2 v2.4.3 // config.toml with line and column in errors
	github.com/pquerna/otp v1.5.0 // codes of an authenticator (RFC 6238) for acts from a phone
	github.com/shopspring/decimal v1.6.0 // exact money
	github.com/thejerf/suture/v4 v4.0.6 // supervision: a part that fails is started again
	github.com/wailsapp/wails/v2 v2.16.0 // the window; fixed by the owner; never @latest, which answers an old one
	github.com/zalando/go-keyring v0.2.8 // the keychain of the system, for one key
	go.uber.org/goleak v1.3.0 // tests: no goroutine left behind
	golang.ngrok.com/muxado/v2 v2.0.1 // tests: the service's side of an ngrok tunnel
	golang.ngrok.com/ngrok/v2 v2.4.0 // ngrok tunnels without a program beside ours; below 2.2.1 it logs tokens
	golang.org/x/crypto v0.58.0 // seals the vault (XChaCha20-Poly1305, Argon2id); ssh tunnels
	golang.org/x/image v0.41.0 // reads those letters
	golang.org/x/sync v0.24.0 // groups of goroutines that are waited for
	golang.org/x/sys v0.49.0 // free disk space and child processes on Windows, child processes on macOS
	golang.org/x/term v0.47.0 // passphrases typed unseen
	gonum.org/v1/plot v0.17.0 // draws the PNG of a fill without a browser
	pgregory.net/rapid v1.3.0 // tests: properties of money and books
)

require (
	codeberg.org/go-latex/latex v0.2.0 // indirect
	filippo.io/hpke v0.4.0 // indirect
	git.sr.ht/~jackmordaunt/go-toast/v2 v2.0.3 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/bep/debounce v1.2.1 // indirect
	github.com/boombuler/barcode v1.0.1 // indirect
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/go-ole/go-ole v1.3.0 // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/jchv/go-winloader v0.0.0-20210711035445-715c2860da7e // indirect
	github.com/jpillora/backoff v1.0.0 // indirect
	github.com/klauspost/compress v1.20.1 // indirect
	github.com/labstack/echo/v4 v4.13.3 // indirect
	github.com/labstack/gommon v0.4.2 // indirect
	github.com/leaanthony/go-ansi-parser v1.6.1 // indirect
	github.com/leaanthony/gosod v1.0.4 // indirect
	github.com/leaanthony/slicer v1.6.0 // indirect
	github.com/leaanthony/u v1.1.1 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/pkg/browser v0.0.0-20240102092130-5ac0b6a4141c // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/samber/lo v1.49.1 // indirect
	github.com/tkrajina/go-reflector v0.5.8 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasttemplate v1.2.2 // indirect
	github.com/wailsapp/go-webview2 v1.0.22 // indirect
	github.com/wailsapp/mimetype v1.4.1 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)
