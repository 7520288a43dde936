package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// stateless answers requests without remembering them (RFC 3261 section
// 8.2.7): a repeat of a request gets the same answer again, and nothing is
// kept of either.
type stateless struct {
	secret []byte // makes the To tag, which must be the same for a repeat
	agent  string
}

// write makes the response to a request: Via, From, To, Call-ID and CSeq as
// they came, byte for byte. It returns nil for a request without a Via, which
// nobody could match. reliable: the response goes back over a connection.
func (s *stateless) write(e *envelope, no refused, src netip.AddrPort, reliable bool) (msg []byte, to netip.AddrPort) {
	all := e.list("via")
	if len(all) == 0 {
		return nil, to
	}
	top, ok := readVia(all[0])
	if !ok {
		top = via{}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", no.code, no.reason)
	for i, v := range all {
		if i == 0 {
			v = received(v, src)
		}
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	s.copies(&b, e)
	for _, h := range no.headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name(), h.Value())
	}
	fmt.Fprintf(&b, "Server: %s\r\nContent-Length: 0\r\n\r\n", s.agent)
	to = src
	if !reliable {
		to = returnPort(&top, src)
	}
	return []byte(b.String()), to
}

// copies writes the headers that a response repeats.
func (s *stateless) copies(b *strings.Builder, e *envelope) {
	for _, h := range [][2]string{{"From", "from"}, {"To", "to"}, {"Call-ID", "call-id"}, {"CSeq", "cseq"}} {
		v, n := e.get(h[1])
		if n == 0 {
			continue
		}
		if h[0] == "To" {
			if a, ok := readAddress(v); ok {
				if _, tagged := a.param("tag"); !tagged {
					v += ";tag=" + s.tag(e)
				}
			}
		}
		fmt.Fprintf(b, "%s: %s\r\n", h[0], v)
	}
}

// tag is the same for every repeat of a request, and nobody can foresee it.
func (s *stateless) tag(e *envelope) string {
	mac := hmac.New(sha256.New, s.secret)
	for _, name := range []string{"call-id", "from", "cseq"} {
		v, _ := e.get(name)
		mac.Write([]byte(v))
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// received notes in a Via where the request really came from (RFC 3261
// section 18.2.1, RFC 3581 section 4).
func received(v string, src netip.AddrPort) string {
	head, rest, _ := strings.Cut(v, ";")
	var b strings.Builder
	b.WriteString(strings.TrimRight(head, " \t"))
	if rest != "" {
		for _, p := range splitOutside(rest, ';') {
			name, _, has := strings.Cut(p, "=")
			name = strings.ToLower(strings.Trim(name, " \t"))
			switch {
			case name == "received":
				continue
			case name == "rport" && !has:
				p = fmt.Sprintf("rport=%d", src.Port())
			}
			b.WriteString(";" + p)
		}
	}
	fmt.Fprintf(&b, ";received=%s", src.Addr().Unmap().WithZone(""))
	return b.String()
}

// returnPort is where the response to a datagram goes: to its source address
// in any case (section 18.2.2; maddr would let a stranger point us at
// others), and to its source port if the sender asks for that (RFC 3581) or
// writes another address than it has, as behind a NAT; else to the port in
// its Via.
func returnPort(top *via, src netip.AddrPort) netip.AddrPort {
	if _, asked := top.param("rport"); asked || top.host == "" {
		return src
	}
	if ip, err := netip.ParseAddr(strings.Trim(top.host, "[]")); err != nil || ip.Unmap() != src.Addr().Unmap() {
		return src
	}
	port := top.port
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(src.Addr(), uint16(port))
}

// decline decides about a request outside every dialog of ours. A call into
// this program is never taken and never leads to a call out.
func decline(method string, inDialog bool) refused {
	if inDialog {
		return refused{code: 481, reason: "Call/Transaction Does Not Exist"}
	}
	switch method {
	case "OPTIONS":
		return refused{200, "OK", capabilities()}
	case "INVITE":
		return refused{code: 403, reason: "Calls Are Not Taken Here"}
	case "BYE", "INFO", "UPDATE", "PRACK":
		return refused{code: 481, reason: "Call/Transaction Does Not Exist"}
	case "REFER":
		return refused{code: 603, reason: "Decline"}
	}
	code, reason, headers := unwanted(method)
	return refused{code, reason, headers}
}
