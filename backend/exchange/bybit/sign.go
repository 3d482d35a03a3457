package bybit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// sign is the HMAC-SHA256 of text in lower-case hex.
func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// signedHeader is the header of a private request. payload is the raw query of a GET or the raw body of a POST: exactly
// the bytes that are sent.
func signedHeader(key, secret string, at time.Time, window time.Duration, payload string) map[string]string {
	stamp, span := strconv.FormatInt(at.UnixMilli(), 10), strconv.FormatInt(window.Milliseconds(), 10)
	return map[string]string{
		"X-BAPI-API-KEY":     key,
		"X-BAPI-TIMESTAMP":   stamp,
		"X-BAPI-RECV-WINDOW": span,
		"X-BAPI-SIGN":        sign(secret, stamp+key+span+payload),
	}
}

// signedLogin is what opens a private stream until expires.
func signedLogin(secret string, expires time.Time) string {
	return sign(secret, "GET/realtime"+strconv.FormatInt(expires.UnixMilli(), 10))
}
