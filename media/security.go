package media

// Security says whether a call's RTP is encrypted (SRTP, RFC 3711).
type Security uint8

// Securities.
const (
	Plain    Security = iota // RTP/AVP only
	Offered                  // SRTP if the far end takes it, else plain
	Required                 // SRTP or no call
)

var securityNames = [...]string{"off", "offered", "required"}

// String returns the word of the configuration.
func (s Security) String() string {
	if int(s) < len(securityNames) {
		return securityNames[s]
	}
	return "unknown"
}

// ParseSecurity reads off, offered or required; empty means off.
func ParseSecurity(word string) (Security, bool) {
	if word == "" {
		return Plain, true
	}
	for i, name := range securityNames {
		if name == word {
			return Security(i), true
		}
	}
	return Plain, false
}

// Suite is a crypto suite of SDES (RFC 4568 section 6.2, RFC 6188).
type Suite uint8

// Suites.
const (
	AES128SHA80 Suite = iota + 1 // AES_CM_128_HMAC_SHA1_80
	AES128SHA32                  // AES_CM_128_HMAC_SHA1_32
	AES256SHA80                  // AES_256_CM_HMAC_SHA1_80
	AES256SHA32                  // AES_256_CM_HMAC_SHA1_32
)

// Crypto is how the packets of a call are encrypted: each direction has a
// master key followed by its salt (30 bytes for the 128 bit suites, 46 for
// those of 256).
type Crypto struct {
	Suite Suite
	Send  [46]byte // ours
	Recv  [46]byte // the far end's
}

var suiteNames = [...]string{"", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32"}

// String returns the suite's name as it stands in SDP.
func (s Suite) String() string {
	if int(s) < len(suiteNames) {
		return suiteNames[s]
	}
	return "unknown"
}

// KeyBytes returns the length of a master key with its salt.
func (s Suite) KeyBytes() int {
	switch s {
	case AES128SHA80, AES128SHA32:
		return 30
	case AES256SHA80, AES256SHA32:
		return 46
	}
	return 0
}

// String names the suite and hides the keys, so that no log has them.
func (c Crypto) String() string {
	if c.Suite == 0 {
		return "plain"
	}
	return c.Suite.String()
}

// GoString is String, for %#v.
func (c Crypto) GoString() string { return c.String() }

// MarshalText is String, for structured logs and JSON.
func (c Crypto) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
