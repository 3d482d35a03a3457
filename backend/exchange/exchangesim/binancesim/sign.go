package binancesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// sign is HMAC-SHA256 over the bytes, in lower-case hex.
func sign(secret, payload string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(payload))
	return hex.EncodeToString(mac.Sum(nil))
}

// signed compares without regard to case, as Binance does, and without telling by its duration where they differ.
func signed(secret, payload, signature string) bool {
	return subtle.ConstantTimeCompare([]byte(sign(secret, payload)), []byte(strings.ToLower(signature))) == 1
}

const signatureName = "signature="

// payload is what was signed: query and body as they came, joined without an ampersand, less the signature, which has
// to be the last parameter of the one it is in.
func payload(query, body string) (bytes, signature string, found bool) {
	if rest, s, ok := cutSignature(body); ok {
		return query + rest, s, true
	}
	if rest, s, ok := cutSignature(query); ok {
		return rest + body, s, true
	}
	return query + body, "", false
}

func cutSignature(raw string) (rest, signature string, found bool) {
	at := strings.LastIndex(raw, "&"+signatureName)
	switch {
	case at >= 0:
		rest, signature = raw[:at], raw[at+1+len(signatureName):]
	case strings.HasPrefix(raw, signatureName):
		signature = raw[len(signatureName):]
	default:
		return raw, "", false
	}
	return rest, signature, !strings.Contains(signature, "&")
}

// encoded are bytes that are percent-encoded where they have to be.
var encoded = regexp.MustCompile(`^([A-Za-z0-9\-_.~!'()*+&=]|%[0-9A-Fa-f]{2})*$`)

// apiKey is the shape of a key.
var apiKey = regexp.MustCompile(`^[A-Za-z0-9]{64}$`)

var (
	badSignature = no(-1022, "Signature for this request is not valid.")
	tooLate      = no(-1021, "Timestamp for this request is outside of the recvWindow.")
	badKey       = &refusal{status: http.StatusUnauthorized, code: -2015, msg: "Invalid API-key, IP, or permissions for action."}
	tooEarly     = no(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
)

const (
	usualWindow = 5000
	mostWindow  = 60000
)

// checkKey refuses a key that is not the account's.
func (s *Server) checkKey(key string) *refusal {
	switch want := s.core.Config().Key; {
	case key == want:
		return nil
	case !apiKey.MatchString(key):
		return &refusal{status: http.StatusUnauthorized, code: -2014, msg: "API-key format invalid."}
	}
	return badKey
}

// checkSignature refuses a request whose bytes the account's secret did not sign.
func (s *Server) checkSignature(q *request) *refusal {
	if bad := q.must("timestamp", "signature"); bad != nil {
		return bad
	}
	secret := s.core.Config().Secret
	bytes, signature, found := payload(q.query, q.body)
	if !found || !encoded.MatchString(bytes) || !signed(secret, bytes, signature) {
		return badSignature
	}
	return checkTime(q.text("timestamp"), q.text("recvWindow"), q.now)
}

// checkTime refuses a request that is too old or from the future.
func checkTime(timestamp, window string, now time.Time) *refusal {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return no(-1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.")
	}
	length := int64(usualWindow)
	if window != "" {
		if length, err = strconv.ParseInt(window, 10, 64); err != nil || length < 0 {
			return no(-1100, `Illegal characters found in parameter 'recvWindow'; legal range is '^([0-9]{1,20})(\.[0-9]{1,3})?$'.`)
		}
	}
	switch server := now.UnixMilli(); {
	case length > mostWindow:
		return no(-1131, "recvWindow must be less than 60000")
	case at >= server+1000:
		return tooEarly
	case server-at > length:
		return tooLate
	}
	return nil
}

// sorted is the payload of a signed frame of the WebSocket API: every parameter but the signature, by name.
func sorted(params map[string]string) string {
	names := make([]string, 0, len(params))
	for n := range params {
		if n != "signature" {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	pairs := make([]string, 0, len(names))
	for _, n := range names {
		pairs = append(pairs, n+"="+params[n])
	}
	return strings.Join(pairs, "&")
}
