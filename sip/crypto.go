package sip

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"dozvon/media"
)

// This file is SDES (RFC 4568): the lines of SDP in which two ends tell each
// other the keys under which they will send.

// masterKey is a master key followed by its salt; a suite uses the first
// Suite.KeyBytes of it.
type masterKey [46]byte

// vault makes our master keys from one secret that is given from outside. Each
// key is used for one line of one description, in one call.
type vault struct {
	secret [32]byte
	made   uint64
}

// next returns a key that was not given before: HMAC-SHA-512 of a counter
// under the secret, a pseudo-random function.
func (v *vault) next(s media.Suite) (k masterKey) {
	v.made++
	mac := hmac.New(sha512.New, v.secret[:])
	_, _ = mac.Write(binary.BigEndian.AppendUint64([]byte("dozvon srtp "), v.made))
	copy(k[:s.KeyBytes()], mac.Sum(nil))
	return k
}

// crypto is one a=crypto line: a suite, and the key under which its writer
// sends.
type crypto struct {
	tag   int
	suite media.Suite
	name  string // of the suite, as its writer spells it
	key   masterKey
}

// suiteNames are the suites that we know, by name. The last two are the
// spelling of drafts of RFC 6188, which is still in the field.
var suiteNames = map[string]media.Suite{
	media.AES128SHA80.String(): media.AES128SHA80,
	media.AES128SHA32.String(): media.AES128SHA32,
	media.AES256SHA80.String(): media.AES256SHA80,
	media.AES256SHA32.String(): media.AES256SHA32,
	"AES_CM_256_HMAC_SHA1_80":  media.AES256SHA80,
	"AES_CM_256_HMAC_SHA1_32":  media.AES256SHA32,
}

// Limits on what is read of a=crypto.
const (
	maxCrypto      = 512 // bytes of a line
	maxCryptoLines = 16  // of a stream
)

// parseCrypto reads an a=crypto line (RFC 4568 section 9.1). A line that we
// can't serve in full is refused: an unknown suite, several keys or a master
// key identifier, a session parameter that changes how packets are protected.
func parseCrypto(val string) (c crypto, ok bool) {
	if len(val) > maxCrypto {
		return c, false
	}
	f := strings.Fields(val)
	if len(f) < 3 {
		return c, false
	}
	tag, err := strconv.ParseUint(f[0], 10, 32)
	if err != nil || len(f[0]) > 9 {
		return c, false
	}
	c.tag, c.name = int(tag), f[1]
	if c.suite, ok = suiteNames[f[1]]; !ok || !c.inline(f[2]) {
		return c, false
	}
	for _, p := range f[3:] {
		if !harmless(p) {
			return c, false
		}
	}
	return c, true
}

// inline reads the key and its lifetime. With a master key identifier each
// packet has more bytes than we write, so such a key is refused.
func (c *crypto) inline(param string) bool {
	const method = "inline:"
	if len(param) < len(method) || !strings.EqualFold(param[:len(method)], method) {
		return false
	}
	parts := strings.Split(param[len(method):], "|")
	if len(parts) > 2 || len(parts) == 2 && !lifetime(parts[1]) {
		return false
	}
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	if err != nil || len(key) != c.suite.KeyBytes() {
		return false
	}
	copy(c.key[:], key)
	return true
}

// lifetime reports whether s is how many packets a key may protect: 2^n or a
// number, at least 1 and at most 2^48 (RFC 4568 section 6.1). It binds the
// key's owner, who offers a new one in time.
func lifetime(s string) bool {
	if power, ok := strings.CutPrefix(s, "2^"); ok {
		n, err := strconv.ParseUint(power, 10, 8)
		return err == nil && n <= 48
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n >= 1 && n <= 1<<48
}

// harmless reports whether a session parameter leaves packets as they are by
// default (RFC 4568 section 6.3): a hint about the replay window, the default
// key derivation rate, or one that its writer allows to be ignored.
func harmless(param string) bool {
	return strings.HasPrefix(param, "-") || strings.HasPrefix(param, "WSH=") || param == "KDR=0"
}

// addCrypto keeps a line. A tag that stands twice with different contents
// names nothing: we could not know which key is meant.
func (s *stream) addCrypto(val string) {
	c, ok := parseCrypto(val)
	if !ok || len(s.crypto) == maxCryptoLines {
		return
	}
	for i, had := range s.crypto {
		if had.tag == c.tag {
			if had != c {
				s.crypto[i].suite = 0
			}
			return
		}
	}
	s.crypto = append(s.crypto, c)
}

// write writes the line.
func (c *crypto) write(b *strings.Builder) {
	fmt.Fprintf(b, "a=crypto:%d %s inline:%s\r\n", c.tag, c.name,
		base64.StdEncoding.EncodeToString(c.key[:c.suite.KeyBytes()]))
}

// The suites of our offers, in order of preference: what every end has comes
// first. A plain end reads past them, so the INVITE of a call that may be
// plain has only two.
var (
	offeredSuites  = []media.Suite{media.AES128SHA80, media.AES256SHA80}
	requiredSuites = []media.Suite{media.AES128SHA80, media.AES256SHA80, media.AES128SHA32, media.AES256SHA32}
)

// offerKeys makes the keys of our offer. The one in use stays.
func (p *parley) offerKeys() {
	suites := offeredSuites
	switch {
	case p.security == media.Plain || p.bare:
		suites = nil
	case p.security == media.Required:
		suites = requiredSuites
	}
	p.ours = nil
	for i, s := range suites {
		c := crypto{tag: i + 1, suite: s, name: s.String()}
		if now := p.agreed.Crypto; now.Suite == s {
			c.key = now.Send
		} else {
			c.key = p.vault.next(s)
		}
		p.ours = append(p.ours, c)
	}
}

// relent makes our next offer plain and reports true, if the one that was
// refused had keys that need not be: some ends refuse keys under RTP/AVP
// instead of reading past them (decision 010).
func (p *parley) relent() bool {
	if p.security != media.Offered || p.bare || len(p.ours) == 0 {
		return false
	}
	p.bare, p.last = true, ""
	return true
}

// advise adds to the words about a refusal what our keys may have to do with
// it.
func (p *parley) advise(code int, words string) string {
	if p.security == media.Required && (code == 488 || code == 606) {
		return words + ", or it does no SRTP with SDES, which is required here"
	}
	return words
}

// agree finds the keys that an answer to our description agrees on; the zero
// Crypto stands for plain RTP. A key that is our own is no answer: its writer
// repeats lines that it does not understand.
func (p *parley) agree(s *stream) (media.Crypto, error) {
	if p.security != media.Plain {
		for _, theirs := range s.crypto {
			if mine, ok := p.chosen(theirs); ok && mine.key != theirs.key {
				return media.Crypto{Suite: mine.suite, Send: mine.key, Recv: theirs.key}, nil
			}
		}
	}
	if s.secured() || p.security == media.Required {
		return media.Crypto{}, errNoKey
	}
	return media.Crypto{}, nil
}

// chosen finds which of our lines the far end took: the one of the same tag
// and suite, or else, as some ends count tags on their own, of the same suite.
func (p *parley) chosen(theirs crypto) (mine crypto, ok bool) {
	for _, c := range p.ours {
		if c.suite == theirs.suite && (!ok || c.tag == theirs.tag) {
			mine, ok = c, true
		}
	}
	return mine, ok
}

// answerKeys chooses among the lines of an offer: what is in use if it is
// still offered, else the first, with a fresh key of ours (RFC 4568 section
// 7.1.2; a key is never used for two of the far end's).
func (p *parley) answerKeys(s *stream) (answer crypto, agreed media.Crypto, ok bool) {
	now := p.agreed.Crypto
	for _, c := range s.crypto {
		if c.suite != 0 && c.suite == now.Suite && c.key == now.Recv {
			c.key = now.Send
			return c, now, true
		}
	}
	for _, c := range s.crypto {
		if c.suite == 0 || p.isOurs(c.key) {
			continue
		}
		agreed = media.Crypto{Suite: c.suite, Recv: c.key}
		c.key = p.vault.next(c.suite)
		agreed.Send = c.key
		return c, agreed, true
	}
	return crypto{}, media.Crypto{}, false
}

func (p *parley) isOurs(k masterKey) bool {
	for _, c := range p.ours {
		if c.key == k {
			return true
		}
	}
	return false
}
