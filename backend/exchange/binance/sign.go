package binance

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

// values are the parameters of a request, in the order in which they are written and signed; empty ones are left out.
type values []string

func (v values) encode() string {
	var b strings.Builder
	for i := 0; i+1 < len(v); i += 2 {
		if v[i+1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(v[i] + "=" + url.QueryEscape(v[i+1]))
	}
	return b.String()
}

// signedQuery is the query of a private request: exactly the bytes that are sent, percent-encoded before they are signed.
func signedQuery(secret string, v values, at time.Time, window time.Duration) string {
	all := append(v[:len(v):len(v)], "recvWindow", strconv.FormatInt(window.Milliseconds(), 10), "timestamp", stamp(at))
	query := all.encode()
	return query + "&signature=" + sign(secret, query)
}

// signedParams are the parameters of a request over the WebSocket API: signed sorted by name, not encoded.
func signedParams(secret string, params map[string]string) map[string]string {
	names := make([]string, 0, len(params))
	for n := range params {
		names = append(names, n)
	}
	sort.Strings(names)
	parts := make([]string, 0, len(params))
	for _, n := range names {
		parts = append(parts, n+"="+params[n])
	}
	signed := map[string]string{"signature": sign(secret, strings.Join(parts, "&"))}
	for n, v := range params {
		signed[n] = v
	}
	return signed
}

func stamp(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
