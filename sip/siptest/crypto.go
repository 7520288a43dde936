package siptest

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"dozvon/media"
)

// sealed is SRTP as it was offered and agreed (SDES, RFC 4568): one line of
// theirs, one of ours.
type sealed struct {
	profile string   // of the stream, as offered; empty: RTP/AVP
	lines   []string // a=crypto, best first
	taken   string   // theirs, as taken
	answer  string   // ours
	keys    media.Crypto
}

// suitesByName are the suites that far ends know; the number is the length of
// key and salt (RFC 4568 6.2, RFC 6188).
var suitesByName = map[string]struct {
	suite media.Suite
	bytes int
}{
	"AES_CM_128_HMAC_SHA1_80": {media.AES128SHA80, 30},
	"AES_CM_128_HMAC_SHA1_32": {media.AES128SHA32, 30},
	"AES_256_CM_HMAC_SHA1_80": {media.AES256SHA80, 46},
	"AES_256_CM_HMAC_SHA1_32": {media.AES256SHA32, 46},
}

// seal agrees on keys as policy wants, and keeps those of before while the
// caller keeps its own. It reports false for an offer that policy refuses.
func (s *sealed) seal(policy media.Security, before sealed) bool {
	if policy != media.Plain {
		for _, line := range s.lines {
			if line == before.taken {
				s.taken, s.answer, s.keys = before.taken, before.answer, before.keys
				return true
			}
		}
		for _, line := range s.lines {
			if s.take(line) {
				return true
			}
		}
	}
	return policy != media.Required && !strings.HasPrefix(s.profile, "RTP/SAVP")
}

// take agrees to a line, unless it asks for more than a suite and a key.
func (s *sealed) take(line string) bool {
	tag, rest, _ := strings.Cut(line, " ")
	name, param, _ := strings.Cut(rest, " ")
	text, ok := strings.CutPrefix(param, "inline:")
	known, have := suitesByName[name]
	if !ok || !have || strings.ContainsAny(text, " ;:") {
		return false
	}
	text, _, _ = strings.Cut(text, "|") // the lifetime is the caller's concern
	theirs, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(theirs) != known.bytes {
		return false
	}
	ours := make([]byte, known.bytes)
	_, _ = rand.Read(ours) // never fails, by its contract
	s.keys = media.Crypto{Suite: known.suite}
	copy(s.keys.Recv[:], theirs)
	copy(s.keys.Send[:], ours)
	s.taken = line
	s.answer = tag + " " + name + " inline:" + base64.StdEncoding.EncodeToString(ours)
	return true
}
