#!/usr/bin/env bash
# Builds the desktop program around a page that wants out, and looks on: whatever it tries, the window stays on our page and
# nothing of it reaches another server. Then the same with the window let go of, so that the page does get out: what it
# says from there is refused by the program.
#
#   ./build/hostile-test.sh
#
# Runs on a virtual display; everything stays on this machine.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# ---- outside: a display and a session bus --------------------------------------------------------------------------
if [ -z "${HOOX_HOSTILE_TEST:-}" ]; then
	need_go
	command -v node >/dev/null || die "Node.js is not installed (or not on PATH)"
	session=()
	if command -v dbus-run-session >/dev/null; then session=(dbus-run-session --); fi
	HOOX_HOSTILE_TEST=yes exec xvfb-run -a -s '-screen 0 1440x900x24' "${session[@]}" "$ROOT/build/hostile-test.sh"
fi

# ---- inside --------------------------------------------------------------------------------------------------------
work=$(mktemp -d "${TMPDIR:-/tmp}/hoox-hostile.XXXXXX")
pids=()

finish() {
	local code=$? pid
	trap - EXIT
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	if [ "$code" -ne 0 ]; then tail -n 30 "$work"/*.log >&2 || true; fi
	rm -rf "$work"
	exit "$code"
}
trap finish EXIT

# ---- the other server: its page commands a halt, and says so --------------------------------------------------------
cat >"$work/server.mjs" <<'END'
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
const [seen, address] = process.argv.slice(2)
const page = `<!doctype html><title>elsewhere</title><script>
const halt = { name: 'app.Kill.Set', args: [{ state: 'halted', reason: 'from elsewhere' }], callbackID: 'elsewhere' }
for (const message of ['C' + JSON.stringify(halt), 'EE' + JSON.stringify({ name: 'quit', data: [] })])
  window.webkit.messageHandlers.external.postMessage(message)
fetch('/said')
</script>`
const server = createServer((request, answer) => {
  appendFileSync(seen, request.method + ' ' + request.url + '\n')
  answer.writeHead(200, { 'Content-Type': 'text/html' }).end(page)
})
server.listen(0, '127.0.0.1', () => {
  writeFileSync(address + '.new', 'http://127.0.0.1:' + server.address().port)
  renameSync(address + '.new', address)
})
END
seen=$work/seen
: >"$seen"
node "$work/server.mjs" "$seen" "$work/address" 2>"$work/server.log" &
pids+=($!)

# wait_for SECONDS WHAT COMMAND... asks until the command succeeds.
wait_for() {
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || die "waited in vain: $what"
		sleep 0.2
	done
}
wait_for 20 "the other server" test -s "$work/address"
elsewhere=$(cat "$work/address")

# ---- our page, turned hostile -----------------------------------------------------------------------------------------
printf '<!doctype html><title>hostile</title><body><script src="/hostile.js"></script></body>' >"$work/index.html"
printf "const elsewhere = '%s'\n" "$elsewhere" >"$work/hostile.js"
cat >>"$work/hostile.js" <<'END'
const say = (text) => window.runtime.LogError('page: ' + text)
const later = (ms) => new Promise((go) => setTimeout(go, ms))
const add = (tag, these) => document.body.appendChild(Object.assign(document.createElement(tag), these))
const submit = (these) => add('form', these).submit()

const ways = {
  href: () => (location.href = elsewhere + '/href'),
  assign: () => location.assign(elsewhere + '/assign'),
  replace: () => location.replace(elsewhere + '/replace'),
  top: () => (top.location = elsewhere + '/top'),
  open: () => say('open gave ' + window.open(elsewhere + '/open')),
  'open-self': () => window.open(elsewhere + '/open-self', '_self'),
  link: () => add('a', { href: elsewhere + '/link' }).click(),
  'link-blank': () => add('a', { href: elsewhere + '/link-blank', target: '_blank' }).click(),
  'link-top': () => add('a', { href: elsewhere + '/link-top', target: '_top' }).click(),
  'form-get': () => submit({ action: elsewhere + '/form-get' }),
  'form-post': () => submit({ action: elsewhere + '/form-post', method: 'post', target: '_blank' }),
  meta: () => {
    document.head.innerHTML += '<meta http-equiv="refresh" content="0;url=' + elsewhere + '/meta">'
  },
  frame: () => add('iframe', { src: elsewhere + '/frame' }),
  object: () => add('object', { data: elsewhere + '/object' }),
  embed: () => add('embed', { src: elsewhere + '/embed' }),
  image: () => add('img', { src: elsewhere + '/image' }),
  fetch: () => fetch(elsewhere + '/fetch', { mode: 'no-cors' }),
  beacon: () => navigator.sendBeacon(elsewhere + '/beacon', 'x'),
  socket: () => new WebSocket(elsewhere.replace('http', 'ws') + '/socket'),
  module: () => import(elsewhere + '/module'),
  data: () => (location.href = 'data:text/html,<script src="' + elsewhere + '/data"></script>'),
  blob: () => (location.href = URL.createObjectURL(new Blob(['<img src="' + elsewhere + '/blob">'], { type: 'text/html' }))),
  file: () => (location.href = 'file:///etc/hostname'),
  other: () => (location.href = 'wails://elsewhere/'),
  back: () => history.go(-1),
}

// What our own page does for a person who saves a list.
function save() {
  const href = URL.createObjectURL(new Blob(['saved'], { type: 'text/csv;charset=utf-8' }))
  Object.assign(document.createElement('a'), { href, download: 'list.csv' }).click()
}

async function run() {
  while (!window.go?.app?.Kill || !window.runtime) await later(50)
  await window.go.app.Kill.Set({ state: 'reducing', reason: 'from home' })
  say('it is ours: ' + Object.keys(ways).length + ' ways')
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way()
    } catch (error) {
      say(name + ' refused: ' + error)
    }
    await later(250)
    say('after ' + name + ' at ' + location.href)
  }
  save()
  await later(1500)
  say('still at home at ' + location.href)
}
run()
END

# overlay FILE [SOURCE]... puts files over those of the tree for one build.
overlay() {
	node -e '
		const [root, work, loose] = process.argv.slice(1)
		const over = (name, by) => [root + "/" + name, work + "/" + by]
		const pairs = [over("frontend/dist/index.html", "index.html"), over("frontend/dist/hostile.js", "hostile.js")]
		if (loose) pairs.push(over("app/window_stay_linux.go", loose))
		console.log(JSON.stringify({ Replace: Object.fromEntries(pairs) }))' "$ROOT" "$work" "$@"
}
sed 's/^func stayHome() {.*/func stayHome() {}/' app/window_stay_linux.go >"$work/loose.go"
! cmp -s app/window_stay_linux.go "$work/loose.go" || die "the window could not be let go of: stayHome is not where it was"
overlay >"$work/kept.json"
overlay loose.go >"$work/loose.json"
GOFLAGS="$GOFLAGS -overlay=$work/kept.json" binary desktop "$work/kept"
GOFLAGS="$GOFLAGS -overlay=$work/loose.json" binary desktop "$work/loose"

# ---- the two runs ------------------------------------------------------------------------------------------------------
export HOOX_GATEWAY_LISTEN=127.0.0.1:0 HOOX_CONTROL_LISTEN=127.0.0.1:0 HOOX_PAPER_MARKET=synthetic HOOX_VAULT_SEAL=file
unset HOOX_DATA_DIR WAYLAND_DISPLAY
export LANG=C LC_ALL=C NO_AT_BRIDGE=1 GTK_A11Y=none GDK_BACKEND=x11
export XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/share XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
export HOME=$work/home
mkdir -p "$work/run" "$HOME"
chmod 700 "$work/run"

# open_window NAME starts one of the two; its log is NAME.log.
open_window() {
	"$work/$1" --data-dir "$work/$1.data" window >/dev/null 2>"$work/$1.log" &
	pid=$!
	pids+=("$pid")
}
heard() { grep -q "$2" "$work/$1.log"; }
asked() { grep -q "$1" "$seen"; }
state() { "$work/$1" --data-dir "$work/$1.data" kill status --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).state'; }
windows() { xdotool search --onlyvisible --name '.*' 2>/dev/null | wc -l; }

open_window kept
wait_for 60 "the page to be ours" heard kept 'page: it is ours'
before=$(windows)
wait_for 60 "the page to be still at home after all it tried" heard kept 'page: still at home at wails://wails/"'
[ ! -s "$seen" ] || die "the page got out: $(cat "$seen")"
[ "$(state kept)" = reducing ] || die "the kill switch is $(state kept), and only our own page set it, to reducing"
[ "$(windows)" -le "$before" ] || die "the page opened another window"
heard kept 'page: open gave null' || die "the page has another window in its hands"
tried=$(grep -c 'page: after .* at wails://wails/"' "$work/kept.log")
[ "$tried" -ge 24 ] || die "only $tried ways out were tried"
[ "$(cat "$HOME"/list.csv "$HOME"/Downloads/list.csv 2>/dev/null)" = saved ] || die "our own page cannot save a list any more"
note "$tried ways out lead nowhere"
kill "$pid"
wait "$pid" || true

open_window loose
wait_for 60 "the page to get out of a window that does not keep it" asked 'GET /href'
wait_for 20 "the page elsewhere to have commanded a halt" asked 'GET /said'
wait_for 20 "the program to turn away what a page elsewhere says" heard loose 'unauthorized origin'
[ "$(state loose)" = reducing ] || die "the kill switch is $(state loose): a page of another address commanded it"
kill -0 "$pid" || die "a page of another address made the program quit"
note "what a page of another address commands is refused"
