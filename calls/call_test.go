package calls

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/internal/testports"
	"dozvon/sip/siptest"
)

func TestDispositions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		far    phonesim.Profile
		want   dialer.Disposition
		list   string
		states []dialer.AttemptState
	}{
		{"busy", kind(phonesim.Busy), dialer.Busy, "", nil},
		{"unknown", kind(phonesim.Unknown), dialer.Invalid, "", nil},
		{"off", kind(phonesim.SwitchedOff), dialer.Unreachable, "", nil},
		{"congested", kind(phonesim.Congested), dialer.Congestion, "", nil},
		{"declines", kind(phonesim.Declines), dialer.Declined, "", []dialer.AttemptState{dialer.AttemptRinging}},
		{"announcement", kind(phonesim.Announcement), dialer.Unreachable, "", []dialer.AttemptState{dialer.AttemptEarly}},
		{"rings out", kind(phonesim.RingsOut), dialer.NoAnswer, "", []dialer.AttemptState{dialer.AttemptRinging}},
		{"mute", kind(phonesim.Mute), dialer.Silent, "gone", answeredStates},
		{"hangs up in a prompt", person(hears, hangs), dialer.Answered, "gone", answeredStates},
		{"says nothing", person(), dialer.Answered, "unclear", answeredStates},
		{"early ring-back", phonesim.Profile{Ring: 300 * time.Millisecond, Early: true, Steps: []phonesim.Step{hears, presses("2")}}, dialer.Answered, "rejected",
			[]dialer.AttemptState{dialer.AttemptEarly, dialer.AttemptAnswered, dialer.AttemptTalking}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scenario := ""
			if c.want != dialer.NoAnswer {
				scenario = edited(t, "ring: 5s", "ring: 30s")
			}
			r := newRig(t, rigOptions{scenario: scenario, people: people(c.far)})
			id := r.place(number)
			res := r.result(id)
			if res.Disposition != c.want || res.List != c.list {
				t.Errorf("disposition %s on list %q (%+v), want %s on %q", res.Disposition, res.List, res, c.want, c.list)
			}
			if !slices.Equal(r.states[id], c.states) {
				t.Errorf("states %v, want %v", r.states[id], c.states)
			}
			if res.Cause.Failed != dialer.TrunkOK {
				t.Errorf("the trunk is blamed: %+v", res.Cause)
			}
			r.farCall(number, 1)
		})
	}
}

var answeredStates = []dialer.AttemptState{dialer.AttemptRinging, dialer.AttemptAnswered, dialer.AttemptTalking}

func TestKeys(t *testing.T) {
	t.Parallel()
	info := func(k string) phonesim.Step { return phonesim.Step{Info: k} }
	cases := []struct {
		name       string
		far        phonesim.Profile
		keys, list string
	}{
		{"RFC 4733", person(hears, presses("2")), "2", "rejected"},
		{"INFO", person(hears, info("2")), "2", "rejected"},
		// Every press comes twice. Counted twice, the wrong key would end the question.
		{"both, events first", person(hears, presses("5"), info("5"), hears, presses("2"), info("2")), "52", "rejected"},
		{"both, INFO first", person(hears, info("5"), presses("5"), hears, info("2"), presses("2")), "52", "rejected"},
		{"wrong twice", person(hears, presses("55")), "55", "unclear"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{people: people(c.far)})
			res := r.run(number)
			if res.Keys != c.keys || res.List != c.list {
				t.Errorf("keys %q on list %q, want %q on %q", res.Keys, res.List, c.keys, c.list)
			}
			if c.list == "rejected" && res.Answers["choice"] != "no" {
				t.Errorf("answers %v", res.Answers)
			}
		})
	}
}

func TestBothSidesAreRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(person(hears, talks, waits(400*time.Millisecond), presses("2")))})
	res := r.run(number)
	r.close()
	far, robot := r.recording(res)
	tone(t, "the person, left", far, siptest.VoicePersonHz, true)
	tone(t, "the robot, right", robot, promptHz, true)
	tone(t, "the robot, left", far, promptHz, false)
	tone(t, "the person, right", robot, siptest.VoicePersonHz, false)
}

func TestARecordingThatCannotBeWrittenDoesNotEndTheCall(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, rigOptions{people: people(person(hears, presses("2"))), recordings: file})
	if res := r.run(number); res.List != "rejected" || res.Recording != "" {
		t.Errorf("%+v", res)
	}
}

func TestAPromptThatCannotBeSaidCallsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants)})
	res := r.result(r.placeFor(number, "Unspeakable"))
	if res.Disposition != dialer.Failed || !strings.Contains(res.Detail, "no engine") || !res.Cause.Local || !res.Cause.NeverLeft {
		t.Errorf("%+v", res)
	}
	if n := r.far.Stats().Invites; n != 0 {
		t.Errorf("%d INVITEs left", n)
	}
}

func TestACampaignWithoutScenarioCallsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants)})
	r.caller.Place(dialer.Attempt{ID: 77, Campaign: "gone", Phone: number, Trunk: "far"}, dialer.Lead{Phone: number})
	if res := r.result(77); res.Disposition != dialer.Failed || !res.Cause.NeverLeft || !strings.Contains(res.Detail, "gone") {
		t.Errorf("%+v", res)
	}
}

func TestNoFreePortFailsWithoutCounting(t *testing.T) {
	t.Parallel()
	port := testports.One(t)
	r := newRig(t, rigOptions{people: people(person(talks)), ports: [2]int{port, port}})
	first := r.place(number)
	r.reaches(first, dialer.AttemptTalking)
	res := r.run("+79990000002")
	if res.Disposition != dialer.Failed || !res.Cause.NeverLeft || res.Cause.Failed != dialer.TrunkOK || !strings.Contains(res.Detail, "port") {
		t.Errorf("%+v", res)
	}
	if n := r.far.Stats().Calls; n != 1 {
		t.Errorf("%d people were called", n)
	}
}

func TestHangUpOfTheEngine(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		far   phonesim.Profile
		until dialer.AttemptState
		list  string
	}{
		{"while ringing", kind(phonesim.RingsOut), dialer.AttemptRinging, ""},
		{"in early media", phonesim.Profile{Ring: time.Minute, Early: true}, dialer.AttemptEarly, ""},
		{"while talking", person(talks), dialer.AttemptTalking, "gone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{people: people(c.far)})
			id := r.place(number)
			r.reaches(id, c.until)
			r.caller.HangUp(id, "stop")
			r.caller.HangUp(id, "stop again")
			if res := r.result(id); res.Disposition != dialer.Interrupted || res.List != c.list || !res.Cause.Local {
				t.Errorf("%+v", res)
			}
			if far := r.farCall(number, 1); far.By != siptest.Caller || far.Answered() != (c.list != "") {
				t.Errorf("far end: %+v", far)
			}
		})
	}
}

func TestHangUpBeforeTheINVITECallsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(wants)})
	id := r.placeFor(number, "slow Ann") // held up by its first prompt
	r.caller.HangUp(id, "campaign stopped")
	res := r.result(id)
	if res.Disposition != dialer.Interrupted || res.Cause.Text != "campaign stopped" {
		t.Errorf("%+v", res)
	}
	if n := r.far.Stats().Invites; n != 0 {
		t.Errorf("%d INVITEs left", n)
	}
}

// A hang-up of ours that crosses the end of the scenario takes nothing from it.
func TestHangUpAfterTheScenarioKeepsItsResult(t *testing.T) {
	t.Parallel()
	c := newCall(&Caller{ctx: t.Context()}, dialer.Attempt{}, dialer.Lead{})
	c.finished, c.answered, c.quitting = true, true, true
	c.result.List = "rejected"
	c.handle(hangUpNow{"stop"})
	if c.result.Disposition != "" || c.result.List != "rejected" {
		t.Errorf("%+v", c.result)
	}
}

func TestCloseHangsUpEverything(t *testing.T) {
	t.Parallel()
	everybody := map[string]phonesim.Profile{"+79990000009": kind(phonesim.RingsOut)}
	talkers := []string{"+79990000001", "+79990000002", "+79990000003"}
	for _, n := range talkers {
		everybody[n] = person(talks)
	}
	r := newRig(t, rigOptions{people: everybody})
	var ids []dialer.AttemptID
	for _, n := range talkers {
		ids = append(ids, r.place(n))
	}
	ringing := r.place("+79990000009")
	preparing := r.placeFor("+79990000008", "slow Ann")
	for _, id := range ids {
		r.reaches(id, dialer.AttemptTalking)
	}
	r.reaches(ringing, dialer.AttemptRinging)
	r.caller.Close()
	for _, id := range append(ids, ringing, preparing) {
		if res := r.result(id); res.Disposition != dialer.Interrupted {
			t.Errorf("attempt %d: %+v", id, res)
		}
	}
	for _, n := range talkers {
		if far := r.farCall(n, 1); far.By != siptest.Caller {
			t.Errorf("%s: %+v", n, far)
		}
	}
}

// live is job with a question that only the call itself can word.
func live(t *testing.T) string {
	return edited(t, `no: {keys: 2, go: reject}`, `no: {keys: 2, go: again}`, `  reject:
    - say: "Goodbye."
    - finish: rejected
`, `  again:
    - ask:
        say: "slow {{choice}}"
        answers: {sure: {keys: 3, go: [{say: "A long goodbye."}, {finish: rejected}]}}
        wait: 2s
        nothing: [{finish: unclear}]
        save: sure
`)
}

func TestALatePromptIsSaidOnceRendered(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: live(t), people: people(person(hears, presses("2")))})
	id := r.place(number)
	r.reaches(id, dialer.AttemptTalking)
	close(r.voice.gate)
	res := r.result(id)
	r.close()
	_, robot := r.recording(res)
	tone(t, "the late prompt", robot, lateHz, true)
	if res.List != "unclear" {
		t.Errorf("%+v", res)
	}
}

// The person answers a question before its words are ready: when they are,
// they must not cut into what is said by then.
func TestALatePromptThatIsNotWantedAnyMoreIsNotSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{scenario: live(t), people: people(person(hears, presses("2"), waits(100*time.Millisecond), presses("3"), hears, presses("9")))})
	id := r.place(number)
	pressed := func(c siptest.CallRecord) bool { return c.KeysOut == "239" } // the farewell is heard by then
	if _, err := r.far.Wait(t.Context(), pressed); err != nil {
		t.Fatal(err)
	}
	close(r.voice.gate)
	res := r.result(id)
	r.close()
	_, robot := r.recording(res)
	tone(t, "the late prompt", robot, lateHz, false)
	if res.List != "rejected" || res.Keys != "239" {
		t.Errorf("%+v", res)
	}
}

func TestALatePromptThatFailsIsPassedOver(t *testing.T) {
	t.Parallel()
	text := edited(t, `no: {keys: 2, go: reject}`, `no: {keys: 2, go: again}`, `  reject:
    - say: "Goodbye."
    - finish: rejected
`, `  again:
    - say: "Unspeakable {{choice}}"
    - finish: rejected
`)
	r := newRig(t, rigOptions{scenario: text, people: people(person(hears, presses("2")))})
	if res := r.run(number); res.List != "rejected" || !strings.Contains(res.Detail, "no engine") {
		t.Errorf("%+v", res)
	}
}
