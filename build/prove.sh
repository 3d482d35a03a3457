#!/usr/bin/env bash
# Proves "effectively once": runs every harness for its share of the time and writes down what it found.
#
#   ./build/prove.sh [MINUTES]     10 when not given
#
# The table goes to app/help/proof.md. HOOX_SEED=N changes the seed, which is 1 otherwise. A harness that finds a violation
# prints the seed and one command that replays it; put a seed of the schedules into backend/node/testdata/seeds.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

minutes=${1:-10}
case $minutes in
'' | *[!0-9]* | 0)
	printf 'usage: %s [MINUTES]\n' "$0" >&2
	exit 2
	;;
esac
seed=${HOOX_SEED:-1}
need_go

work=$(mktemp -d "${TMPDIR:-/tmp}/hoox-proof.XXXXXX")
trap 'rm -rf "$work"' EXIT
table=$work/table
failed=0

heading "Compile"
go test -c -o "$work/node.test" ./backend/node
cuts=
if [ -d backend/sqlite/proof ]; then
	go test -c -tags "$TAGS,proof" -o "$work/cut.test" ./backend/sqlite && cuts=yes
fi

# row NAME VOLUME FIGURES VIOLATIONS COMMAND
row() { printf '| %s | %s | %s | %s | \140%s\140 |\n' "$@" >>"$table"; }

# result TEST COMMAND adds the line that a harness left, or that it left none.
result() {
	local test=$1 command=$2 name volume figures violations
	if [ ! -s "$work/line" ]; then
		failed=1
		printf '%s\tnone\tended without a result\t**some**\n' "$test" >"$work/line"
	fi
	while IFS=$'\t' read -r name volume figures violations _; do
		row "$name" "$volume" "$figures" "$violations" "$command"
		note "$name: $volume, $figures, violations $violations ($((SECONDS - began)) s)"
	done <"$work/line"
}

# harness TEST FLAG... runs one harness and adds its line.
harness() {
	local test=$1 began=$SECONDS
	shift
	heading "$test $*"
	: >"$work/line"
	if ! (cd backend/node && "$work/node.test" -test.run "$test" -test.timeout 0 -seed "$seed" -prooflog "$work/line" "$@") >"$work/log" 2>&1; then
		failed=1
		tail -n 60 "$work/log" >&2
	fi
	result "$test" "go test ./backend/node -run $test -timeout 0 -args -seed $seed $*"
}

# mutants deletes guards one at a time. That takes some minutes however many are asked for.
mutants() {
	local began=$SECONDS
	heading "Guards deleted one at a time"
	: >"$work/line"
	if ! go run ./build/mutants -hands "$(nproc)" -log "$work/line" >"$work/log" 2>&1; then
		failed=1
		tail -n 200 "$work/log" >&2
	fi
	result mutants 'go run ./build/mutants'
}

# fuzz SECONDS runs every fuzz target that there is, one after the other, each for its share. What breaks one stays in its room's
# testdata/fuzz, where every later test plays it.
fuzz() {
	local began=$SECONDS each target room built='' name runs=0 broken=0 ran list corpus
	corpus=$(go env GOCACHE)/fuzz/$(go list -m)
	mapfile -t list < <(grep -ro --include='*_test.go' 'func Fuzz[A-Za-z0-9_]*' app backend | sort)
	each=$(($1 / ${#list[@]}))
	[ "$each" -ge 2 ] || each=2
	heading "Fuzz targets, $each s each"
	for target in "${list[@]}"; do
		room=$(dirname "${target%%:*}")
		name=${target#*:func }
		[ "$room" = "$built" ] || go test -c -fuzz . -o "$work/fuzz.test" "./$room"
		built=$room
		# Go calls it a failure now and then when the time is over in the middle of an input.
		if ! (cd "$room" && TMPDIR=$work "$work/fuzz.test" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "${each}s" -test.fuzzcachedir "$corpus/$room") >"$work/log" 2>&1 &&
			! { grep -q '^ *context deadline exceeded$' "$work/log" && ! grep -q 'Failing input' "$work/log"; }; then
			failed=1
			broken=$((broken + 1))
			tail -n 30 "$work/log" >&2
		fi
		ran=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$work/log" | tail -n 1)
		runs=$((runs + ${ran:-0}))
	done
	[ "$broken" = 0 ] || broken="**$broken**"
	row "Fuzz targets over all that is read from outside" "${#list[@]} targets" "$runs executions, $each s each" "$broken" \
		"go test ./backend/gateway -run '^\$' -fuzz '^FuzzDecode\$' -fuzztime ${each}s"
	note "${#list[@]} targets, $runs executions, $broken broken ($((SECONDS - began)) s)"
}

# The volumes follow from what two cores did: about 25 schedules a second, 250 timeouts a second, 0.8 s for a kill, 30
# schedules' worth for the rest. The timeouts are over three exchanges: 30 minutes ask for 100,000 on each, and take twice that.
harness 'TestSchedules' -schedules $((minutes * 450)) -hands "$(nproc)"
harness 'TestTimeouts' -timeouts $((minutes * 3400)) -hands "$(nproc)"
harness 'TestTheSameSeed'
if [ "$minutes" -ge 20 ]; then
	harness 'EveryEdge' -pairs
else
	harness 'EveryEdge'
fi
harness 'KilledWhileItTrades' -simkills $((minutes * 17 + 1))
if [ "$minutes" -ge 60 ]; then
	harness 'AnyByte' -everybyte
else
	harness 'AnyByte' -cuts $((6 + minutes / 2))
fi
harness 'StepsOfTheClock'
harness 'FourSends'
harness 'LongAfterTheSwitch' -trials $((minutes >= 5 ? 200 : 40))
harness 'HundredOrders' -trials 25
if [ "$minutes" -ge 5 ]; then
	fuzz $((minutes * 10))
	mutants
else
	note "Fuzz targets run, and guards are deleted, from 5 minutes on"
fi

if [ -n "$cuts" ]; then
	heading "Power cuts"
	images=$((minutes * 400))
	violations=0
	if ! (cd backend/sqlite && "$work/cut.test" -test.run 'PowerCut|DiskThatFails' -test.timeout 0 -seed "$seed" -images "$images") >"$work/log" 2>&1; then
		failed=1
		violations='**some**'
		tail -n 60 "$work/log" >&2
	fi
	row "Power cuts and failing disks under the ledger" "$images images" "every write may be torn, lost or late" "$violations" \
		"go test -tags $TAGS,proof ./backend/sqlite -run PowerCut -timeout 0 -args -images $images -seed $seed"
fi

{
	printf '# What was tried\n\n'
	printf 'Every line is a harness that tries to make the program lose an alert, send an order twice or keep wrong books.\n'
	printf 'The simulation keeps its ledger on a disk in memory, so it says nothing about real ones; power cuts are asked for separately.\n\n'
	printf '%s, commit %s, %s cores, seed %s, %s min asked for.\n\n' "$(date -u +%Y-%m-%d)" "$(commit)" "$(nproc)" "$seed" "$minutes"
	printf '| Harness | Volume | Figures | Violations | Command |\n|---|---|---|---|---|\n'
	cat "$table"
} >app/help/proof.md
note "app/help/proof.md"
[ "$failed" -eq 0 ] || die "something was violated, see above"
