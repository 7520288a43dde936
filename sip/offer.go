package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/media"
)

// parley is our side of offer and answer (RFC 3264) on one leg: what we offer
// and what was agreed.
type parley struct {
	local   netip.AddrPort
	laws    []audio.Law
	session uint64 // o= session id
	version uint64 // o= version, grows with each new description
	last    string // our last description, for refreshes and repeats
	agreed  media.Remote
}

// offer returns our description: every law and telephone-event.
func (p *parley) offer() string {
	if p.last != "" {
		return p.last
	}
	var b strings.Builder
	p.head(&b)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP", p.local.Port())
	for _, l := range p.laws {
		fmt.Fprintf(&b, " %d", l.PayloadType())
	}
	fmt.Fprintf(&b, " %d\r\n", eventType)
	for _, l := range p.laws {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", l.PayloadType(), l)
	}
	writeEvents(&b, eventType)
	b.WriteString("a=ptime:20\r\na=sendrecv\r\n")
	p.last = b.String()
	return p.last
}

func (p *parley) head(b *strings.Builder) {
	p.version++
	family := "IP4"
	if p.local.Addr().Is6() {
		family = "IP6"
	}
	ip := p.local.Addr()
	fmt.Fprintf(b, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		p.session, p.version, family, ip, family, ip)
}

func writeEvents(b *strings.Builder, pt uint8) {
	fmt.Fprintf(b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", pt, pt)
}

// Reasons why an answer can't be used.
var (
	errNoAudio = errors.New("the far end's SDP has no audio over plain RTP (RTP/AVP)")
	errNoCodec = errors.New("the far end's SDP has none of the codecs that were offered (PCMA, PCMU)")
	errNoAddr  = errors.New("the far end's SDP has no IP address to send audio to")
)

// answered reads the far end's answer to our offer.
func (p *parley) answered(body []byte) (media.Remote, error) {
	d, err := parseSDP(body)
	if err != nil {
		return media.Remote{}, err
	}
	for i := range d.media {
		if s := &d.media[i]; s.kind == "audio" {
			if !s.plain() {
				return media.Remote{}, errNoAudio
			}
			return s.remote(p.laws)
		}
	}
	return media.Remote{}, errNoAudio
}

// remote turns a stream into what the media room needs.
func (s *stream) remote(laws []audio.Law) (media.Remote, error) {
	law, pt, ok := s.law(laws)
	if !ok {
		return media.Remote{}, errNoCodec
	}
	if !s.addr.IsValid() || s.addr.IsMulticast() {
		return media.Remote{}, errNoAddr
	}
	hold := s.addr.IsUnspecified() // RFC 3264 section 8.4: the old way to hold
	ptime := s.ptime
	if ptime == 0 {
		ptime = 20 * time.Millisecond
	}
	return media.Remote{
		Addr:        netip.AddrPortFrom(s.addr, uint16(s.port)),
		Law:         law,
		PayloadType: pt,
		EventType:   s.events(),
		Ptime:       ptime,
		Inactive:    hold || s.direction == sendonly || s.direction == inactive,
	}, nil
}

// reply answers the far end's offer: the first audio stream that we can carry
// is taken, with the codec agreed before if it is still offered; every other
// stream is refused by port 0 (RFC 3264 section 6).
func (p *parley) reply(body []byte) (string, media.Remote, error) {
	d, err := parseSDP(body)
	if err != nil {
		return "", media.Remote{}, err
	}
	taken, remote := -1, media.Remote{}
	fault := errNoAudio
	for i := range d.media {
		if s := &d.media[i]; s.plain() {
			if remote, fault = s.remote(p.preferred(s)); fault == nil {
				taken = i
				break
			}
		}
	}
	if taken < 0 {
		return "", media.Remote{}, fault
	}
	var b strings.Builder
	p.head(&b)
	for i := range d.media {
		s := &d.media[i]
		if i == taken {
			p.accept(&b, s, remote)
		} else {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", s.kind, s.proto, strings.Join(s.formats, " "))
		}
	}
	p.last = b.String()
	return p.last, remote, nil
}

// preferred returns the laws to look for: the agreed one alone while the far
// end still offers it.
func (p *parley) preferred(s *stream) []audio.Law {
	if p.agreed.Addr.IsValid() {
		now := []audio.Law{p.agreed.Law}
		if _, _, ok := s.law(now); ok {
			return now
		}
	}
	return p.laws
}

// accept writes our side of a stream that we take.
func (p *parley) accept(b *strings.Builder, s *stream, r media.Remote) {
	pts := []string{strconv.Itoa(int(r.PayloadType))}
	if r.EventType != 0 {
		pts = append(pts, strconv.Itoa(int(r.EventType)))
	}
	fmt.Fprintf(b, "m=audio %d %s %s\r\na=rtpmap:%d %s/8000\r\n",
		p.local.Port(), s.proto, strings.Join(pts, " "), r.PayloadType, r.Law)
	if r.EventType != 0 {
		writeEvents(b, r.EventType)
	}
	fmt.Fprintf(b, "a=ptime:20\r\na=%s\r\n", mirrored(s.direction))
}

// mirrored is our direction for a direction of the far end (RFC 3264 section
// 6.1).
func mirrored(direction string) string {
	switch direction {
	case sendonly:
		return recvonly
	case recvonly:
		return sendonly
	case inactive:
		return inactive
	}
	return sendrecv
}
