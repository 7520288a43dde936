package calls

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/sip/siptest"
)

type staff = map[string]phonesim.Profile

// talker is an operator who takes a call and hangs up after a while.
var talker = person(converse, waits(1800*time.Millisecond), hangs)

// bridged checks that the call was talked through with an operator.
func bridged(t *testing.T, r *rig, res dialer.Result, operator string) {
	t.Helper()
	if !res.Bridged || res.Operator != r.far.URI(operator) || res.Disposition != dialer.Answered || res.List != "connected" {
		t.Errorf("not talked through with %s: %+v", operator, res)
	}
}

// abandoned checks that nobody took the call.
func abandoned(t *testing.T, res dialer.Result, list string) {
	t.Helper()
	if res.Bridged || res.Disposition != dialer.Abandoned || res.List != list {
		t.Errorf("%+v", res)
	}
}

func TestBridgeBothWays(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants), operators: staff{"op1": talker}})
	res := r.run(number)
	bridged(t, r, res, "op1")
	op, who := r.farCall("op1", 1), r.farCall(number, 1)
	if op.HeardPerson < 300*time.Millisecond || who.HeardOperator < 300*time.Millisecond {
		t.Errorf("the operator heard %v of the person, the person %v of the operator", op.HeardPerson, who.HeardOperator)
	}
	if op.From != number {
		t.Errorf("the operator saw %q", op.From)
	}
	r.close()
	left, right := r.recording(res)
	tone(t, "the person, left", left, siptest.VoicePersonHz, true)
	tone(t, "the operator, right", right, siptest.VoiceOperatorHz, true)
	tone(t, "the music, right", right, musicHz, true)
	tone(t, "the operator's whisper, right", right, whisperHz, false)
	heard, said := farRecording(t, r, "op1")
	tone(t, "the whisper at the operator", heard, whisperHz, true)
	tone(t, "the person at the operator", heard, siptest.VoicePersonHz, true)
	tone(t, "the music at the operator", heard, musicHz, false)
	tone(t, "the operator's own voice", said, siptest.VoiceOperatorHz, true)
}

func TestNobodyComes(t *testing.T) {
	t.Parallel()
	cases := map[string]staff{
		"ring out":         {"op1": kind(phonesim.RingsOut), "op2": kind(phonesim.RingsOut)},
		"busy":             {"op1": kind(phonesim.Busy), "op2": kind(phonesim.Declines)},
		"there is nobody":  {},
		"leave at once":    {"op1": person(waits(100*time.Millisecond), hangs)},
		"one of each kind": {"op1": kind(phonesim.SwitchedOff), "op2": kind(phonesim.RingsOut), "op3": person(hangs)},
	}
	for name, operators := range cases {
		for _, mode := range []string{"in_order", "all"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{scenario: edited(t, "mode: in_order", "mode: "+mode), people: people(wants), operators: operators})
				res := r.run(number)
				abandoned(t, res, "nobody")
				if len(res.Effects) != 1 {
					t.Errorf("effects %+v", res.Effects)
				}
				for op := range operators {
					r.farCall(op, 1) // everybody was rung, and nobody is left ringing
				}
			})
		}
	}
}

func TestAllRingAndTheFirstWins(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: edited(t, "mode: in_order", "mode: all"), people: people(wants), operators: staff{
		"op1": kind(phonesim.RingsOut), "op2": kind(phonesim.RingsOut), "op3": {Ring: 200 * time.Millisecond, Steps: talker.Steps}}})
	bridged(t, r, r.run(number), "op3")
	for _, op := range []string{"op1", "op2"} {
		if c := r.farCall(op, 1); c.CancelAt.IsZero() || c.Answered() {
			t.Errorf("%s was not cancelled: %+v", op, c)
		}
	}
}

// Two operators answer within the same moment: one talks, the other's answer
// crosses our CANCEL and is ended.
func TestAllAnswerAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: edited(t, "mode: in_order", "mode: all"), people: people(wants), operators: staff{
		"op1": talker, "op2": talker, "op3": talker}})
	res := r.run(number)
	if !res.Bridged || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	talked := 0
	for _, op := range []string{"op1", "op2", "op3"} {
		c := r.farCall(op, 1)
		if c.HeardPerson > 300*time.Millisecond {
			talked++
		} else if c.Answered() && c.ByeAt.IsZero() {
			t.Errorf("%s is left up: %+v", op, c)
		}
	}
	if talked != 1 {
		t.Errorf("%d operators heard the person", talked)
	}
}

func TestAnOperatorWhoLeavesDuringTheWhisperIsReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: edited(t, "Client {{name}}", "Client {{name}}, a long word", "ring: 3s", "ring: 20s"), people: people(wants), operators: staff{
		"op1": person(waits(150*time.Millisecond), hangs), "op2": person(waits(10*time.Second), hangs)}})
	bridged(t, r, r.run(number), "op2")
}

func TestThePersonLeavesDuringTheMusic(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(person(hears, presses("1"), waits(time.Second), hangs)), operators: staff{"op1": kind(phonesim.RingsOut)}})
	abandoned(t, r.run(number), "gone")
	if c := r.farCall("op1", 1); c.CancelAt.IsZero() {
		t.Errorf("the operator was not cancelled: %+v", c)
	}
}

func TestThePersonLeavesDuringTheWhisper(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: edited(t, "Client {{name}}", "Client {{name}}, a long story"),
		people: people(person(hears, presses("1"), waits(time.Second), hangs)), operators: staff{"op1": person()}})
	abandoned(t, r.run(number), "gone")
	if c := r.farCall("op1", 1); c.By != siptest.Caller || !c.Answered() {
		t.Errorf("the operator's leg: %+v", c)
	}
}

func TestThePersonHangsUpOnTheOperator(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(person(hears, presses("1"), talks, waits(2500*time.Millisecond), hangs)), operators: staff{"op1": person(converse)}})
	bridged(t, r, r.run(number), "op1")
	if c := r.farCall("op1", 1); c.By != siptest.Caller || c.HeardPerson < 300*time.Millisecond {
		t.Errorf("the operator's leg: %+v", c)
	}
}

func TestTheEngineHangsUpATalk(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants), operators: staff{"op1": person(converse)}})
	id := r.place(number)
	ctx := t.Context()
	if _, err := r.far.WaitAnswered(ctx, "op1", 1); err != nil {
		t.Fatal(err)
	}
	r.await("the talk", func() bool {
		s := r.desk.Status()
		return s[0].State == dialer.OperatorOnCall
	})
	r.caller.HangUp(id, "stop")
	if res := r.result(id); res.Disposition != dialer.Interrupted || !res.Bridged || res.List != "connected" {
		t.Errorf("%+v", res)
	}
	if c := r.farCall("op1", 1); c.By != siptest.Caller {
		t.Errorf("the operator's leg: %+v", c)
	}
}

func TestAcceptKey(t *testing.T) {
	t.Parallel()
	accept := edited(t, "mode: in_order", "mode: in_order, accept: 7")
	longStory := edited(t, "mode: in_order", "mode: in_order, accept: 7", "Client {{name}}", "Client {{name}}, a long story")
	cases := []struct {
		name, scenario string
		operators      staff
		who            string
	}{
		{"after the whisper", accept, staff{"op1": person(waits(800*time.Millisecond), presses("7"), converse, waits(time.Second), hangs)}, "op1"},
		{"during the whisper", longStory, staff{"op1": person(waits(300*time.Millisecond), presses("7"), converse, waits(time.Second), hangs)}, "op1"},
		{"by INFO", accept, staff{"op1": person(waits(300*time.Millisecond), phonesim.Step{Info: "7"}, converse, waits(time.Second), hangs)}, "op1"},
		{"another key, then nothing", accept, staff{"op1": person(waits(200*time.Millisecond), presses("1")),
			"op2": person(hears, presses("7"), converse, waits(time.Second), hangs)}, "op2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{scenario: c.scenario, people: people(wants), operators: c.operators})
			r.caller.accept = 500 * time.Millisecond
			bridged(t, r, r.run(number), c.who)
		})
	}
}

// An operator's phone that has died in the middle of a talk says no BYE.
func TestAnOperatorWhoFallsSilentForGood(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants), operators: staff{"op1": kind(phonesim.Mute)}})
	bridged(t, r, r.run(number), "op1")
	if c := r.farCall("op1", 1); c.By != siptest.Caller {
		t.Errorf("the operator's leg: %+v", c)
	}
}

// Every operator is rung by several calls and talks with one at a time.
func TestManyCallsShareOperators(t *testing.T) {
	t.Parallel()
	const n = 24
	everybody := map[string]phonesim.Profile{}
	for i := range n {
		p := wants
		switch i % 6 {
		case 4:
			p = person(hears, presses("1"), waits(time.Duration(300+20*i)*time.Millisecond), hangs)
		case 5:
			p = person(hears, presses("2"))
		}
		everybody[fmt.Sprintf("+7999000%04d", i)] = p
	}
	quick := person(converse, waits(900*time.Millisecond), hangs)
	r := newRig(t, rigOptions{people: everybody, operators: staff{"op1": quick, "op2": quick, "op3": kind(phonesim.Busy)}})
	var ids []dialer.AttemptID
	for i := range n {
		ids = append(ids, r.place(fmt.Sprintf("+7999000%04d", i)))
	}
	talks := 0
	for _, id := range ids {
		if res := r.result(id); res.Bridged {
			talks++
		} else if res.Disposition == dialer.Failed {
			t.Errorf("%+v", res)
		}
	}
	if talks == 0 {
		t.Error("nobody talked with an operator")
	}
	r.await("everybody to be free", func() bool {
		for _, o := range r.desk.Status() {
			if o.State != dialer.OperatorReady {
				return false
			}
		}
		return true
	})
}

// farRecording is what the far end of a call heard, and said.
func farRecording(t *testing.T, r *rig, who string) (heard, said []int16) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.farDir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings of the far end: %v", err)
	}
	for _, f := range files {
		if matched, _ := filepath.Match("*"+who+"*", filepath.Base(f)); matched {
			return readStereo(t, f)
		}
	}
	t.Fatalf("no recording of %s among %v", who, files)
	return nil, nil
}
