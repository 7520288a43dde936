package calls

import (
	"fmt"
	"net"
	"strings"
)

// successor finds who may take over a call: an operator of any group however
// their address is written, an account with a phone, or a number that the
// rules let pass. Everything else is refused: a phone, or a token of the API,
// must not be able to call the world at our cost.
func (c *call) successor(text string) (string, error) {
	text = strings.TrimSpace(text)
	here := c.cfg.Phone.Addr().String()
	if address, ok := colleague(c.cfg.Desk.Staff(), here, text); ok {
		return address, nil
	}
	number := text
	switch kindOf(text) {
	case account:
		if len(c.cfg.Devices(text)) > 0 {
			return text, nil
		}
	case sipAddress:
		user, host := splitURI(text)
		if host != here && c.cfg.Behind(text) == nil {
			return "", fmt.Errorf("%w: %q is no operator of ours", ErrAddress, text)
		}
		number = user
	}
	if !c.cfg.Transfers(c.bridge.want.Group).Numbers {
		return "", fmt.Errorf("%w: %q is no operator of ours, and operators of the group %s may not transfer to numbers", ErrAddress, text, c.bridge.want.Group)
	}
	number, err := c.cfg.Number(number)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return number, nil
}

// colleague finds an operator's address: as written, as the same SIP address
// written otherwise, or by the user part of a URI at this host, which is how
// phones that know only dozvon name each other.
func colleague(staff []string, here, text string) (string, bool) {
	for _, a := range staff {
		if a == text {
			return a, true
		}
	}
	if kindOf(text) != sipAddress {
		return "", false
	}
	user, host := splitURI(text)
	if user == "" {
		return "", false
	}
	for _, a := range staff {
		if u, h := splitURI(a); kindOf(a) == sipAddress && u == user && h == host {
			return a, true
		}
	}
	if host != here {
		return "", false
	}
	for _, a := range staff {
		if u, _ := splitURI(a); u == user {
			return a, true
		}
	}
	return "", false
}

// splitURI takes the user part and host:port out of a SIP address; an account
// is a user part.
func splitURI(address string) (user, hostPort string) {
	rest, isURI := strings.CutPrefix(address, "sip:")
	if !isURI {
		return address, ""
	}
	if i := strings.IndexAny(rest, ";?"); i >= 0 {
		rest = rest[:i]
	}
	user, host, ok := strings.Cut(rest, "@")
	if !ok {
		user, host = "", rest
	}
	host = strings.ToLower(host)
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), "5060")
	}
	return user, host
}
