package calls

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/internal/lossy"
	"dozvon/internal/testports"
)

// rawPhone is a telephone of a few lines: it answers, says one tone without
// end, keeps what it hears, and sends whatever a test wants. Unlike the
// simulated subscribers it holds, refers and notes times to the packet.
type rawPhone struct {
	t     testing.TB
	user  string
	hz    float64
	law   audio.Law
	ptime time.Duration
	sip   *net.UDPConn
	rtp   *net.UDPConn
	quit  chan struct{}
	ended sync.WaitGroup

	came chan sipText // requests and final responses, those of ringing apart

	mu       sync.Mutex
	path     *lossy.Network // between us and its sound; nil: none
	silent   bool           // answers the INVITE with 180 only
	refuses  int            // answers the INVITE with this code
	noRefer  bool
	forward  *rawPhone // gets every message of a second call
	invite   sipText
	peer     *net.UDPAddr
	far      *net.UDPAddr // of RTP
	relay    *lossy.Relay
	cseq     int
	answered time.Time // the 200 left
	sound    time.Time // the first sound came
	pcm      []int16
	key      byte        // being pressed by RFC 4733; 0: none
	pressed  int         // packets of it so far
	packets  map[int]int // that came, by bytes of sound
}

// sipText is a message as it came.
type sipText struct {
	first  string
	header map[string]string // by name in lower case; the first of each
	vias   []string
	body   string
}

func (m sipText) method() string { return strings.Fields(m.header["cseq"] + " 0 ?")[1] }
func (m sipText) isRequest() bool {
	return !strings.HasPrefix(m.first, "SIP/2.0")
}

func parseSIP(b []byte) (m sipText) {
	head, body, _ := strings.Cut(string(b), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	m = sipText{first: lines[0], header: map[string]string{}, body: body}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "via" || name == "v" {
			m.vias = append(m.vias, value)
		}
		if _, again := m.header[name]; !again {
			m.header[name] = value
		}
	}
	return m
}

func newRawPhone(t testing.TB, user string, hz float64, law audio.Law) *rawPhone {
	t.Helper()
	return newRawPhoneAt(t, user, hz, law, 20*time.Millisecond)
}

// newRawPhoneAt is one that sends and wants packets of that length.
func newRawPhoneAt(t testing.TB, user string, hz float64, law audio.Law, ptime time.Duration) *rawPhone {
	t.Helper()
	p := &rawPhone{t: t, ptime: ptime, user: user, hz: hz, law: law, quit: make(chan struct{}), came: make(chan sipText, 256), cseq: 1, packets: map[int]int{}}
	for c, port := range map[**net.UDPConn]int{&p.sip: testports.One(t), &p.rtp: 0} {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			t.Fatal(err)
		}
		*c = conn
	}
	p.ended.Go(p.readSIP)
	p.ended.Go(p.readRTP)
	p.ended.Go(p.talk)
	t.Cleanup(func() {
		close(p.quit)
		p.sip.Close()
		p.rtp.Close()
		p.ended.Wait()
	})
	return p
}

// become changes how the phone behaves from now on.
func (p *rawPhone) become(change func(*rawPhone)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *rawPhone) port() int       { return p.sip.LocalAddr().(*net.UDPAddr).Port }
func (p *rawPhone) address() string { return fmt.Sprintf("sip:%s@127.0.0.1:%d", p.user, p.port()) }

func (p *rawPhone) readSIP() {
	b := make([]byte, 65536)
	for {
		n, from, err := p.sip.ReadFromUDP(b)
		if err != nil {
			return
		}
		m := parseSIP(b[:n])
		if !strings.Contains(m.first, "SIP/2.0") {
			continue // a late packet of somebody else's call
		}
		p.mu.Lock()
		p.peer = from
		p.mu.Unlock()
		if p.passOn(m, b[:n], from) {
			continue
		}
		if m.isRequest() {
			p.request(m)
		}
		if m.isRequest() || !strings.HasPrefix(m.first, "SIP/2.0 1") {
			select {
			case p.came <- m:
			default:
			}
		}
	}
}

// passOn gives what belongs to another call to another phone, whose answers
// go straight back: all is on one host.
func (p *rawPhone) passOn(m sipText, b []byte, from *net.UDPAddr) bool {
	p.mu.Lock()
	f := p.forward
	mine := p.invite.header["call-id"] == m.header["call-id"]
	p.mu.Unlock()
	if f == nil || mine {
		return false
	}
	f.mu.Lock()
	f.peer = from
	f.mu.Unlock()
	f.request(m)
	return true
}

// request answers what the far end asks.
func (p *rawPhone) request(m sipText) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method := m.method(); {
	case method == "ACK":
	case method == "CANCEL":
		p.respond(m, 200, "")
		p.respond(p.invite, 487, "")
	case method == "INVITE" && !strings.Contains(m.header["to"], "tag="):
		p.invite = m
		switch {
		case p.refuses > 0:
			p.respond(m, p.refuses, "")
		case p.silent:
			p.respond(m, 180, "")
		default:
			p.pickUp()
		}
	case method == "INVITE":
		p.respond(m, 200, p.sdp("sendrecv"))
	case method == "REFER" && p.noRefer:
		p.respond(m, 603, "")
	case method == "REFER":
		p.respond(m, 202, "")
	default:
		p.respond(m, 200, "")
	}
}

func (p *rawPhone) pickUp() {
	p.far = rtpOf(p.invite.body)
	if p.path != nil && p.relay == nil {
		relay, err := lossy.Start(*p.path, p.far.AddrPort(), p.rtp.LocalAddr().(*net.UDPAddr).AddrPort())
		if err != nil {
			panic(err)
		}
		p.t.Cleanup(relay.Close)
		p.relay, p.far = relay, net.UDPAddrFromAddrPort(relay.B())
	}
	p.answered = time.Now()
	p.respond(p.invite, 200, p.sdp("sendrecv"))
}

// rtpOf is where an SDP wants sound.
func rtpOf(sdp string) *net.UDPAddr {
	a := &net.UDPAddr{}
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		if ip, ok := strings.CutPrefix(line, "c=IN IP4 "); ok {
			a.IP = net.ParseIP(ip)
		}
		fmt.Sscanf(line, "m=audio %d", &a.Port)
	}
	return a
}

func (p *rawPhone) sdp(direction string) string {
	port := p.rtp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	if p.relay != nil {
		port = p.relay.A().Port()
	}
	return fmt.Sprintf("v=0\r\no=- 7 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP %d 101\r\n"+
		"a=rtpmap:%d %s/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:%d\r\na=%s\r\n",
		p.cseq, port, p.law.PayloadType(), p.law.PayloadType(), p.law, p.ptime.Milliseconds(), direction)
}

func (p *rawPhone) contact() string {
	return fmt.Sprintf("Contact: <sip:%s@127.0.0.1:%d>\r\n", p.user, p.port())
}

func (p *rawPhone) respond(m sipText, code int, sdp string) {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d Words\r\n", code)
	for _, v := range m.vias {
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	to := m.header["to"]
	if !strings.Contains(to, "tag=") {
		to += ";tag=raw"
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s", m.header["from"], to, m.header["call-id"], m.header["cseq"], p.contact())
	p.finish(&b, "application/sdp", sdp)
}

// finish completes a message with its body and sends it.
func (p *rawPhone) finish(b *strings.Builder, kind, body string) {
	if body != "" {
		fmt.Fprintf(b, "Content-Type: %s\r\n", kind)
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	p.sip.WriteToUDP([]byte(b.String()), p.peer)
}

// send sends a request within the dialog; headers end with CRLF each.
func (p *rawPhone) send(method, headers, kind, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cseq++
	p.sendAs(p.cseq, method, headers, kind, body)
}

func (p *rawPhone) sendAs(cseq int, method, headers, kind, body string) {
	var b strings.Builder
	target := strings.Trim(p.invite.header["contact"], "<>")
	if i := strings.IndexByte(target, '>'); i >= 0 {
		target = target[:i]
	}
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s%d%s;rport\r\nMax-Forwards: 70\r\nFrom: %s;tag=raw\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s%s",
		method, target, p.port(), p.user, cseq, method, p.invite.header["to"], p.invite.header["from"], p.invite.header["call-id"], cseq, method, p.contact(), headers)
	p.finish(&b, kind, body)
}

// until waits for a request, or for the final response to one of ours.
func (p *rawPhone) until(what string, ok func(m sipText) bool) sipText {
	p.t.Helper()
	var seen []string
	for deadline := time.After(20 * time.Second); ; {
		select {
		case m := <-p.came:
			if ok(m) {
				return m
			}
			seen = append(seen, m.first+" "+m.method())
		case <-deadline:
			p.t.Fatalf("%s waited in vain for %s; it got %q", p.user, what, seen)
		}
	}
}

func (p *rawPhone) asked(method string) sipText {
	p.t.Helper()
	return p.until(method, func(m sipText) bool { return m.isRequest() && m.method() == method })
}

func (p *rawPhone) told(method string) sipText {
	p.t.Helper()
	return p.until("the answer to "+method, func(m sipText) bool { return !m.isRequest() && m.method() == method })
}

// reinvite offers the media anew in that direction.
func (p *rawPhone) reinvite(direction string) {
	p.t.Helper()
	p.mu.Lock()
	p.cseq++
	cseq := p.cseq
	p.sendAs(cseq, "INVITE", "", "application/sdp", p.sdp(direction))
	p.mu.Unlock()
	if m := p.told("INVITE"); !strings.Contains(m.first, " 200 ") {
		p.t.Errorf("%s: the offer %s was answered by %s", p.user, direction, m.first)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sendAs(cseq, "ACK", "", "", "")
}

func (p *rawPhone) info(key string) {
	p.send("INFO", "", "application/dtmf-relay", "Signal="+key+"\r\nDuration=160\r\n")
}

func (p *rawPhone) readRTP() {
	b := make([]byte, 2048)
	pcm := make([]int16, 2048)
	for {
		n, _, err := p.rtp.ReadFromUDP(b)
		if err != nil {
			return
		}
		if n <= 12 || b[1]&0x7f != p.law.PayloadType() {
			continue
		}
		audio.Decode(p.law, pcm[:n-12], b[12:n])
		p.mu.Lock()
		p.packets[n-12]++
		if p.sound.IsZero() && audio.RMS(pcm[:n-12]) > 500 {
			p.sound = time.Now()
		}
		p.pcm = append(p.pcm, pcm[:n-12]...)
		p.mu.Unlock()
	}
}

// talk says the tone from the answer on, also while the phone holds: what it
// sends then is for nobody.
func (p *rawPhone) talk() {
	tone := audio.NewClip(audio.Tone([]float64{p.hz}, time.Second, 0.3)).Encoded(p.law)
	tick := time.NewTicker(p.ptime)
	defer tick.Stop()
	samples := audio.Samples(p.ptime)
	packet := make([]byte, 12+samples)
	for n := 0; ; n++ {
		p.mu.Lock()
		far := p.far
		p.mu.Unlock()
		if far != nil && p.pressing(n, n*samples, far) {
			// sound pauses meanwhile
		} else if far != nil {
			ts := n * samples
			copy(packet, []byte{0x80, p.law.PayloadType(), byte(n >> 8), byte(n), byte(ts >> 24), byte(ts >> 16), byte(ts >> 8), byte(ts), 1, 2, 3, 4})
			copy(packet[12:], tone[ts%(len(tone)/2):])
			p.rtp.WriteToUDP(packet, far)
		}
		select {
		case <-tick.C:
		case <-p.quit:
			return
		}
	}
}

// every tone of these tests.
var allTones = []float64{personHz, operatorHz, secondHz, supervisorHz, musicHz, promptHz, whisperHz, 600}

const (
	personHz     = 400
	operatorHz   = 800
	secondHz     = 2100
	supervisorHz = 1800
)

// hears waits until the phone hears just these tones, and for a while.
func (p *rawPhone) hears(tones ...float64) {
	p.t.Helper()
	p.mu.Lock()
	p.pcm = nil
	p.mu.Unlock()
	var told string
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); ; {
		if told = p.wrong(tones); told == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("%s should hear %v: %s", p.user, tones, told)
		}
	}
}

// wrong says what is wrong with the last half second that the phone heard.
func (p *rawPhone) wrong(tones []float64) string {
	const window = 500 * time.Millisecond
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pcm) < audio.Samples(window) {
		return "too little was heard"
	}
	last := p.pcm[len(p.pcm)-audio.Samples(window):]
	for _, hz := range allTones {
		wanted := false
		for _, w := range tones {
			wanted = wanted || w == hz
		}
		heard := audio.ToneTime(last, hz)
		if wanted && heard < 400*time.Millisecond || !wanted && heard > 60*time.Millisecond {
			return fmt.Sprintf("%v Hz for %v of %v", hz, heard, window)
		}
	}
	return ""
}

// cutOut is a text without a part, which must be there.
func cutOut(t testing.TB, text, part string) string {
	t.Helper()
	before, after, ok := strings.Cut(text, part)
	if !ok {
		t.Fatalf("the text holds no %q", part)
	}
	return before + after
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// cutIn is a text with a part replaced, which must be there.
func cutIn(t testing.TB, text, old, by string) string {
	t.Helper()
	before, after, ok := strings.Cut(text, old)
	if !ok {
		t.Fatalf("the text holds no %q", old)
	}
	return before + by + after
}

// pressing sends a packet of the key that is pressed, if one is.
func (p *rawPhone) pressing(n, ts int, far *net.UDPAddr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.key == 0 {
		return false
	}
	const held, ends = 5, 3
	began := ts - p.pressed*audio.FrameSamples
	duration := min(p.pressed+1, held) * audio.FrameSamples
	flags := byte(10)
	if p.pressed >= held {
		flags |= 0x80
	}
	p.rtp.WriteToUDP([]byte{0x80, 101, byte(n >> 8), byte(n), byte(began >> 24), byte(began >> 16), byte(began >> 8), byte(began), 1, 2, 3, 4,
		p.key - '0', flags, byte(duration >> 8), byte(duration)}, far)
	if p.pressed++; p.pressed == held+ends {
		p.key, p.pressed = 0, 0
	}
	return true
}

// press presses a key by telephone-event and waits until it has left.
func (p *rawPhone) press(r *rig, key byte) {
	p.t.Helper()
	p.mu.Lock()
	p.key = key
	p.mu.Unlock()
	r.await("the key to have been sent", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.key == 0
	})
}
