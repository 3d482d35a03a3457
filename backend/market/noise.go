package market

import "hash/fnv"

// one is the fixed-point unit of the noise: everything here is integer arithmetic, so that every machine computes the
// same market.
const one = int64(1) << 20

// octave is one layer of the price path: lattice points every period milliseconds, amplitude in parts per billion.
type octave struct{ period, amplitude int64 }

// octaves make a path that wanders a few percent in a week, one or two in some hours, and ticks every second.
var octaves = [...]octave{
	{7 * 24 * 3600_000, 30_000_000},
	{24 * 3600_000, 15_000_000},
	{4 * 3600_000, 8_000_000},
	{3600_000, 3_000_000},
	{15 * 60_000, 1_200_000},
	{3 * 60_000, 400_000},
	{30_000, 150_000},
	{5_000, 40_000},
	{1_000, 12_000},
}

// wander is the displacement from the base price at a time in unix milliseconds, in parts per billion.
func wander(seed uint64, at int64) int64 {
	var sum int64
	for layer, o := range octaves {
		sum += o.amplitude * noise(seed, layer, o.period, at) / one
	}
	return sum
}

// noise is smoothly interpolated value noise in [-one, one].
func noise(seed uint64, layer int, period, at int64) int64 {
	cell := floorDiv(at, period)
	u := (at - cell*period) * one / period
	weight := u * u / one * (3*one - 2*u) / one
	from, to := lattice(seed, layer, cell), lattice(seed, layer, cell+1)
	return from + (to-from)*weight/one
}

// lattice is the random value of one lattice point, in [-one, one).
func lattice(seed uint64, layer int, cell int64) int64 {
	return int64(scramble(seed^scramble(uint64(layer)<<56^uint64(cell)))>>43) - one
}

// scramble is splitmix64: every input bit reaches every output bit.
func scramble(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// seedOf mixes a seed with names, so that each named thing has a path of its own.
func seedOf(seed int64, names ...string) uint64 {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	return scramble(uint64(seed) ^ scramble(h.Sum64()))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
