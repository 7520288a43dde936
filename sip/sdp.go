package sip

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/media"
)

// Directions of media (RFC 3264 section 5.1), as the describing side sees it.
const (
	sendrecv = "sendrecv"
	sendonly = "sendonly"
	recvonly = "recvonly"
	inactive = "inactive"
)

// Our own payload type of telephone-event in offers (RFC 4733; the number is
// dynamic, 101 is what everybody uses).
const eventType = 101

// comfortNoise is the static payload type of comfort noise (RFC 3389).
const comfortNoise = 13

// Lengths of packets: what we ask for if nothing else is set (RFC 3551 section
// 4.2), and the longest that we name as welcome.
const (
	defaultPtime = 20 * time.Millisecond
	maxPtime     = 60 * time.Millisecond
)

// Limits on what is read of a description.
const (
	maxSDP     = 16 << 10
	maxMedia   = 16
	maxFormats = 64
)

// description is what we read of an SDP body (RFC 8866).
type description struct {
	media []stream
}

// stream is one m= line with its attributes.
type stream struct {
	kind, proto string
	port        int
	formats     []string
	addr        netip.Addr
	direction   string
	maps        []rtpmap
	ptime       time.Duration // asked for; 0: nothing
	maxptime    time.Duration // the longest it can take; 0: not said
	crypto      []crypto      // keys for SRTP, best first
	rtcp        netip.AddrPort
	mux         bool // RTCP may come to the port of RTP (RFC 5761)
}

// rtpmap binds a payload type to an encoding.
type rtpmap struct {
	pt   uint8
	name string // upper case
	rate int
}

// parseSDP reads a description. It is lenient about what it does not need:
// carriers' descriptions break the grammar in every other place.
func parseSDP(b []byte) (description, error) {
	var d description
	if len(b) > maxSDP {
		return d, fmt.Errorf("SDP of %d bytes is longer than %d", len(b), maxSDP)
	}
	session := stream{direction: sendrecv}
	cur := &session
	seen := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n \t")
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		val := line[2:]
		switch line[0] {
		case 'v':
			seen = true
		case 'c':
			cur.addr = connection(val)
		case 'm':
			if len(d.media) == maxMedia {
				return d, fmt.Errorf("SDP has more than %d media", maxMedia)
			}
			m, err := parseMedia(val)
			if err != nil {
				return d, err
			}
			m.addr, m.direction, m.ptime, m.maxptime = session.addr, session.direction, session.ptime, session.maxptime
			d.media = append(d.media, m)
			cur = &d.media[len(d.media)-1]
		case 'a':
			cur.attribute(val)
		}
	}
	if !seen {
		return d, fmt.Errorf("no SDP: it has no v= line")
	}
	return d, nil
}

// connection reads the address of a c= line; the zero Addr stands for a host
// name or garbage.
func connection(val string) netip.Addr {
	f := strings.Fields(val)
	if len(f) != 3 || f[0] != "IN" {
		return netip.Addr{}
	}
	host, _, _ := strings.Cut(f[2], "/")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

func parseMedia(val string) (stream, error) {
	f := strings.Fields(val)
	if len(f) < 4 || len(f) > 3+maxFormats {
		return stream{}, fmt.Errorf("SDP line m=%s is not media, port, protocol, formats", cleanText(val, 64))
	}
	port, _, _ := strings.Cut(f[1], "/")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return stream{}, fmt.Errorf("SDP line m=%s has no valid port", cleanText(val, 64))
	}
	return stream{kind: f[0], port: int(n), proto: f[2], formats: f[3:]}, nil
}

// attribute applies an a= line.
func (s *stream) attribute(val string) {
	key, arg, _ := strings.Cut(val, ":")
	switch key {
	case sendrecv, sendonly, recvonly, inactive:
		s.direction = key
	case "ptime":
		s.ptime = milliseconds(arg, s.ptime)
	case "maxptime":
		s.maxptime = milliseconds(arg, s.maxptime)
	case "rtpmap":
		if len(s.maps) < maxFormats {
			s.mapping(arg)
		}
	case "crypto":
		s.addCrypto(arg)
	case "rtcp":
		s.rtcp = rtcpAddress(arg)
	case "rtcp-mux":
		s.mux = true
	}
}

// milliseconds reads a length of packets; what can't be one changes nothing.
func milliseconds(arg string, old time.Duration) time.Duration {
	ms, err := strconv.ParseFloat(strings.TrimSpace(arg), 32)
	if err != nil || ms < 1 || ms > 1000 {
		return old
	}
	return time.Duration(ms) * time.Millisecond
}

// rtcpAddress reads a=rtcp (RFC 3605 section 2.1): a port, and perhaps an
// address; without one the address is that of RTP.
func rtcpAddress(arg string) netip.AddrPort {
	port, where, named := strings.Cut(strings.TrimSpace(arg), " ")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}
	}
	var ip netip.Addr
	if named {
		if ip = connection(where); !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
			return netip.AddrPort{}
		}
	}
	return netip.AddrPortFrom(ip, uint16(n))
}

func (s *stream) mapping(arg string) {
	f := strings.Fields(arg)
	if len(f) < 2 {
		return
	}
	pt, err := strconv.ParseUint(f[0], 10, 8)
	if err != nil || pt > 127 {
		return
	}
	parts := strings.Split(f[1], "/")
	rate := 8000
	if len(parts) > 1 {
		rate, _ = strconv.Atoi(parts[1])
	}
	s.maps = append(s.maps, rtpmap{uint8(pt), strings.ToUpper(parts[0]), rate})
}

// encoding returns what a format of the m= line stands for; static payload
// types need no rtpmap (RFC 3551 section 6).
func (s *stream) encoding(format string) (rtpmap, bool) {
	pt, err := strconv.ParseUint(format, 10, 8)
	if err != nil || pt > 127 {
		return rtpmap{}, false
	}
	for _, m := range s.maps {
		if m.pt == uint8(pt) {
			return m, true
		}
	}
	switch pt {
	case 0:
		return rtpmap{0, "PCMU", 8000}, true
	case 8:
		return rtpmap{8, "PCMA", 8000}, true
	case comfortNoise:
		return rtpmap{comfortNoise, "CN", 8000}, true
	}
	return rtpmap{}, false
}

// law returns the first format, in the describer's order, that is one of
// laws.
func (s *stream) law(laws []audio.Law) (audio.Law, uint8, bool) {
	for _, f := range s.formats {
		m, ok := s.encoding(f)
		if !ok || m.rate != 8000 {
			continue
		}
		for _, l := range laws {
			if m.name == l.String() {
				return l, m.pt, true
			}
		}
	}
	return 0, 0, false
}

// events returns the payload type of telephone-event, 0 if there is none.
func (s *stream) events() uint8 { return s.named("TELEPHONE-EVENT") }

// noise returns the payload type of comfort noise, 0 if there is none.
func (s *stream) noise() uint8 { return s.named("CN") }

func (s *stream) named(name string) uint8 {
	for _, f := range s.formats {
		if m, ok := s.encoding(f); ok && m.name == name && m.rate == 8000 && m.pt != 0 {
			return m.pt
		}
	}
	return 0
}

// packetTime is how long the packets are that we send: what the far end asks
// for, no longer than what it can take, in a length that we can make.
func (s *stream) packetTime() time.Duration {
	want := s.ptime
	if want == 0 {
		want = defaultPtime
	}
	if s.maxptime != 0 {
		want = min(want, s.maxptime)
	}
	best := media.PacketTimes[0]
	for _, d := range media.PacketTimes {
		if d <= want {
			best = d
		}
	}
	return best
}

// control is where RTCP goes, the zero AddrPort for where it goes by default.
func (s *stream) control(muxed bool) netip.AddrPort {
	switch {
	case muxed && s.mux:
		return netip.AddrPortFrom(s.addr, uint16(s.port))
	case s.rtcp.IsValid():
		return s.rtcp
	case s.rtcp.Port() != 0:
		return netip.AddrPortFrom(s.addr, s.rtcp.Port())
	}
	return netip.AddrPort{}
}

// open reports whether the stream is audio over RTP and is not off; secured,
// whether by its profile that is SRTP (RFC 3711 section 11, RFC 5124).
func (s *stream) open() bool {
	return s.kind == "audio" && s.port != 0 && (s.secured() || s.proto == "RTP/AVP" || s.proto == "RTP/AVPF")
}

func (s *stream) secured() bool { return s.proto == "RTP/SAVP" || s.proto == "RTP/SAVPF" }
