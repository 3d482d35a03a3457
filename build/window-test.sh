#!/usr/bin/env bash
# Starts the real desktop program on a virtual display and does with it what a person would: an alert comes in and shows
# within a second, the kill switch is thrown from the keyboard, the window is closed, and quits when it was told to.
#
#   ./build/window-test.sh PROGRAM
#
# HOOX_SHOTS=DIR keeps a screenshot of each act there. Tried a second time when the first fails: a virtual display
# now and then opens no window at all.

set -euo pipefail

program=$(realpath "${1:?usage: $0 PROGRAM}")
here=$(cd "$(dirname "$0")" && pwd)

# ---- outside: a display and a session bus for each try -------------------------------------------------------------
if [ -z "${HOOX_WINDOW_TEST:-}" ]; then
	session=()
	if command -v dbus-run-session >/dev/null; then session=(dbus-run-session --); fi
	for try in 1 2; do
		if HOOX_WINDOW_TEST=$try xvfb-run -a -s '-screen 0 1440x900x24' "${session[@]}" "$here/window-test.sh" "$program"; then
			exit 0
		fi
		printf 'window test: try %d failed\n' "$try" >&2
	done
	exit 1
fi

# ---- inside -------------------------------------------------------------------------------------------------------
work=$(mktemp -d "${TMPDIR:-/tmp}/hoox-window.XXXXXX")
data=$work/data
log=$work/stderr.log
shots=${HOOX_SHOTS:-$work/shots}
mkdir -p "$data" "$shots" "$work/run"
chmod 700 "$work/run"
pid=

finish() {
	local code=$?
	trap - EXIT
	if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
		kill "$pid" 2>/dev/null || true
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
	fi
	if [ "$code" -ne 0 ] && [ -f "$log" ]; then
		printf -- '--- the last of the log:\n' >&2
		tail -n 40 "$log" >&2
	fi
	rm -rf "$work"
	exit "$code"
}
trap finish EXIT

say() { printf '  %s\n' "$*"; }
die() {
	printf '  FAIL: %s\n' "$*" >&2
	exit 1
}

# now is milliseconds.
now() { date +%s%3N; }

# hoox runs a command of the program beside the window.
hoox() { "$program" --data-dir "$data" "$@"; }

logged() { grep -q "\"msg\":\"$1\"" "$log"; }

# alive fails the test when the program has ended or the page has reported an error.
alive() {
	kill -0 "$pid" 2>/dev/null || die "the program has ended"
	if logged 'page error'; then
		grep '"msg":"page error"' "$log" >&2
		die "the page reported an error"
	fi
}

# wait_for SECONDS WHAT COMMAND... asks until the command succeeds.
wait_for() {
	local until=$(($(now) + $1 * 1000)) what=$2
	shift 2
	until "$@"; do
		alive
		[ "$(now)" -lt "$until" ] || die "waited in vain: $what"
		sleep 0.1
	done
}

# shot FILE takes the picture of the window's middle: no lamps, no clock, only the page.
shot() { import -window "$window" -crop "$area" +repage "$1"; }

# keep NAME keeps a picture of the whole window for people.
keep() { import -window "$window" "$shots/$HOOX_WINDOW_TEST-$1.png"; }

# changed A B prints how many pixels differ visibly.
changed() { compare -metric AE -fuzz 8% "$1" "$2" null: 2>&1 | sed 's/[^0-9.e+].*//' | xargs printf '%.0f' || true; }

# field EXPRESSION prints a value of the JSON on stdin, called `it`; lists may come bare or under "items".
field() {
	node -e '
		const it = JSON.parse(require("fs").readFileSync(0, "utf8"))
		const items = Array.isArray(it) ? it : (it.items ?? [])
		console.log(eval(process.argv[1]))' "$1"
}

filled() { [ "$(hoox fills --json | field 'items.some(f => f.symbol === "BTCUSDT" && Number(f.quantity) === 0.01)')" = true ]; }
halted() { [ "$(hoox kill status --json | field it.state)" = halted ]; }
window_open() { window=$(xdotool search --onlyvisible --name hoox | tail -n 1) && [ -n "$window" ]; }
gone() { ! kill -0 "$pid" 2>/dev/null; }

# A first start on the paper account with a market that needs no network, apart from the user's folders. LANG=C because
# WebKit then names no usable language, which has emptied charts before.
export HOOX_GATEWAY_LISTEN=127.0.0.1:0 HOOX_CONTROL_LISTEN=127.0.0.1:0 HOOX_PAPER_MARKET=synthetic HOOX_VAULT_SEAL=file
unset HOOX_DATA_DIR
# No accessibility bus: its processes would outlive the session.
export LANG=C LC_ALL=C NO_AT_BRIDGE=1 GTK_A11Y=none GDK_BACKEND=x11
export XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/share XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
unset WAYLAND_DISPLAY

gcc -o "$work/window-close" "$here/window-close.c" -lX11

began=$(now)
"$program" --data-dir "$data" window >"$work/stdout.log" 2>"$log" &
pid=$!
wait_for 60 "the page's first paint" logged 'window painted'
say "painted after $(($(now) - began)) ms"
wait_for 10 "the window" window_open
[ -f "$data/control.json" ] || die "no control.json in the data folder"
[ "$(stat -c %a "$data/control.json")" = 600 ] || die "control.json is readable by others"

# What the doctor says of a window that works, and of the setting that is known to leave one empty.
finding() { hoox --json doctor 2>/dev/null | field "items.find(f => f.name === '$1')?.ok"; }
[ "$(finding painting)" = true ] || die "the doctor does not see that the window has painted: $(hoox doctor 2>&1)"
[ "$(finding renderer)" = true ] || die "the doctor does not find the renderer in order: $(hoox doctor 2>&1)"
[ "$(WEBKIT_DISABLE_DMABUF_RENDERER=0 finding renderer)" = false ] || die "the doctor does not find the renderer that leaves windows empty"
say "the doctor knows a window that works"

eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)=')"
area=$((WIDTH - 260))x$((HEIGHT - 120))+240+70
say "window $window, ${WIDTH}x$HEIGHT"
keep 1-start
xdotool windowfocus "$window"
xdotool key g key f # to the Fills page, where nothing moves by itself

# How much the page changes by itself (ticking prices), so as not to take that for the fill.
sleep 2
shot "$work/a.ppm"
sleep 1
shot "$work/b.ppm"
noise=$(changed "$work/a.ppm" "$work/b.ppm")

hoox send --exchange paper --action LONG --symbol BTCUSDT --quantity 0.01
sent=$(now)
for picture in "$work"/after{1..5}.ppm; do
	shot "$picture"
	taken=$(($(now) - sent))
	if [ "$taken" -gt 1000 ]; then
		rm "$picture" # too late to count
		break
	fi
	sleep 0.15
done
[ -f "$work/after1.ppm" ] || die "the first picture took $taken ms: the machine is too busy to tell"
wait_for 10 "the fill in the ledger" filled
keep 2-fill

most=0
for picture in "$work"/after*.ppm; do
	pixels=$(changed "$work/b.ppm" "$picture")
	if [ "$pixels" -gt "$most" ]; then most=$pixels; fi
done
[ "$most" -gt $((noise * 3 + 400)) ] || die "the page did not show the fill within a second ($most pixels changed, $noise by themselves)"
say "the fill showed within a second ($most pixels changed, $noise by themselves)"
alive

# Ctrl+Shift+. goes to the halt button, holding Space throws the switch.
xdotool windowfocus "$window"
xdotool key ctrl+shift+period
sleep 0.5
xdotool keydown space
sleep 1.3
xdotool keyup space
wait_for 5 "the kill switch to be thrown" halted
sleep 0.7
keep 3-halted
say "halted from the keyboard"
alive

# Whoever starts it a second time looks for its window.
second=$(hoox window 2>&1) || die "a second start failed: $second"
case $second in *"brought to the front"*) ;; *) die "a second start said: $second" ;; esac
say "a second start brought the window to the front"

# The cross asks, because the position is open and nothing was remembered; the focus is on staying.
"$work/window-close" "$window"
sleep 1
alive
keep 4-leave
xdotool windowfocus "$window"
xdotool key Tab
xdotool key Return
wait_for_end() {
	local until=$(($(now) + 15000))
	until gone; do
		[ "$(now)" -lt "$until" ] || die "still running 15 s after its window was closed"
		sleep 0.1
	done
}
wait_for_end
code=0
wait "$pid" || code=$?
pid=
if logged 'page error'; then die "the page reported an error on the way out"; fi
[ "$code" -eq 0 ] || die "exit code $code"
[ "$(stat -c %a "$data/window.json")" = 600 ] || die "window.json is missing or readable by others"
[ "$(field it.width <"$data/window.json")" = "$WIDTH" ] || die "the window's size was not kept: $(cat "$data/window.json")"
say "asked what stays, quit, exit code 0; its place was kept"
