#!/usr/bin/env bash
# Builds just the program, installing what that kind needs.
#
#   ./build/build.sh headless [-o FILE]     gateway, engine, command line and the UI in a browser; no GTK, no WebKit
#   ./build/build.sh desktop  [-o FILE]     the same with the window
#
# Without -o: build/bin/hoox-headless and build/bin/hoox.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
	printf 'usage: %s headless|desktop [-o FILE]\n' "$0" >&2
	exit 2
}

kind=${1:-}
case $kind in
headless) out=$ROOT/build/bin/hoox-headless ;;
desktop) out=$ROOT/build/bin/hoox ;;
*) usage ;;
esac
shift
while [ $# -gt 0 ]; do
	case $1 in
	-o)
		[ $# -ge 2 ] || usage
		case $2 in /*) out=$2 ;; *) out=$CALLER/$2 ;; esac
		shift 2
		;;
	*) usage ;;
	esac
done

packages=("${COMPILE_PACKAGES[@]}")
if [ "$kind" = desktop ]; then packages+=("${WINDOW_PACKAGES[@]}"); fi
apt_need "${packages[@]}"
need_go

heading "Front end"
frontend

heading "Program"
binary "$kind" "$out"
