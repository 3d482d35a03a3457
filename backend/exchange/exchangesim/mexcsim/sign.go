package mexcsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// sign is HMAC-SHA256 in lower-case hex.
func sign(secret, target string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(target))
	return hex.EncodeToString(mac.Sum(nil))
}

func signed(secret, target, signature string) bool {
	return hmac.Equal([]byte(sign(secret, target)), []byte(signature))
}

// futuresTarget is what a futures request signs: key, time, and the raw body of a POST or the query of anything else with its
// pairs sorted by name and its values percent-encoded.
func futuresTarget(key, at, method, rawQuery, body string) string {
	if method == "POST" {
		return key + at + body
	}
	return key + at + sortedQuery(rawQuery)
}

func sortedQuery(raw string) string {
	if raw == "" {
		return ""
	}
	type pair struct{ name, text string }
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = strings.ReplaceAll(url.QueryEscape(plain), "+", "%20")
		}
		pairs = append(pairs, pair{name, name + "=" + value})
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = p.text
	}
	return strings.Join(texts, "&")
}

// spotTarget is what a spot request signs: the query as it was sent, without the signature, and the body right behind it.
func spotTarget(rawQuery, body string) (target, signature string) {
	query, s1 := withoutSignature(rawQuery)
	form, s2 := withoutSignature(body)
	if s1 == "" {
		s1 = s2
	}
	return query + form, s1
}

func withoutSignature(raw string) (rest, signature string) {
	var kept []string
	for part := range strings.SplitSeq(raw, "&") {
		if s, ok := strings.CutPrefix(part, "signature="); ok {
			signature = s
			continue
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&"), signature
}
