package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"dozvon/audio"
)

func TestLatch(t *testing.T) {
	at := netip.MustParseAddrPort
	type step struct {
		from string
		ok   bool
	}
	for _, c := range []struct {
		name, sdp string
		any       bool
		steps     []step
		target    string
	}{
		{"as told", "5.6.7.8:4000", false, []step{{"5.6.7.8:4000", true}, {"5.6.7.8:4002", false}, {"9.9.9.9:4000", false}}, "5.6.7.8:4000"},
		{"before any packet", "5.6.7.8:4000", false, nil, "5.6.7.8:4000"},
		{"another port", "5.6.7.8:4000", false, []step{{"5.6.7.8:7777", true}, {"5.6.7.8:7778", false}}, "5.6.7.8:7777"},
		{"another host", "5.6.7.8:4000", false, []step{{"9.9.9.9:4000", false}, {"5.6.7.8:4000", true}}, "5.6.7.8:4000"},
		{"another host is allowed", "5.6.7.8:4000", true, []step{{"9.9.9.9:1", true}, {"9.9.9.8:1", false}}, "9.9.9.9:1"},
		{"private", "10.0.0.5:4000", false, []step{{"9.9.9.9:1", true}, {"9.9.9.8:1", false}}, "9.9.9.9:1"},
		{"carrier NAT", "100.64.3.4:4000", false, []step{{"9.9.9.9:1", true}}, "9.9.9.9:1"},
		{"the told one overrides a guess", "10.0.0.5:4000", false, []step{{"9.9.9.9:1", true}, {"10.0.0.5:4000", true}, {"9.9.9.9:1", false}}, "10.0.0.5:4000"},
		{"nothing told", "", true, []step{{"9.9.9.9:1", false}}, ""},
	} {
		l := latch{any: c.any}
		if c.sdp != "" {
			l.expect(at(c.sdp))
		}
		for _, s := range c.steps {
			if l.admit(at(s.from)) != s.ok {
				t.Errorf("%s: %s admitted: %v", c.name, s.from, !s.ok)
			}
		}
		if c.target != "" && l.target() != at(c.target) {
			t.Errorf("%s: sends to %v", c.name, l.target())
		}
	}
	l := latch{}
	l.expect(at("5.6.7.8:4000"))
	l.admit(at("5.6.7.8:7777"))
	l.expect(at("5.6.7.8:4000"))
	if l.target() != at("5.6.7.8:7777") {
		t.Error("the same address again must keep what was learned")
	}
	l.expect(at("5.6.7.8:5000"))
	if l.admit(at("5.6.7.8:5000")); l.target() != at("5.6.7.8:5000") {
		t.Error("a new address must replace what was learned")
	}
}

func TestSequence(t *testing.T) {
	var q sequence
	for i, c := range []struct {
		ssrc uint32
		seq  uint16
		want freshness
		lost uint64
	}{
		{1, 65534, packetRestart, 0},
		{1, 65535, packetNew, 0},
		{1, 1, packetNew, 1},
		{1, 0, packetReordered, 0},
		{1, 0, packetDuplicate, 0},
		{1, 1, packetDuplicate, 0},
		{1, 5, packetNew, 3},
		{1, 30000, packetStray, 3},
		{1, 6, packetNew, 3},
		{1, 40000, packetStray, 3},
		{1, 40001, packetRestart, 3},
		{1, 40003, packetNew, 4},
		{2, 9, packetRestart, 4},
		{2, 10, packetNew, 4},
		{2, 80, packetNew, 73},
		{2, 11, packetStray, 73}, // beyond what duplicates are remembered for
		{2, 81, packetNew, 73},
	} {
		if got := q.add(c.ssrc, c.seq); got != c.want || q.total() != c.lost {
			t.Fatalf("step %d: %v with %d lost, want %v with %d", i, got, q.total(), c.want, c.lost)
		}
	}
}

func TestContentOf(t *testing.T) {
	r := Remote{Law: audio.ALaw, PayloadType: 8, EventType: 101}
	for pt, want := range map[uint8]content{8: contentALaw, 0: contentULaw, 101: contentEvent, 13: contentNoise, 96: contentUnknown, 18: contentUnknown} {
		if got := r.contentOf(pt); got != want {
			t.Errorf("payload type %d: %v, want %v", pt, got, want)
		}
	}
	r = Remote{Law: audio.ULaw, PayloadType: 97}
	if r.contentOf(97) != contentULaw || r.contentOf(101) != contentUnknown || r.payloadType() != 97 {
		t.Error("a dynamic payload type is not understood")
	}
	if (Remote{Law: audio.ALaw}).payloadType() != 8 {
		t.Error("payload type 0 must not carry A-law")
	}
}

// press is one telephone-event packet.
type press struct {
	event, flags byte
	duration     uint16
	ts           uint32
	marker       bool
	reordered    bool
}

func TestKeyReceiver(t *testing.T) {
	const end = 0x8A
	for name, c := range map[string]struct {
		in   []press
		want string
	}{
		"whole":              {[]press{{5, 10, 160, 1000, true, false}, {5, 10, 320, 1000, false, false}, {5, end, 480, 1000, false, false}, {5, end, 480, 1000, false, false}}, "5"},
		"lost start":         {[]press{{5, 10, 320, 1000, false, false}, {5, end, 480, 1000, false, false}}, "5"},
		"only an end":        {[]press{{11, end, 480, 1000, false, false}}, "#"},
		"lost ends":          {[]press{{5, 10, 160, 1000, true, false}, {5, 10, 160, 2600, true, false}, {5, end, 480, 2600, false, false}}, "55"},
		"lost ends, start":   {[]press{{5, 10, 800, 1000, true, false}, {5, 10, 320, 2600, false, false}}, "55"},
		"twice":              {[]press{{5, end, 800, 1000, true, false}, {5, end, 800, 2280, false, false}}, "55"},
		"two keys":           {[]press{{1, 10, 160, 1000, true, false}, {2, 10, 160, 2000, true, false}}, "12"},
		"late end":           {[]press{{1, 10, 160, 1000, true, false}, {2, 10, 160, 2000, true, false}, {1, end, 480, 1000, false, true}, {2, end, 480, 2000, false, false}}, "12"},
		"long, in segments":  {[]press{{1, 10, 65535, 1000, true, false}, {1, 10, 160, 66535, false, false}, {1, end, 65535, 66535, false, false}}, "1"},
		"moving timestamps":  {[]press{{1, 10, 160, 1000, true, false}, {1, 10, 320, 1160, false, false}, {1, 10, 480, 1320, false, false}, {1, end, 640, 1480, false, false}}, "1"},
		"flash and hostile":  {[]press{{16, 10, 160, 1000, true, false}, {255, end, 65535, 3000, true, false}}, ""},
		"timestamps wrap":    {[]press{{1, end, 800, 1<<32 - 100, true, false}, {1, end, 800, 1200, true, false}}, "11"},
		"a different key at": {[]press{{1, end, 800, 1000, true, false}, {2, end, 800, 1000, false, false}}, "12"},
	} {
		var k keyReceiver
		got := ""
		for _, p := range c.in {
			if d, _, ok := k.push(!p.reordered, p.marker, p.ts, []byte{p.event, p.flags, byte(p.duration >> 8), byte(p.duration)}); ok {
				got += string(d)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestKeysSurviveLoss sends keys through loss that spares at least one packet
// of each, duplicates and all, and wants them all back, once each.
func TestKeysSurviveLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9*#A-D]{1,12}`).Draw(t, "digits")
		var out keySender
		out.add(digits)
		var in keyReceiver
		got, ts := "", rapid.Uint32().Draw(t, "ts")
		for out.active() {
			spared := rapid.IntRange(0, keyDown-2+keyEnds).Draw(t, "spared")
			for i := range keyPeriod {
				f, _ := out.next(ts)
				ts += frameBytes
				if !f.event || i != spared && rapid.Bool().Draw(t, "lost") {
					continue
				}
				if d, _, ok := in.push(true, f.marker, f.ts, f.payload[:]); ok {
					got += string(d)
				}
			}
		}
		if got != digits {
			t.Fatalf("sent %q, heard %q", digits, got)
		}
	})
}

// TestKeyFrames holds the packets of one key to RFC 4733 2.5.1.
func TestKeyFrames(t *testing.T) {
	var k keySender
	k.add("9")
	for i := range keyPeriod {
		f, last := k.next(uint32(1000 + i*frameBytes))
		if last != (i == keyPeriod-1) {
			t.Errorf("frame %d: last %v", i, last)
		}
		if i >= keyDown-1+keyEnds {
			if f.event {
				t.Errorf("frame %d is an event", i)
			}
			continue
		}
		duration := int(f.payload[2])<<8 | int(f.payload[3])
		if !f.event || f.ts != 1000 || f.marker != (i == 0) || f.payload[0] != 9 ||
			duration != min(i+1, keyDown)*160 || (f.payload[1]&0x80 != 0) != (i >= keyDown-1) {
			t.Errorf("frame %d: %+v", i, f)
		}
	}
	k.add("1" + string(make([]byte, 10)) + "<>я")
	k.add(string(make([]byte, 1000)))
	if len(k.queue) != 1 {
		t.Errorf("queue %q", k.queue)
	}
}

func TestWatch(t *testing.T) {
	now := time.Unix(0, 0)
	w := watch{after: time.Second}
	if w.expired(now.Add(time.Hour)) {
		t.Error("off, and expired")
	}
	w.set(true, now)
	if w.expired(now.Add(999 * time.Millisecond)) {
		t.Error("too early")
	}
	w.alive(now.Add(900 * time.Millisecond))
	if w.expired(now.Add(1800 * time.Millisecond)) {
		t.Error("a packet came, and expired")
	}
	if !w.expired(now.Add(1900*time.Millisecond)) || w.expired(now.Add(9*time.Second)) {
		t.Error("expires once")
	}
}

// FuzzPacket gives a session arbitrary datagrams from its far end.
func FuzzPacket(f *testing.F) {
	seed := func(h rtp.Header, payload []byte) {
		b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, b)
	}
	seed(rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: 1, Timestamp: 160}, make([]byte, 160))
	seed(rtp.Header{Version: 2, PayloadType: 101, Marker: true, Timestamp: 5}, []byte{3, 0x8A, 3, 0x20})
	seed(rtp.Header{Version: 2, PayloadType: 0, CSRC: []uint32{1, 2}, Extension: true, ExtensionProfile: 0xBEDE}, make([]byte, 900))
	f.Add([]byte{0xB0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0xFF, 0xFF, 0x10}, []byte{0xA0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 255})
	f.Add([]byte{0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 0, 0x80, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		[]byte{0x80, 200, 0, 6, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})
	from := netip.MustParseAddrPort("127.0.0.1:9")
	f.Fuzz(func(t *testing.T, a, b []byte) {
		w := &wheel{}
		s := &Session{wheel: w}
		digits := 0
		s.opt.Sink = func(e Event) {
			if e.Kind == Digit {
				digits++
			}
		}
		now := time.Unix(0, 0)
		s.setRemote(Remote{Addr: from, Law: audio.ULaw, EventType: 101}, now)
		for range 3 {
			s.packet(now, a, from)
			s.packet(now, b, from)
			s.jitter.take(&w.rx)
		}
		st := s.count.stats()
		if st.Received+st.Invalid+st.Duplicates+st.Reports != 6 {
			t.Fatalf("packets unaccounted for: %+v", st)
		}
		if digits > 6 || s.jitter.started && s.jitter.left() > ringBytes {
			t.Fatalf("%d keys, %d bytes kept", digits, s.jitter.left())
		}
	})
}

// FuzzKeys gives the receiver of keys arbitrary payloads.
func FuzzKeys(f *testing.F) {
	f.Add([]byte{5, 0x8A, 3, 0x20}, uint32(160), true)
	f.Add([]byte{255, 255, 255, 255, 255}, uint32(0), false)
	f.Add([]byte{}, uint32(1<<31), false)
	f.Fuzz(func(t *testing.T, payload []byte, ts uint32, marker bool) {
		var k keyReceiver
		first := 0
		for range 3 {
			if d, held, ok := k.push(true, marker, ts, payload); ok {
				first++
				if held < 0 || audio.DigitTone(d, time.Millisecond, 1) == nil {
					t.Fatalf("key %q held for %v", d, held)
				}
			}
		}
		if first > 1 {
			t.Fatalf("one packet made %d keys", first)
		}
	})
}
