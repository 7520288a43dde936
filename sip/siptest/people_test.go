package siptest

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

func prompt(d time.Duration) *audio.Clip {
	return audio.NewClip(audio.Tone([]float64{500}, d, 0.3))
}

// TestPersonListensAndPresses: the built-in yes hears 1.5 s of voice, presses
// 1, and talks.
func TestPersonListensAndPresses(t *testing.T) {
	for _, law := range []audio.Law{audio.ALaw, audio.ULaw} {
		t.Run(law.String(), func(t *testing.T) {
			t.Parallel()
			b := bookOf(t, map[string]string{"1": "yes"})
			b.Law = law
			s := start(t, Config{Book: b, AnswerDelayScale: 0.1})
			l := newPhone(t, s).call("1", func(o *offer) { o.law = law; o.payload = law.PayloadType() }).answered()
			if l.offer.law != law {
				t.Errorf("the law agreed is %v", l.offer.law)
			}
			l.media.Play(media.PlayOptions{}, prompt(2*time.Second))
			if e := l.event(media.Digit); e.Digit != '1' {
				t.Errorf("key %c came", e.Digit)
			}
			l.hears(500 * time.Millisecond)
			l.bye(1)
			r := ended(t, s, "1")
			if r.KeysOut != "1" || r.By != Caller || r.Err != "" || r.Profile != "yes" {
				t.Errorf("record is %+v", r)
			}
			if r.Heard < 1400*time.Millisecond || r.PacketsIn < 70 || r.PacketsOut < 70 {
				t.Errorf("heard %v, packets in %d, out %d", r.Heard, r.PacketsIn, r.PacketsOut)
			}
			if p := l.ear.person.duration(); p < 400*time.Millisecond {
				t.Errorf("the person's voice was heard for %v", p)
			}
			if o := l.ear.operator.duration(); o > 0 {
				t.Errorf("an operator's voice was heard for %v", o)
			}
		})
	}
}

func TestKeysFromTheCallerAreHeard(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "operator_stays"})})
	l := newPhone(t, s).call("1").answered()
	l.media.SendDigits("12#")
	l.event(media.DigitsSent)
	l.request(sipgo.INFO, 1, []byte("Signal=*\r\nDuration=160\r\n"), "application/dtmf-relay")
	l.expect(200)
	if _, err := s.Wait(testContext(t), func(r CallRecord) bool { return len(r.KeysIn) == 4 }); err != nil {
		t.Error(err)
	}
	l.hears(300 * time.Millisecond)
	l.bye(2)
	if r := ended(t, s, "1"); strings.Replace(r.KeysIn, "*", "", 1) != "12#" {
		t.Errorf("keys heard are %q", r.KeysIn)
	}
	if o := l.ear.operator.duration(); o < 200*time.Millisecond {
		t.Errorf("the operator's voice was heard for %v", o)
	}
}

func TestKeysBySIPINFO(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "info_yes"})})
	p := newPhone(t, s)
	l := p.call("1").answered()
	l.media.Play(media.PlayOptions{Loop: true}, prompt(time.Second))
	req := p.came(p.infos)
	if body := string(req.Body()); !strings.HasPrefix(body, "Signal=1\r\n") || req.ContentType().Value() != "application/dtmf-relay" {
		t.Errorf("INFO says %q", body)
	}
	l.bye(1)
	if r := ended(t, s, "1"); r.KeysOut != "1" || r.Err != "" {
		t.Errorf("record is %+v", r)
	}
}

// TestHushWaitsForTheEndOfThePrompt: the key comes after the prompt, and a
// second hush asks for a second prompt.
func TestHushWaitsForTheEndOfThePrompt(t *testing.T) {
	t.Parallel()
	b := bookOf(t, nil)
	hush := phonesim.Step{Hush: 500 * time.Millisecond}
	b.Default = hasty(phonesim.Profile{Steps: []phonesim.Step{hush, {Press: "1"}, hush, {Press: "2"}}})
	s := start(t, Config{Book: b})
	l := newPhone(t, s).call("1").answered()
	for _, key := range "12" {
		l.played = time.Time{}
		l.media.Play(media.PlayOptions{}, prompt(400*time.Millisecond))
		if e := l.event(media.Digit); rune(e.Digit) != key || l.played.IsZero() {
			t.Errorf("key %c came, want %c; the prompt ended at %v", e.Digit, key, l.played)
		}
	}
	l.bye(1)
	ended(t, s, "1")
}

// TestEarlyMedia: 183, and the ring-back tone can be heard before the answer.
func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	b := bookOf(t, nil)
	b.Default = phonesim.Profile{Ring: time.Second, Early: true}
	s := start(t, Config{Book: b})
	l := newPhone(t, s).call("1")
	l.expect(183)
	l.hears(300 * time.Millisecond)
	l.answered()
	l.bye(1)
	r := ended(t, s, "1")
	if r.EarlyAt.IsZero() || !r.RingingAt.IsZero() || r.AnsweredAt.Sub(r.EarlyAt) < 900*time.Millisecond {
		t.Errorf("record is %+v", r)
	}
}

// TestAnnouncement: heard in early media, then 480.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Book: bookOf(t, map[string]string{"1": "announcement"})})
	l := newPhone(t, s).call("1")
	l.expect(480)
	if r := ended(t, s, "1"); r.Answered() || r.EarlyAt.IsZero() || r.Code != 480 || r.Err != "" {
		t.Errorf("record is %+v", r)
	}
	if h := l.ear.heard(); h < 2500*time.Millisecond { // of 4, with pauses
		t.Errorf("%v of the announcement were heard", h)
	}
}

// A profile may bring an announcement of its own.
func TestOwnAnnouncement(t *testing.T) {
	t.Parallel()
	book, err := LoadBook(strings.NewReader("numbers: {\"1\": {kind: announcement, steps: [{speak: sit}]}}"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Book: book})
	l := newPhone(t, s).call("1")
	l.expect(480)
	if r := ended(t, s, "1"); r.Answered() || r.EarlyAt.IsZero() || r.Code != 480 || r.Err != "" {
		t.Errorf("record is %+v", r)
	}
	if h := l.ear.heard(); h < 800*time.Millisecond || h > 1200*time.Millisecond {
		t.Errorf("%v of the announcement were heard", h)
	}
}

func TestMuteSendsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "mute"})})
	l := newPhone(t, s).call("1").answered()
	l.media.Play(media.PlayOptions{}, prompt(500*time.Millisecond))
	l.event(media.PlayDone)
	l.bye(1)
	if r := ended(t, s, "1"); r.PacketsOut != 0 || r.PacketsIn < 20 {
		t.Errorf("%d packets were sent, %d received", r.PacketsOut, r.PacketsIn)
	}
}

// TestMachinesSound: what answers sounds as its kind does.
func TestMachinesSound(t *testing.T) {
	for name, hz := range map[string]float64{"fax": CEDHz, "talks": VoicePersonHz, "operator_stays": VoiceOperatorHz} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": name})})
			p := newPhone(t, s)
			l := p.call("1").answered()
			bank := newTonemeter(hz)
			l.media.Listen(bank.hear)
			l.hears(400 * time.Millisecond)
			l.bye(1)
			ended(t, s, "1")
			<-l.media.Done()
			if share := bank.share(); share < 0.8 {
				t.Errorf("%.0f Hz has %.2f of the energy", hz, share)
			}
		})
	}
}

// tonemeter measures how much of a sound is one tone.
type tonemeter struct {
	bank       *audio.GoertzelBank
	tone, full float64
}

func newTonemeter(hz float64) *tonemeter { return &tonemeter{bank: audio.NewGoertzelBank(hz)} }

func (m *tonemeter) hear(f audio.Frame) {
	block := make([]float64, len(f.PCM))
	for i, s := range f.PCM {
		block[i] = float64(s)
	}
	var power [1]float64
	m.bank.Powers(power[:], block)
	m.tone += power[0]
	m.full += audio.Energy(f.PCM)
}

func (m *tonemeter) share() float64 { return m.tone / math.Max(1, m.full) }

func TestPersonHangsUp(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "hangs_up"})})
	p := newPhone(t, s)
	l := p.call("1").answered()
	l.media.Play(media.PlayOptions{Loop: true}, prompt(time.Second))
	p.came(p.byes)
	l.media.Close()
	if r := ended(t, s, "1"); r.By != Callee || r.Err != "" || r.Heard < time.Second {
		t.Errorf("record is %+v", r)
	}
}

// TestOperatorConverses: an operator takes the call, talks, and hangs up.
func TestOperatorConverses(t *testing.T) {
	t.Parallel()
	b := bookOf(t, nil)
	op, _ := Profile("operator_key")
	op.Steps = append(op.Steps[:3:3], phonesim.Step{Wait: time.Second}, phonesim.Step{HangUp: true})
	b.Operators = map[string]phonesim.Profile{"op1": hasty(op)}
	s := start(t, Config{Book: b})
	p := newPhone(t, s)
	l := p.call("op1").answered()
	l.media.Play(media.PlayOptions{Loop: true}, builtIn()[VoicePerson]) // whisper and person in one
	if e := l.event(media.Digit); e.Digit != '1' {
		t.Errorf("the operator accepts with %c", e.Digit)
	}
	p.came(p.byes)
	r := ended(t, s, "op1")
	if !r.Operator || r.By != Callee || r.HeardPerson < 500*time.Millisecond || r.HeardOperator > 0 {
		t.Errorf("record is %+v", r)
	}
	if o := l.ear.operator.duration(); o < 300*time.Millisecond {
		t.Errorf("the operator was heard for %v", o)
	}
	if st := s.Stats(); st.ByOperator != 1 {
		t.Errorf("stats are %+v", st)
	}
}

// TestRoomBehindLoss: the room is heard while the person says nothing, and less
// of it where some of the sound is lost.
func TestRoomBehindLoss(t *testing.T) {
	t.Parallel()
	room := phonesim.Profile{Name: "room", Kind: phonesim.Answers, Behind: VoicePerson,
		Steps: []phonesim.Step{{Listen: 2 * time.Second}, {HangUp: true}}}
	bad := room
	bad.Loss, bad.Burst = 0.4, 3
	b := bookOf(t, nil)
	b.Numbers = map[string][]phonesim.Profile{"1": {room}, "2": {bad}}
	s := start(t, Config{Book: b})
	var came [2]uint64
	for i, number := range []string{"1", "2"} {
		p := newPhone(t, s)
		l := p.call(number).answered()
		l.media.Play(media.PlayOptions{Loop: true}, prompt(time.Second))
		p.came(p.byes)
		came[i] = l.media.Stats().Received
		if heard := l.ear.person.duration(); heard < 500*time.Millisecond {
			t.Errorf("number %s: the room was heard for %v", number, heard)
		}
		if r := ended(t, s, number); r.Err != "" {
			t.Errorf("number %s: %+v", number, r)
		}
		l.media.Close()
		if i == 1 && float64(came[1]) > 0.85*float64(ended(t, s, number).PacketsOut) {
			t.Errorf("%d packets came of %d", came[1], ended(t, s, number).PacketsOut)
		}
	}
}

// TestReinvite: hold, and back; both are acknowledged and the call goes on.
func TestReinvite(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "operator_stays"})})
	l := newPhone(t, s).call("1").answered()
	l.hears(100 * time.Millisecond)
	for n, hold := range []bool{true, false} {
		l.offer.mute = hold // we send music and hear nothing
		again := l.request(sipgo.INVITE, uint32(n+1), l.sdp())
		ok := l.expect(200)
		if held := strings.Contains(string(ok.Body()), "a=recvonly"); held != hold {
			t.Errorf("hold is %v, answered with %s", hold, ok.Body())
		}
		l.ack(ok, again)
	}
	l.hears(300 * time.Millisecond)
	l.bye(3)
	if r := ended(t, s, "1"); r.Reinvites != 2 || r.Invites != 1 || r.Err != "" || !r.Acked() {
		t.Errorf("record is %+v", r)
	}
}

// TestDeadLine: a caller that vanishes is hung up on, and it is told.
func TestDeadLine(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DeadAfter: 300 * time.Millisecond, AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "silent_person"})})
	l := newPhone(t, s).call("1").answered()
	l.media.Play(media.PlayOptions{}, prompt(200*time.Millisecond))
	l.event(media.PlayDone)
	l.media.Close()
	if r := ended(t, s, "1"); r.By != Callee || r.Err != errDead.Error() {
		t.Errorf("record is %+v", r)
	}
}

// TestSecondInviteOfAnAttempt is told apart from a retransmission, refused,
// and reported.
func TestSecondInviteOfAnAttempt(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "silent_person"})})
	p := newPhone(t, s)
	l := p.call("1").answered()
	again := sipgo.NewRequest(sipgo.INVITE, l.invite.Recipient)
	again.AppendHeader(sipgo.HeaderClone(l.invite.CallID()))
	again.AppendHeader(l.contact())
	first := *l
	l.send(again, l.sdp())
	l.expect(482)
	first.bye(1)
	r := ended(t, s, "1")
	if r.Distinct != 2 || r.Extra() != 1 || s.Stats().Extra != 1 {
		t.Errorf("record is %+v", r)
	}
}

// TestCloseEndsCalls: closing hangs up on those who talk, and turns away
// those who ring.
func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	s := start(t, Config{AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "silent_person", "2": "no_answer"})})
	p := newPhone(t, s)
	p.call("1").answered()
	ringing := p.call("2")
	ringing.expect(180)
	if _, err := s.WaitAnswered(testContext(t), "1", 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p.came(p.byes)
	ringing.expect(480)
	for _, r := range s.Calls() {
		if !r.Ended() || r.By != Closed || r.Err != "" {
			t.Errorf("record is %+v", r)
		}
	}
}

// TestRecording: the far end's own recording holds both voices, each in its
// channel.
func TestRecording(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, Config{RecordDir: dir, AnswerDelayScale: 0.1, Book: bookOf(t, map[string]string{"1": "operator_stays"})})
	l := newPhone(t, s).call("1").answered()
	l.media.Play(media.PlayOptions{Loop: true}, builtIn()[VoicePerson])
	l.hears(600 * time.Millisecond)
	l.bye(1)
	ended(t, s, "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	if err != nil || len(files) != 1 {
		t.Fatalf("recordings: %v, %v", files, err)
	}
	f, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	channels, err := audio.ReadChannels(f)
	if err != nil || len(channels) != 2 {
		t.Fatalf("%d channels, %v", len(channels), err)
	}
	for i, hz := range []float64{VoicePersonHz, VoiceOperatorHz} {
		m := newTonemeter(hz)
		feedTo(m.hear, channels[i])
		if m.share() < 0.7 {
			t.Errorf("channel %d: %.0f Hz has %.2f of the energy", i, hz, m.share())
		}
	}
}

func TestStartRefusesABookThatCannotBePlayed(t *testing.T) {
	t.Parallel()
	b := Book{}
	b.Default = phonesim.Profile{Kind: "ghost", Steps: []phonesim.Step{{Speak: "no such file.wav"}, {}}}
	_, err := Start(testContext(t), Config{Book: b})
	for _, words := range []string{"ghost", "no such file.wav", "exactly one thing"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v does not tell of %q", err, words)
		}
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	_, err := Start(testContext(t), Config{Port: int(s.Addr().Port())})
	if err == nil || !strings.Contains(err.Error(), "cannot listen") {
		t.Errorf("error is %v", err)
	}
}
