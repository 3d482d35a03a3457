package sqlite

import (
	"encoding/binary"
	"errors"
	"io"
	"os"

	"hoox/backend/trading"
)

// The layout of a write-ahead log, as SQLite's file format document has it.
const (
	walHeader      = 32
	walFrameHeader = 24
	walMagic       = 0x377f0682
)

// checkLog looks at the log beside a ledger that nobody has open. The engine takes a log up to the first frame that does not
// fit and passes over the rest in silence: right after a power cut, which can only harm the last transaction because every
// commit waits for the disk, and wrong for a log that was harmed while it lay there. A log that goes on behind the harm with
// another whole transaction is such a one: what it holds was answered for, and the ledger must not go on without it.
func checkLog(file string) error {
	f, err := os.Open(file + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	log, err := io.ReadAll(f)
	if err != nil || len(log) <= walHeader {
		return err
	}
	damaged := trading.Errorf(trading.Internal, "the log of the ledger is damaged: what it held is not in the ledger")
	var order binary.ByteOrder = binary.LittleEndian
	magic := binary.BigEndian.Uint32(log)
	if magic == walMagic|1 {
		order = binary.BigEndian
	}
	sum := walSum(order, [2]uint32{}, log[:24])
	size := int(binary.BigEndian.Uint32(log[8:]))
	if magic&^1 != walMagic || sum != pairAt(log[24:]) || size < 512 || size > 65536 {
		return damaged
	}
	salt := pairAt(log[16:])
	broken, ended := false, 0
	for at := walHeader; at+walFrameHeader+size <= len(log); at += walFrameHeader + size {
		frame := log[at : at+walFrameHeader+size]
		fits := pairAt(frame[8:]) == salt
		if !broken {
			sum = walSum(order, walSum(order, sum, frame[:8]), frame[walFrameHeader:])
			broken = !fits || sum != pairAt(frame[16:])
		}
		if broken && fits && binary.BigEndian.Uint32(frame[4:]) != 0 {
			// The first end is that of the transaction that was cut; a second one was written after it was on disk.
			if ended++; ended > 1 {
				return damaged
			}
		}
	}
	return nil
}

func pairAt(b []byte) [2]uint32 {
	return [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

// walSum goes on with the checksum of a log.
func walSum(order binary.ByteOrder, sum [2]uint32, b []byte) [2]uint32 {
	for i := 0; i+8 <= len(b); i += 8 {
		sum[0] += order.Uint32(b[i:]) + sum[1]
		sum[1] += order.Uint32(b[i+4:]) + sum[0]
	}
	return sum
}
