# shellcheck shell=bash disable=SC2034
# What run.sh, build.sh and test.sh share: messages, system packages, the front end, the two programs.
# Sourced, not run. Afterwards the working folder is the repository's root and $CALLER is where the user stood.

set -euo pipefail

CALLER=$PWD
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# ---- flags: the one place for them ------------------------------------------------------------------------------
# Go caches compiled packages by their flags. SQLite is one C file that takes a minute, so vet, test and build use the
# same ones. A plain `go build .` without them works too; only the search falls back to a bounded scan.
TAGS=sqlite_fts5,sqlite_omit_load_extension
WINDOW_TAGS=desktop,production,webkit2_41
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath -buildvcs=false -tags=$TAGS"

# ---- Debian packages ----------------------------------------------------------------------------------------------
COMPILE_PACKAGES=(gcc libc6-dev ca-certificates)
WINDOW_PACKAGES=(pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
DISPLAY_PACKAGES=(xvfb xauth xdotool imagemagick dbus)
LINT_PACKAGES=(shellcheck gcc-mingw-w64-x86-64-win32)

# ---- messages -----------------------------------------------------------------------------------------------------
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
	BOLD='' RED='' GREEN='' PLAIN=''
fi

heading() { printf '\n%s==> %s%s\n' "$BOLD" "$*" "$PLAIN"; }
note() { printf '    %s\n' "$*"; }
die() {
	printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
	exit 1
}

# interactive is true when a person can answer a question.
interactive() { [ -t 0 ] && [ -t 1 ] && [ -z "${CI:-}" ]; }

# has_display is true where a window can be opened.
has_display() {
	case $(uname -s) in
	Linux) [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] ;;
	*) true ;;
	esac
}

# ---- tools --------------------------------------------------------------------------------------------------------
need_go() {
	if ! command -v go >/dev/null && [ -x /usr/local/go/bin/go ]; then
		PATH=$PATH:/usr/local/go/bin
	fi
	command -v go >/dev/null || die "Go is not installed (or not on PATH). Needed: Go $(sed -n 's/^go //p' go.mod) or newer."
	go list -m >/dev/null || die "this Go cannot build the project, see the message above. Needed: Go $(sed -n 's/^go //p' go.mod) or newer."
}

need_node() {
	command -v npm >/dev/null || die "Node.js with npm is not installed (or not on PATH). Needed: Node 20.19 or newer."
	node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a === 20 && +b >= 19) ? 0 : 1)' ||
		die "Node.js $(node --version) is too old. Needed: Node 20.19 or newer."
}

# chromium_path prints a Chromium that is installed, or nothing.
chromium_path() {
	local name
	for name in "${HOOX_CHROMIUM:-}" chromium google-chrome google-chrome-stable; do
		if [ -n "$name" ] && command -v "$name"; then return 0; fi
	done
}

# sshd_path prints an OpenSSH server that is installed, or nothing. It is not on everybody's PATH.
sshd_path() {
	local path
	for path in "${SSHD:-}" /usr/sbin/sshd /usr/bin/sshd; do
		if [ -f "$path" ]; then
			printf '%s\n' "$path"
			return 0
		fi
	done
}

# as_root COMMAND... runs a command as root. Where nobody can type a password it fails rather than wait.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif interactive; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

# apt_need PACKAGE... installs those that lack, all in one go, after asking where there is somebody to ask.
apt_need() {
	local package answer missing=() get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
	[ "$(uname -s)" = Linux ] || return 0
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		note "Not a Debian system. Make sure that you have what these Debian packages hold: $*"
		return 0
	fi

	for package; do
		dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0

	heading "System packages"
	note "Missing: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || die "neither root nor sudo. As root: apt-get install ${missing[*]}"
	fi
	if interactive; then
		read -r -p "    Install them now with apt-get, as root? [Y/n] " answer
		case $answer in '' | [Yy]*) ;; *) die "not installed: ${missing[*]}" ;; esac
	fi

	as_root "${get[@]}" update || note "apt-get update failed; trying with the package lists that are there"
	as_root "${get[@]}" install -y --no-install-recommends "${missing[@]}" || die "apt-get could not install: ${missing[*]}"
}

# need_sshd installs OpenSSH's server where there is none, and leaves it switched off: the package would start it, now and
# with the computer, and a test opens nobody's computer to the network.
need_sshd() {
	local systemd='' units=(ssh.service ssh.socket)
	[ -z "$(sshd_path)" ] || return 0
	if [ -d /run/systemd/system ] && command -v apt-get >/dev/null; then systemd=yes; fi
	if [ -n "$systemd" ]; then as_root systemctl mask --runtime "${units[@]}"; fi
	apt_need openssh-server
	if [ -n "$systemd" ]; then
		as_root systemctl unmask --runtime "${units[@]}"
		as_root systemctl disable "${units[@]}"
	fi
}

# ---- front end ----------------------------------------------------------------------------------------------------
if command -v sha256sum >/dev/null; then SHA256=(sha256sum); else SHA256=(shasum -a 256); fi

# npm_deps installs exactly what the lock file says, if that was not done yet.
npm_deps() {
	local stamp=frontend/node_modules/.hoox-lock want
	need_node
	want=$(cat frontend/package.json frontend/package-lock.json | "${SHA256[@]}")-$(node --version)
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
		note "npm packages are current"
		return 0
	fi
	(cd frontend && npm ci --ignore-scripts --no-audit --no-fund)
	printf '%s\n' "$want" >"$stamp"
}

# frontend_state names the front end's sources and what was last built of them.
frontend_state() {
	find frontend \( -name node_modules -o -name dist -o -name 'dist-*' -o -name wailsjs -o -name e2e -o \
		-name test-results -o -name playwright-report -o -name 'package.json.md5' \) -prune -o -type f -print0 |
		LC_ALL=C sort -z | xargs -0 "${SHA256[@]}" frontend/dist/index.html | "${SHA256[@]}"
}

# frontend builds frontend/dist if a source changed since, or if somebody else built it.
frontend() {
	local stamp=frontend/node_modules/.hoox-dist
	npm_deps
	if [ -f frontend/dist/index.html ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(frontend_state)" ]; then
		note "front end is current"
		return 0
	fi
	(cd frontend && npm run build)
	[ -f frontend/dist/index.html ] || die "npm run build made no frontend/dist/index.html"
	[ -f frontend/dist/.gitkeep ] || die "npm run build lost frontend/dist/.gitkeep (it comes from frontend/public)"
	frontend_state >"$stamp"
}

# ---- the program --------------------------------------------------------------------------------------------------
version() { sed -n 's/.*"productVersion": *"\([^"]*\)".*/\1/p' wails.json; }

commit() {
	local name
	name=$(git rev-parse --short=12 HEAD 2>/dev/null) || name=unknown
	if [ "$name" != unknown ] && [ -n "$(git status --porcelain --untracked-files=no 2>/dev/null)" ]; then name+=-dirty; fi
	printf '%s' "$name"
}

# binary headless|desktop FILE compiles the program. Headless needs no GTK and no WebKit, neither here nor where it runs.
#
# Elsewhere than on Linux: macOS needs Xcode's command line tools and builds only on a Mac (the window is Cocoa through
# cgo). Windows needs a C compiler for SQLite (MinGW-w64: from Linux too, with GOOS=windows CGO_ENABLED=1
# CC=x86_64-w64-mingw32-gcc); the window itself uses WebView2, which Windows 10 and 11 have. `wails build` is the way to
# an app bundle, icon and installer on both.
binary() {
	local kind=$1 out=$2 tags=$TAGS ldflags version commit
	version=$(version)
	commit=$(commit)
	ldflags="-s -w -X hoox/app.version=$version -X hoox/app.commit=$commit"
	# Who publishes builds lets them ask for updates; without a key a build asks nobody.
	if [ -n "${HOOX_UPDATE_KEY:-}" ]; then
		ldflags+=" -X hoox/app.updateKey=$HOOX_UPDATE_KEY -X hoox/app.updateURL=${HOOX_UPDATE_URL:?HOOX_UPDATE_KEY needs HOOX_UPDATE_URL}"
	fi
	# What is C in it (SQLite, the window) and how the system loads it: a text that is too long for its place ends the program
	# instead of steering it. Elsewhere the compilers do as much by themselves.
	local mode=default
	if [ "$(go env GOOS)" = linux ]; then
		mode=pie
		ldflags+=" -bindnow"
		export CGO_CFLAGS="${CGO_CFLAGS:--O2 -g} -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
	fi
	if [ "$kind" = desktop ]; then
		tags=$WINDOW_TAGS,$TAGS
		case $(go env GOOS) in
		darwin) export CGO_LDFLAGS="${CGO_LDFLAGS:-} -framework UniformTypeIdentifiers" ;;
		windows) ldflags+=" -H windowsgui" ;;
		esac
	fi
	go build -buildmode "$mode" -tags "$tags" -ldflags "$ldflags" -o "$out" .
	note "$kind program: $out ($version, commit $commit)"
}
