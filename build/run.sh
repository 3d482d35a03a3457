#!/usr/bin/env bash
# Installs what is missing, builds, and starts Hoox on the paper account.
#
#   ./build/run.sh                 opens the window; without a display it serves the same pages to a browser
#   ./build/run.sh demo            does the whole main job once without a person, in a throw-away data folder
#   ./build/run.sh COMMAND ...     any other command of hoox: serve, send, kill, status, doctor, ...

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# The window needs GTK and WebKit; everything else runs with the headless program.
kind=headless
case ${1:-} in
'' | window | -*)
	if has_display; then
		kind=desktop
	elif [ "${1:-}" = window ]; then
		die "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set). Try: $0 serve"
	else
		set -- serve "$@"
	fi
	;;
esac

case $kind in
headless) program=$ROOT/build/bin/hoox-headless ;;
desktop) program=$ROOT/build/bin/hoox ;;
esac
"$ROOT/build/build.sh" "$kind" -o "$program"

# ready turns the one JSON line of `hoox serve` into words for a person and passes everything else on.
ready() {
	trap '' INT TERM
	local line address gateway
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		*'"event":"ready"'*)
			address=$(sed -n 's/.*"browser":"\([^"]*\)".*/\1/p' <<<"$line")
			gateway=$(sed -n 's/.*"gateway":"\([^"]*\)".*/\1/p' <<<"$line")
			heading "Hoox is running on the paper account"
			if [ -n "$address" ]; then note "Open in a browser:  $address"; fi
			if [ -n "$gateway" ]; then note "Alerts go to:       $gateway/webhook"; fi
			note "Ctrl-C stops it."
			;;
		esac
	done
}

cd "$CALLER" || exit 1
case ${1:-} in
serve)
	heading "hoox $*"
	exec "$program" "$@" > >(ready)
	;;
*)
	heading "hoox $*"
	exec "$program" "$@"
	;;
esac
