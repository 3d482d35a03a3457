package mexc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// sign is the HMAC-SHA256 of text in lower-case hex.
func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// futuresHeader is the header of a private futures request. payload is the sorted query of a GET or the raw body of a
// POST: exactly the bytes that are sent.
func futuresHeader(key, secret string, at time.Time, payload string) map[string]string {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	return map[string]string{"ApiKey": key, "Request-Time": stamp, "Signature": sign(secret, key+stamp+payload)}
}

// values are the parameters of a request: name, value, name, value. An empty value is left out.
type values []string

// encode writes the parameters in the order in which they were given.
func (v values) encode() string {
	var parts []string
	for i := 0; i+1 < len(v); i += 2 {
		if v[i+1] != "" {
			parts = append(parts, v[i]+"="+escape(v[i+1]))
		}
	}
	return strings.Join(parts, "&")
}

// sorted writes the parameters by name, as futures sign them.
func (v values) sorted() string {
	type pair struct{ name, value string }
	var pairs []pair
	for i := 0; i+1 < len(v); i += 2 {
		pairs = append(pairs, pair{v[i], v[i+1]})
	}
	sort.SliceStable(pairs, func(a, b int) bool { return pairs[a].name < pairs[b].name })
	var list values
	for _, p := range pairs {
		list = append(list, p.name, p.value)
	}
	return list.encode()
}

// escape writes a space as %20, as MEXC signs it.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// spotQuery is a signed spot query: the signature is over everything before it.
func spotQuery(secret string, at time.Time, window time.Duration, v values) string {
	v = append(v[:len(v):len(v)], "recvWindow", strconv.FormatInt(window.Milliseconds(), 10), "timestamp", strconv.FormatInt(at.UnixMilli(), 10))
	query := v.encode()
	return query + "&signature=" + sign(secret, query)
}
