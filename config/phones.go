package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Phone is the account by which an operator's softphones register here.
type Phone struct {
	Password string `yaml:"password"` // only as ${NAME}
	SRTP     string `yaml:"srtp"`     // off (default) | offered | required
}

// securities are the words of srtp.
var securities = []string{"", "off", "offered", "required"}

// minPhonePassword is short for a password and long for a guesser on the net.
const minPhonePassword = 8

var account = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (k *checker) phones(c *Config) {
	for name, p := range c.Phones {
		path := "$.phones." + name
		if !account.MatchString(name) {
			k.fault(path, "%q is no name of an account; take letters, digits, dots, dashes and underscores", name)
		}
		if !slices.Contains(securities, p.SRTP) {
			k.fault(path+".srtp", "%q is no way to secure sound; take off, offered or required", p.SRTP)
		}
		if len(p.Password) < minPhonePassword && len(k.faults) == 0 {
			k.fault(path, "the password of the phone %s is shorter than %d characters; whoever guesses it takes your operators' calls", name, minPhonePassword)
		}
	}
}

// operator reports whether an address in a group is one: a SIP address, the
// account of a phone that registers here, or a number called through the trunk.
func (c *Config) operator(address string) bool {
	_, known := c.Phones[address]
	return known || strings.HasPrefix(address, "sip:") && sipURI(address) || strings.HasPrefix(address, "+") && shownNumber.MatchString(address)
}

func (k *checker) sip(c *Config) {
	s := c.SIP
	listen, err := netip.ParseAddrPort(s.Listen)
	if err != nil {
		k.fault("$.sip.listen", "%q is no address; write IP:port, for example 0.0.0.0:5060", s.Listen)
	}
	if s.TLSListen != "" {
		tls, err := netip.ParseAddrPort(s.TLSListen)
		switch {
		case err != nil || tls.Port() == 0:
			k.fault("$.sip.tls_listen", "%q is no address; write IP:port, for example 0.0.0.0:5061", s.TLSListen)
		case listen.IsValid() && tls.Addr() != listen.Addr():
			k.fault("$.sip.tls_listen", "its IP must be that of sip.listen, %s; only the port differs", listen.Addr())
		case listen.IsValid() && tls.Port() == listen.Port():
			k.fault("$.sip.tls_listen", "the port is that of sip.listen already; take another, 5061 as a rule")
		}
	}
	switch complete := s.Certificate != "" && s.PrivateKey != ""; {
	case s.TLSListen != "" && !complete:
		k.fault("$.sip.tls_listen", "TLS needs sip.certificate and sip.private_key, two PEM files")
	case s.TLSListen == "" && (s.Certificate != "" || s.PrivateKey != ""):
		k.fault("$.sip.certificate", "a certificate serves only with sip.tls_listen, for example 0.0.0.0:5061")
	}
	for i, a := range s.Allow {
		if _, err := Network(a); err != nil {
			k.fault(fmt.Sprintf("$.sip.allow[%d]", i), "%q is no network; write an address or a range such as 10.0.0.0/8", a)
		}
	}
}

// Network reads a range of addresses, or one address.
func Network(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}
