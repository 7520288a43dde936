package media

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"dozvon/audio"
)

var suites = []Suite{AES128SHA80, AES128SHA32, AES256SHA80, AES256SHA32}

// keysOf makes the keys of a call, seen from our side; n tells calls apart.
func keysOf(s Suite, n byte) (c Crypto) {
	c.Suite = s
	for i := range s.KeyBytes() {
		c.Send[i], c.Recv[i] = n+byte(i), n-byte(i)-1
	}
	return c
}

// opposite is the same, seen from the other side.
func opposite(c Crypto) Crypto {
	c.Send, c.Recv = c.Recv, c.Send
	return c
}

// cipher encrypts and decrypts for a far end that is written by hand.
type cipher struct {
	t         *testing.T
	far       *far
	out, back *srtp.Context
}

func newCipher(t *testing.T, f *far, c Crypto) *cipher {
	t.Helper()
	context := func(key [46]byte) *srtp.Context {
		n := c.Suite.KeyBytes() - 14
		ctx, err := srtp.CreateContext(key[:n], key[n:n+14], map[Suite]srtp.ProtectionProfile{
			AES128SHA80: srtp.ProtectionProfileAes128CmHmacSha1_80, AES128SHA32: srtp.ProtectionProfileAes128CmHmacSha1_32,
			AES256SHA80: srtp.ProtectionProfileAes256CmHmacSha1_80, AES256SHA32: srtp.ProtectionProfileAes256CmHmacSha1_32,
		}[c.Suite])
		if err != nil {
			t.Fatal(err)
		}
		return ctx
	}
	return &cipher{t: t, far: f, out: context(c.Recv), back: context(c.Send)}
}

// seal makes the far end's next packet of sound.
func (c *cipher) seal(sound byte) []byte {
	c.t.Helper()
	h := &c.far.h
	plain, err := (&rtp.Packet{Header: *h, Payload: bytes.Repeat([]byte{sound}, frameBytes)}).Marshal()
	if err != nil {
		c.t.Fatal(err)
	}
	h.SequenceNumber++
	h.Timestamp += frameBytes
	sealed, err := c.out.EncryptRTP(nil, plain, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return sealed
}

// open decrypts what our side sent.
func (c *cipher) open(p rtp.Packet) []byte {
	c.t.Helper()
	b, err := p.Marshal()
	if err != nil {
		c.t.Fatal(err)
	}
	plain, err := c.back.DecryptRTP(nil, b, nil)
	if err != nil {
		c.t.Fatalf("packet %d: %v", p.SequenceNumber, err)
	}
	return plain[rtpHeaderBytes:]
}

// secured starts a session with keys, and a far end that has them too.
func secured(t *testing.T, keys Crypto) (*lab, *Session, *cipher, *ear) {
	t.Helper()
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	r := f.remote()
	r.Crypto = keys
	s.SetRemote(r)
	heard := new(ear)
	s.Listen(heard.hear)
	l.turn()
	return l, s, newCipher(t, f, keys), heard
}

func (e *ear) loud() bool {
	return slices.ContainsFunc(e.pcm, func(v int16) bool { return v > 1000 || v < -1000 })
}

func TestEverySuiteCarriesSound(t *testing.T) {
	for _, suite := range suites {
		t.Run(suite.String(), func(t *testing.T) {
			l := newLab(t)
			a, _ := l.open(Options{})
			b, eb := l.open(Options{})
			keys := keysOf(suite, 1)
			a.SetRemote(Remote{Addr: b.Local(), PayloadType: 8, EventType: 101, Crypto: keys})
			b.SetRemote(Remote{Addr: a.Local(), PayloadType: 8, EventType: 101, Crypto: opposite(keys)})
			var heard ear
			b.Listen(heard.hear)
			a.seq = 65500 // the number wraps on the way
			a.Play(PlayOptions{}, tone(700, 3*time.Second))
			l.run(time.Second)
			a.SendDigits("12#")
			l.run(time.Second)
			if !audio.HasTone(heard.pcm, 700) || eb.digits() != "12#" {
				t.Errorf("keys %q", eb.digits())
			}
			if st := b.Stats(); st.Invalid+st.Lost+st.Strangers+st.Duplicates != 0 || st.Received < 99 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// The packets are what another implementation expects, in both directions.
func TestPacketsOfAnotherHand(t *testing.T) {
	for _, suite := range suites {
		l, s, c, heard := secured(t, keysOf(suite, 9))
		s.Play(PlayOptions{}, tone(1000, time.Second))
		c.far.got()
		for range 100 { // over the wrap of the far end's numbers, 65500 and on
			c.far.raw(c.seal(0x2A))
			l.turn()
		}
		if st := s.Stats(); st.Received != 100 || st.Invalid != 0 || !heard.loud() {
			t.Errorf("%s: %+v", suite, st)
		}
		var pcm []int16
		for _, p := range c.far.got() {
			b := c.open(p)
			frame := make([]int16, len(b))
			audio.Decode(audio.ALaw, frame, b)
			pcm = append(pcm, frame...)
		}
		if !audio.HasTone(pcm, 1000) {
			t.Errorf("%s: the far end does not hear us", suite)
		}
	}
}

// What is not under the key of the call is counted and never heard, and a call
// learns no way from it.
func TestOnlyTheKeyOpensTheCall(t *testing.T) {
	l, s, c, heard := secured(t, keysOf(AES128SHA80, 1))
	stranger := newFar(t, s) // of the same host, as plausible as can be
	wrong := newCipher(t, stranger, keysOf(AES128SHA80, 2))
	loud := bytes.Repeat([]byte{0x2A}, frameBytes)
	for range 25 {
		stranger.raw(wrong.seal(0x2A))
		stranger.packet(stranger.h, loud) // in plain
		c.far.packet(rtp.Header{Version: 2, PayloadType: 8, SSRC: 7, SequenceNumber: stranger.h.SequenceNumber}, loud)
		sealed := c.seal(0x2A)
		sealed[20] ^= 1 // a bit of the sound
		c.far.raw(sealed)
		l.turn()
	}
	if st := s.Stats(); st.Received != 0 || st.Invalid != 100 || heard.loud() {
		t.Errorf("%+v, heard %v", st, heard.loud())
	}
	if n := len(stranger.got()); n != 0 {
		t.Errorf("%d packets went to the stranger", n)
	}
	c.far.raw(c.seal(0x2A))
	l.run(100 * time.Millisecond)
	if st := s.Stats(); st.Received != 1 || !heard.loud() {
		t.Errorf("the far end itself: %+v", st)
	}
}

func TestReplays(t *testing.T) {
	l, s, c, _ := secured(t, keysOf(AES256SHA80, 1))
	var all [][]byte
	for range 200 {
		all = append(all, c.seal(0xD5))
		c.far.raw(all[len(all)-1])
		l.turn()
	}
	for _, old := range all {
		c.far.raw(old)
		l.turn()
	}
	if st := s.Stats(); st.Received != 200 || st.Duplicates < 60 || st.Duplicates+st.Invalid != 200 {
		t.Errorf("%+v", st)
	}
	// A packet that was only overtaken is still taken.
	late := c.seal(0xD5)
	c.far.raw(c.seal(0xD5))
	c.far.raw(late)
	l.turn()
	if st := s.Stats(); st.Received != 202 {
		t.Errorf("overtaken: %+v", st)
	}
}

// A far end whose NAT gives it another port in the middle of the call is
// followed, for it has the key; a stranger there is not.
func TestTheLatchFollowsTheKey(t *testing.T) {
	l, s, c, _ := secured(t, keysOf(AES128SHA80, 1))
	c.far.raw(c.seal(0xD5))
	l.turn()
	moved := newFar(t, s)
	held := c.seal(0xD5) // on its way from the old port
	moved.raw(c.seal(0xD5))
	l.run(40 * time.Millisecond)
	c.far.raw(held)
	l.turn()
	c.far.got()
	l.run(200 * time.Millisecond)
	if to, old := len(moved.got()), len(c.far.got()); to < 10 || old != 0 {
		t.Errorf("%d packets to the new port, %d to the old one", to, old)
	}
	if st := s.Stats(); st.Received != 3 {
		t.Errorf("%+v", st)
	}
}

// Strangers who know the address, the payload type, the SSRC and the numbers
// of a call bring nothing into it, encrypted or not.
func TestStrangersFlood(t *testing.T) {
	for _, keys := range []Crypto{{}, keysOf(AES128SHA80, 1)} {
		l := newLab(t)
		s, ev := l.open(Options{})
		f := newFar(t, s)
		r := f.remote()
		r.Crypto = keys
		s.SetRemote(r)
		var heard ear
		s.Listen(heard.hear)
		l.turn()
		send := func() { f.sound(0xD5) }
		if keys.Suite != 0 {
			c := newCipher(t, f, keys)
			send = func() { f.raw(c.seal(0xD5)) }
		}
		send()
		l.turn()
		strangers := []*far{newFar(t, s), newFar(t, s)}
		for range 100 {
			send()
			for _, x := range strangers {
				x.h.SequenceNumber = f.h.SequenceNumber
				x.h.Timestamp = f.h.Timestamp
				for range 4 {
					x.sound(0x2A)
				}
				x.packet(rtp.Header{Version: 2, PayloadType: 101, SSRC: 7, SequenceNumber: f.h.SequenceNumber + 1, Timestamp: f.h.Timestamp, Marker: true}, []byte{5, 10, 0, 160})
			}
			l.turn()
		}
		st := s.Stats()
		if st.Received != 101 || st.Lost != 0 || heard.loud() || ev.digits() != "" {
			t.Errorf("%s: %+v, loud %v, keys %q", keys, st, heard.loud(), ev.digits())
		}
		if st.Strangers+st.Invalid+st.Duplicates != 1000 {
			t.Errorf("%s: not all of the flood is counted: %+v", keys, st)
		}
		for _, x := range strangers {
			if n := len(x.got()); n != 0 {
				t.Errorf("%s: %d packets went to a stranger", keys, n)
			}
		}
	}
}

func TestRekeyInACall(t *testing.T) {
	l, s, c, _ := secured(t, keysOf(AES128SHA80, 1))
	speak := func(c *cipher) { c.far.raw(c.seal(0xD5)); l.turn() }
	speak(c)
	next := keysOf(AES256SHA80, 5)
	set := func(keys Crypto) {
		r := c.far.remote()
		r.Crypto = keys
		s.SetRemote(r)
		l.turn()
	}
	set(next)
	speak(c) // under the old key, still on its way
	n := newCipher(t, c.far, next)
	speak(n)
	speak(c) // the old key has had its time
	if st := s.Stats(); st.Received != 3 || st.Invalid != 1 {
		t.Errorf("%+v", st)
	}
	c.far.got()
	l.turn()
	for _, p := range c.far.got() {
		n.open(p)
	}
	set(next) // the same keys again: counters go on
	speak(n)
	if st := s.Stats(); st.Received != 4 {
		t.Errorf("%+v", st)
	}
	// The far end alone changes its key: ours keeps its counters.
	half := next
	half.Recv[3]++
	index, ssrc := s.seq, s.ssrc
	set(half)
	if s.seq != index+1 || s.ssrc != ssrc {
		t.Error("our stream began anew without need")
	}
	// Back to plain, as a call may go that only offered SRTP.
	set(Crypto{})
	c.far.sound(0xD5)
	l.turn()
	if st := s.Stats(); st.Received != 5 {
		t.Errorf("plain again: %+v", st)
	}
}

// After a wrap of the numbers, ends disagree about the rollover counter under
// a new key. Ours goes on as a new stream, and the far end's is understood
// whether it goes on or begins anew.
func TestRekeyAfterAWrap(t *testing.T) {
	for _, goesOn := range []bool{false, true} {
		first, second := keysOf(AES128SHA80, 1), keysOf(AES128SHA80, 77)
		l, s, c, _ := secured(t, first)
		l.wheel.apply(l.now)
		s.seq = 65530
		for range 60 { // both wrap: the far end begins at 65500
			c.far.raw(c.seal(0xD5))
			l.turn()
		}
		old := s.ssrc
		c.far.got()
		r := c.far.remote()
		r.Crypto = second
		s.SetRemote(r)
		n := newCipher(t, c.far, second)
		if goesOn {
			n.out.SetROC(c.far.h.SSRC, 1)
		}
		c.far.raw(c.seal(0xD5))
		l.turn()
		for range 10 {
			c.far.raw(n.seal(0xD5))
			l.turn()
		}
		if st := s.Stats(); st.Received != 71 || st.Invalid != 0 {
			t.Errorf("goes on %v: %+v", goesOn, st)
		}
		got := c.far.got()
		if len(got) == 0 || got[len(got)-1].SSRC == old {
			t.Errorf("goes on %v: the stream did not begin anew", goesOn)
		}
		for _, p := range got {
			n.open(p)
		}
	}
}

// Keys that can't be used never make a call plain.
func TestBrokenKeysSendNothing(t *testing.T) {
	l, s, c, heard := secured(t, keysOf(AES128SHA80, 1))
	c.far.got()
	r := c.far.remote()
	r.Crypto = Crypto{Suite: 99}
	s.SetRemote(r)
	l.turn()
	c.far.sound(0x2A)
	l.run(100 * time.Millisecond)
	if n := len(c.far.got()); n != 0 || heard.loud() {
		t.Errorf("%d packets in plain, heard %v", n, heard.loud())
	}
}

func TestKeysAreForgotten(t *testing.T) {
	l, s, _, _ := secured(t, keysOf(AES256SHA80, 1))
	kept := s.secure
	if kept.keys == (Crypto{}) || s.remote.Crypto != (Crypto{}) {
		t.Error("the context alone holds the keys")
	}
	l.close(s)
	if kept.keys != (Crypto{}) || kept.send != nil || kept.recv != nil {
		t.Error("the keys are still there after the end")
	}
}

func TestSecureReports(t *testing.T) {
	keys := keysOf(AES128SHA32, 1)
	var none *secureContext
	us, them := none.rekey(keys, 0), none.rekey(opposite(keys), 0)
	report := func(n byte) []byte {
		b := make([]byte, 28, 28+secureBytes)
		b[0], b[1], b[3], b[7] = 0x80, 200, 6, 7
		b[27] = n
		return b
	}
	for n := range byte(3) {
		sealed, err := us.protectRTCP(report(n))
		if err != nil || len(sealed) != 28+14 || bytes.Contains(sealed, report(n)[8:]) {
			t.Fatalf("%x, %v", sealed, err)
		}
		again, bad := slices.Clone(sealed), slices.Clone(sealed)
		bad[9] ^= 1
		if _, ok := them.unprotectRTCP(bad); ok {
			t.Error("a changed report is taken")
		}
		clear, ok := them.unprotectRTCP(sealed)
		if !ok || !bytes.Equal(clear, report(n)) {
			t.Errorf("%x, %v", clear, ok)
		}
		if _, ok := them.unprotectRTCP(again); ok {
			t.Error("a replayed report is taken")
		}
	}
	if _, ok := them.unprotectRTCP(report(1)); ok {
		t.Error("a plain report is taken")
	}
	if b, err := none.protectRTCP(report(1)); err != nil || !bytes.Equal(b, report(1)) {
		t.Error("a plain session changes its reports")
	}
	if b, ok := none.unprotectRTCP(report(1)); !ok || !bytes.Equal(b, report(1)) {
		t.Error("a plain session changes what comes")
	}
}

// The state that each source leaves behind is bounded, whatever the far end
// makes of it.
func TestSourcesAreBounded(t *testing.T) {
	keys := keysOf(AES128SHA80, 1)
	var none *secureContext
	us, them := none.rekey(keys, 0), none.rekey(opposite(keys), 0)
	taken := 0
	for ssrc := range uint32(maxSources + 50) {
		b := make([]byte, 40, 40+secureBytes)
		b[0], b[1] = 0x80, 8
		binary.BigEndian.PutUint32(b[8:], ssrc)
		sealed, err := us.protectRTP(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := them.unprotectRTP(sealed); ok {
			taken++
		}
	}
	if taken != maxSources {
		t.Errorf("%d sources", taken)
	}
}

func FuzzSecure(f *testing.F) {
	keys := keysOf(AES128SHA80, 1)
	var none *secureContext
	out := none.rekey(opposite(keys), 0)
	b := append(make([]byte, 0, 200), 0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 1, 2, 3)
	sealed, err := out.protectRTP(b)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Clone(sealed))
	f.Add([]byte{0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0xBE, 0xDE, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xBF, 200, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := none.rekey(keys, 0)
		if _, ok := in.unprotectRTP(slices.Clone(b)); ok && !bytes.Equal(b, sealed) {
			t.Fatalf("a forged packet is taken: %x", b)
		}
		if _, ok := in.unprotectRTCP(slices.Clone(b)); ok {
			t.Fatalf("a forged report is taken: %x", b)
		}
	})
}
