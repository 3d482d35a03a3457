package binancesim

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// keyLife is how long a listen key is good for.
const keyLife = time.Hour

// startKey makes a listen key, or tells the one that there is and extends it.
func (f *Futures) startKey(q *request) (any, *refusal) {
	f.more.Lock()
	defer f.more.Unlock()
	if f.listenKey == "" {
		f.keys++
		sum := sha256.Sum256([]byte(f.core.Config().Key + "listen" + strconv.Itoa(f.keys)))
		f.listenKey = hex.EncodeToString(sum[:])
	}
	f.expires = q.now.Add(keyLife)
	return map[string]any{"listenKey": f.listenKey}, nil
}

var noSuchKey = no(-1125, "This listenKey does not exist.")

func (f *Futures) keepKey(q *request) (any, *refusal) {
	f.more.Lock()
	defer f.more.Unlock()
	if f.listenKey == "" || q.text("listenKey") != "" && q.text("listenKey") != f.listenKey {
		return nil, noSuchKey
	}
	f.expires = q.now.Add(keyLife)
	return map[string]any{"listenKey": f.listenKey}, nil
}

// dropKey ends the key and every stream that uses it.
func (f *Futures) dropKey(*request) (any, *refusal) {
	f.more.Lock()
	key := f.listenKey
	f.listenKey = ""
	f.more.Unlock()
	if key == "" {
		return nil, noSuchKey
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for k := range f.sockets {
		if k.key == key {
			k.cut()
		}
	}
	return map[string]any{}, nil
}
