#!/usr/bin/env bash
# Tests everything, cheap steps first, and stops at the first that fails.
#
#   ./build/test.sh            all of it: lint, vet, Go tests with the race detector, ssh server, front end, browser, window
#   ./build/test.sh --quick    the inner loop: gofmt, vet, Go tests, svelte-check, vitest
#
# Installs what it needs. With HOOX_SHOTS=DIR the window test leaves its screenshots there.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

quick=
case ${1:-} in
'') ;;
--quick) quick=yes ;;
*)
	printf 'usage: %s [--quick]\n' "$0" >&2
	exit 2
	;;
esac

# Everything the steps write outside the repository and the caches of Go and npm goes in here.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/hoox-test.XXXXXX")
export TMPDIR
# The steps must not meet the user's own data folder, settings or keychain.
export HOOX_DATA_DIR=$TMPDIR/data
export HOOX_VAULT_SEAL=file
HEADLESS=$TMPDIR/hoox-headless
DESKTOP=$TMPDIR/hoox

# ---- steps and their summary --------------------------------------------------------------------------------------
passed=0
failed=0
report=()

step() {
	local name=$1 began=$SECONDS code=0 line
	shift
	heading "$name"
	# In a subshell of its own and not in a condition: `set -e` counts inside.
	set +e
	(
		set -e
		"$@"
	)
	code=$?
	set -e

	if [ "$code" -eq 0 ]; then
		passed=$((passed + 1))
		printf -v line '%sok%s    %4d s  %s' "$GREEN" "$PLAIN" $((SECONDS - began)) "$name"
		report+=("$line")
		return 0
	fi
	failed=$((failed + 1))
	printf -v line '%sFAIL%s  %4d s  %s (exit code %d)' "$RED" "$PLAIN" $((SECONDS - began)) "$name" "$code"
	report+=("$line")
	exit 1
}

finish() {
	local code=$?
	trap - EXIT
	chmod -R u+w "$TMPDIR" 2>/dev/null || true
	rm -rf "$TMPDIR"
	heading "Summary"
	if [ ${#report[@]} -gt 0 ]; then printf '    %s\n' "${report[@]}"; fi
	if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
	printf '\n%d passed, %d failed in %d s\n' "$passed" "$failed" "$SECONDS"
	exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- the steps ----------------------------------------------------------------------------------------------------
system_packages() {
	local packages=("${COMPILE_PACKAGES[@]}")
	if [ -z "$quick" ]; then
		packages+=("${WINDOW_PACKAGES[@]}" "${DISPLAY_PACKAGES[@]}" "${LINT_PACKAGES[@]}")
		if [ -z "$(chromium_path)" ]; then packages+=(chromium); fi
	fi
	apt_need "${packages[@]}"
	if [ -z "$quick" ]; then need_sshd; fi
}

scripts_lint() {
	local script
	for script in build/*.sh .ci/run; do bash -n "$script"; done
	if [ -z "$quick" ]; then shellcheck -x build/*.sh .ci/run; fi
}

# Nothing that was ever committed is a secret: what has the shape of one must be known as none.
history() {
	local found shapes files
	git rev-parse --git-dir >/dev/null 2>&1 || { note "no history came with these sources" && return 0; }
	if [ "$(git rev-parse --is-shallow-repository)" = true ]; then note "a part of the history only came with these sources"; fi
	shapes='(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20}'
	shapes+='|sk_live_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{32,}|xox[abprs]-[A-Za-z0-9-]{20,}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}'
	shapes+='|[0-9]{8,10}:[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}'
	shapes+='|-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n)*[[:space:]]*([A-Za-z0-9+/=]{20,}|$)|://[^/ :"]+:[A-Za-z0-9_.~%-]{16,}@'
	shapes+='|(api_?key|secret|token|passw[a-z]*|private_?key|seed)[A-Za-z_]*["'\'']?[[:space:]]*(:|=|:=)[[:space:]]*["'\''\x60][A-Za-z0-9+/_=-]{24,}'
	files='\.(pem|key|p12|pfx|jks|ppk|kdbx|env)$|(^|/)(id_rsa|id_ed25519|id_ecdsa|\.env|\.netrc|\.npmrc|credentials)$'
	found=$(
		{
			git log --all -p --no-color --no-ext-diff --text | { grep -a '^+' || true; } | { grep -aoiP "$shapes" || true; }
			git log --all --diff-filter=A --name-only --format= | { grep -E "$files" || true; }
		} | sort -u | { grep -vFf <(grep -v -e '^#' -e '^$' build/known-secrets.txt) || true; }
	)
	[ -z "$found" ] || die "this was committed and looks like a secret. If it is one, it is known to everybody: end it where it came from. If it is none, add it to build/known-secrets.txt: $found"
}

go_format() {
	local unformatted
	unformatted=$(gofmt -l main.go app backend build)
	[ -z "$unformatted" ] || die "not formatted, run gofmt -w on: $unformatted"
}

go_vet() { go vet ./...; }

# The window's code for Windows, which nothing else compiles on Linux. SQLite's errors exist only with cgo, hence the C
# compiler; what it makes is thrown away, so it need not optimise.
go_vet_windows() {
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc CGO_CFLAGS="-O0 -g0" \
		go vet -tags "desktop,production,$TAGS" ./...
}

go_staticcheck() { go tool -modfile=build/tools/go.mod staticcheck ./...; }

go_test() { go test -timeout 10m ./...; }

go_test_race() { go test -race -count=1 -timeout 15m ./...; }

# The tunnel against OpenSSH's own server, which each test starts for itself.
ssh_test() {
	# Where it locks itself up when it is started by root; the package's service would have made it.
	if [ "$(id -u)" -eq 0 ]; then mkdir -p /run/sshd; fi
	go test -race -count=1 -timeout 5m -tags "$TAGS,sshd" -run OpenSSH ./backend/tunnel
}

npm_run() { (cd frontend && npm run --silent "$@"); }

headless_program() { binary headless "$HEADLESS" && "$HEADLESS" version; }

# The same sources in another folder, with nothing kept of the first build: whoever builds it again can see that a program is
# made of what it says.
built_twice() {
	local again=$TMPDIR/again same
	same=$(commit)
	mkdir "$again"
	tar --exclude=./.git --exclude=./frontend/node_modules --exclude=./build/bin -cf - . | tar -xf - -C "$again"
	(
		cd "$again"
		commit() { printf '%s' "$same"; }
		GOCACHE=$TMPDIR/again.cache binary headless "$TMPDIR/hoox-again"
	)
	cmp "$HEADLESS" "$TMPDIR/hoox-again" || die "two builds of the same sources differ"
	rm -rf "$again" "$TMPDIR/again.cache" "$TMPDIR/hoox-again"
}

desktop_program() { binary desktop "$DESKTOP"; }

# A program's C is guarded against texts that are too long, and nothing in its memory is both written and run.
hardened() {
	local program facts
	for program in "$HEADLESS" "$DESKTOP"; do
		facts=$(readelf --wide --file-header --segments --dynamic --dyn-syms "$program")
		grep -Eq '^ *Type: +DYN' <<<"$facts" || die "$program is loaded to the same place every time (no PIE)"
		grep -Eq '^ *GNU_RELRO' <<<"$facts" || die "$program: its tables stay writable (no RELRO)"
		grep -Eq 'BIND_NOW' <<<"$facts" || die "$program: its tables of functions stay writable (no BIND_NOW)"
		grep -Eq '^ *GNU_STACK .* RW ' <<<"$facts" || die "$program: its stack may be run"
		grep -Eq '^ *LOAD .* RWE ' <<<"$facts" && die "$program: memory is both written and run"
		grep -q '__stack_chk_fail' <<<"$facts" || die "$program: its C has no stack protector"
		grep -Eq '__mem[a-z]+_chk' <<<"$facts" || die "$program: its C is not fortified"
		grep -Eq 'RPATH|RUNPATH|TEXTREL' <<<"$facts" && die "$program: it looks for libraries elsewhere, or writes into its own code"
	done
	note "position-independent, read-only tables, no executable stack, guarded C"
}

demo() { timeout 120 "$HEADLESS" demo; }

browser_test() {
	HOOX_CHROMIUM=$(chromium_path) HOOX_PROGRAM=$HEADLESS npm_run e2e
}

step "System packages" system_packages
need_go
step "Scripts" scripts_lint
step "Secrets in the history" history
step "gofmt" go_format

if [ -n "$quick" ]; then
	step "npm packages" npm_deps
	step "go vet" go_vet
	step "go test" go_test
	step "svelte-check" npm_run check
	step "vitest" npm_run test
	exit 0
fi

step "npm packages" npm_deps
step "svelte-check" npm_run check
step "eslint and prettier" npm_run lint
step "vitest" npm_run test
step "Front end build" frontend
step "go vet" go_vet
step "go vet, window for Windows" go_vet_windows
step "staticcheck" go_staticcheck
step "Headless program" headless_program
step "Built twice" built_twice
step "hoox demo" demo
step "go test -race" go_test_race
step "Tunnel over OpenSSH" ssh_test
step "Browser test (Chromium)" browser_test
step "Desktop program" desktop_program
step "Hardened programs" hardened
step "Window test (Xvfb)" build/window-test.sh "$DESKTOP"
step "Hostile page (Xvfb)" build/hostile-test.sh
