package benchwire

import (
	"bytes"
	"fmt"
	"net/netip"
)

// answers returns what the far end says to a SIP message: nothing to an ACK
// or a response, 180 and 200 to an INVITE, 200 to anything else. media is
// where an INVITE's call receives; it is asked once.
func answers(msg []byte, local netip.AddrPort, media func(sdp []byte) netip.AddrPort) [][]byte {
	method, _, _ := bytes.Cut(msg, []byte(" "))
	switch string(method) {
	case "ACK", "SIP/2.0", "":
		return nil
	case "INVITE":
		_, sdp, _ := bytes.Cut(msg, []byte("\r\n\r\n"))
		m := media(sdp)
		contact := fmt.Sprintf("Contact: <sip:far@%s>\r\n", local)
		body := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %[2]d RTP/AVP 8 101\r\n"+
			"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n", m.Addr(), m.Port())
		return [][]byte{
			answer(msg, "180 Ringing", contact, ""),
			answer(msg, "200 OK", contact+"Content-Type: application/sdp\r\n", body),
		}
	}
	return [][]byte{answer(msg, "200 OK", "", "")}
}

// kept are the header fields that a response repeats.
var kept = [][]byte{[]byte("via:"), []byte("from:"), []byte("to:"), []byte("call-id:"), []byte("cseq:")}

// answer writes a response by repeating the request's own lines.
func answer(msg []byte, status, extra, body string) []byte {
	head, _, _ := bytes.Cut(msg, []byte("\r\n\r\n"))
	out := append(make([]byte, 0, 1024), "SIP/2.0 "+status+"\r\n"...)
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		for _, name := range kept {
			if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], name) {
				continue
			}
			out = append(out, line...)
			if string(name) == "to:" && !bytes.Contains(line, []byte(";tag=")) {
				out = append(out, ";tag=far"...)
			}
			out = append(out, "\r\n"...)
		}
	}
	return fmt.Appendf(out, "%sContent-Length: %d\r\n\r\n%s", extra, len(body), body)
}

// mediaOf finds where an SDP body wants its packets; the zero value if it says
// nothing of use.
func mediaOf(sdp []byte) netip.AddrPort {
	var ip netip.Addr
	port := 0
	for line := range bytes.SplitSeq(sdp, []byte("\r\n")) {
		if rest, ok := bytes.CutPrefix(line, []byte("c=IN IP4 ")); ok {
			ip, _ = netip.ParseAddr(string(rest))
		}
		if rest, ok := bytes.CutPrefix(line, []byte("m=audio ")); ok {
			_, _ = fmt.Sscanf(string(rest), "%d", &port)
		}
	}
	if !ip.IsValid() || port < 1 || port > 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip, uint16(port))
}

// callOf returns the Call-ID of a message.
func callOf(msg []byte) string {
	for line := range bytes.SplitSeq(msg, []byte("\r\n")) {
		if len(line) > 8 && bytes.EqualFold(line[:8], []byte("call-id:")) {
			return string(bytes.TrimSpace(line[8:]))
		}
	}
	return ""
}
