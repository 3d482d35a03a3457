package exchangesim

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// journal is the append-only file.
type journal struct{ file *os.File }

// openJournal reads what an earlier account wrote and goes on behind it. A last line that was cut is dropped: nobody was
// told of it.
func openJournal(path string) (*journal, []Event, error) {
	past, whole, err := readJournal(path)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err = file.Truncate(whole); err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return &journal{file}, past, nil
}

// readJournal is every whole line of the file, and where the last of them ends.
func readJournal(path string) ([]Event, int64, error) {
	old, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer old.Close()
	var past []Event
	var whole int64
	for lines := bufio.NewReader(old); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return past, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, 0, fmt.Errorf("read line %d of the exchange's log: %w", len(past)+1, err)
		}
		past, whole = append(past, e), whole+int64(len(line))
	}
}

// add writes one line; it is with the system when add returns, so it outlives the process.
func (j *journal) add(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// ReadLog is everything that an account wrote to path; a file that is not there is an empty log.
func ReadLog(path string) ([]Event, error) {
	past, _, err := readJournal(path)
	return past, err
}
