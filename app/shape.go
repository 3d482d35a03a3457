package app

import (
	"regexp"
	"strings"
	"unicode"
)

// The shapes of secrets that nobody told us. What follows a telling name is cut by uncalled; these are the texts that say by
// themselves what they are.
var shapes = regexp.MustCompile(`(?s)-----BEGIN[^-]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|$)` +
	`|AGE-SECRET-KEY-1[0-9A-Za-z]+` +
	`|\b(?:hxw_|` + tokenMark + `|sk[-_]|rk_|gh[a-z]_|github_pat_|glpat-|xox[a-z]-|npm_|hvs\.|whsec_|ya29\.|SG\.|AIza|mx0)[A-Za-z0-9_.-]{16,}` +
	`|\b(?:AKIA|ASIA)[0-9A-Z]{12,}` +
	`|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*` +
	`|(?:\b|bot)[0-9]{6,12}:[A-Za-z0-9_-]{30,}`)

// proofShape is what proves who asks, proxyShape the password in an address, operandShape the secret behind a flag of a command
// or in a list of machines, signInShape the arguments with which an exchange's stream is signed in to.
var (
	proofShape   = regexp.MustCompile(`(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+`)
	proxyShape   = regexp.MustCompile(`(://[^/\s:@"]*:)[^/\s@"]+(@)`)
	operandShape = regexp.MustCompile(`(?i)(--(?:token|authtoken|password|passphrase|secret|api-?key)\s+|\blogin\s+\S+\s+password\s+)[^\s"\\]+`)
	signInShape  = regexp.MustCompile(`(\\*"op\\*"\s*:\s*\\*"auth\\*"\s*,\s*\\*"args\\*"\s*:\s*)\[[^\]]*\]`)
)

// called finds a name after which a secret stands, up to where the secret begins.
var called = regexp.MustCompile(`(?i)(?:secret(?:[_-]?(?:access[_-]?)?key)?|tokens?|passphrase|password|passwd|\bpass|_pass|pwd|authorization|api[_ -]?key|access[_-]?key(?:[_-]?id)?|` +
	`private[_-]?key|listen[_-]?key|signature|\bsign|-sign|_sign|cookie|session|jwt|mnemonic)(?:\\*["'])?\s*[:=]\s*`)

// schemeWord stands between Authorization and its secret.
var schemeWord = regexp.MustCompile(`(?i)^(?:basic|bearer|digest|token|apikey|bot)\s+`)

// uncalled is a text without what stands behind telling names.
func uncalled(text string) string {
	var out strings.Builder
	for {
		found := called.FindStringIndex(text)
		if found == nil {
			return out.String() + text
		}
		name, rest := text[:found[1]], text[found[1]:]
		out.WriteString(name)
		begin, end, next := secretIn(rest, strings.Contains(strings.ToLower(text[found[0]:found[1]]), "cookie"))
		if begin < end {
			out.WriteString(rest[:begin] + cut + rest[end:next])
		} else {
			out.WriteString(rest[:next])
		}
		text = rest[next:]
	}
}

// secretIn is where a value begins and ends, and where what follows it begins. A value is a text in quotes of any kind, also
// inside other quotes, a list or an object as a whole, or all up to the next mark; that of a cookie goes on to the end of the
// line.
func secretIn(text string, line bool) (begin, end, next int) {
	slashes := len(text) - len(strings.TrimLeft(text, `\`))
	if slashes == len(text) {
		return 0, 0, slashes
	}
	switch c := text[slashes]; {
	case c == '"':
		begin = slashes + 1
		end, next = endOfText(text, begin, slashes)
		return begin, end, next
	case slashes > 0:
		return 0, 0, 0
	case c == '\'':
		if n := strings.IndexByte(text[1:], '\''); n >= 0 {
			return 1, n + 1, n + 2
		}
	case c == '[' || c == '{':
		n := balanced(text)
		return 0, n, n
	}
	marks := " \t\r\n,}&\"\\;)]"
	if line {
		marks = "\r\n\"\\"
	}
	begin = len(schemeWord.FindString(text))
	end = len(text)
	if n := strings.IndexAny(text[begin:], marks); n >= 0 {
		end = begin + n
	}
	return begin, end, end
}

// endOfText is where a text in quotes ends, and what is behind its last quote: the first that has as many backslashes before it as
// the one that opened. A text that is cut off goes on to the end.
func endOfText(text string, begin, slashes int) (end, next int) {
	run := 0
	for n := begin; n < len(text); n++ {
		switch {
		case text[n] == '\\':
			run++
			continue
		case text[n] == '"' && run == slashes:
			return n - run, n + 1
		}
		run = 0
	}
	return len(text), len(text)
}

// balanced is where a list or an object ends, brackets in texts counted like others.
func balanced(text string) int {
	depth := 0
	for n, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return n + 1
			}
		}
	}
	return len(text)
}

// longRun is a word as keys and tokens are: long, and of small and capital letters with digits here and there among them. What
// identifies things here is of one case: orders, requests, digests. A fingerprint of a key is public, and the name of a folder that
// ends in a number is no key.
var (
	longRun = regexp.MustCompile(`(?:SHA256:)?[A-Za-z0-9]{32,}`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// unmixed is a text without words that look like keys.
func unmixed(text string) string {
	return longRun.ReplaceAllStringFunc(text, func(word string) string {
		if strings.HasPrefix(word, "SHA256:") || !strings.ContainsFunc(word, unicode.IsLower) || !strings.ContainsFunc(word, unicode.IsUpper) || len(digits.FindAllString(word, 2)) < 2 {
			return word
		}
		return cut
	})
}

// unshaped is a text without what looks like a secret.
func unshaped(text string) string {
	text = signInShape.ReplaceAllString(text, "${1}"+cut)
	text = proofShape.ReplaceAllString(text, "${1}"+cut)
	text = shapes.ReplaceAllString(text, cut)
	text = proxyShape.ReplaceAllString(text, "${1}"+cut+"${2}")
	text = operandShape.ReplaceAllString(text, "${1}"+cut)
	return unmixed(uncalled(text))
}
