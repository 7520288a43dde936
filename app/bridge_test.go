package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/sip/siptest"
)

// What the robot says in these tests, told apart by frequency.
const (
	questionHz = 850.0
	musicHz    = 700.0
	whisperHz  = 1100.0
)

// bridges connects people in every way the language knows.
const bridges = `
version: 1
name: bridges
language: en
purpose: service
policy: none # half of these calls are abandoned on purpose
lead: {name: {type: name, required: true, label: Name}}
call: {ring: 30s, record: true}
retry:
  total: 5
  rules: [{on: [no_answer, answered, abandoned], days: [{attempts: 1}], finish: lost}]
lists: {rated: Rated, talked: Talked, left: Left while waiting, lost: Lost}
music: {hold: hold.wav}
dialogue:
  hello:
    - ask:
        play: question.wav
        answers: {keyed: {keys: 1, go: keyed}, queued: {keys: 2, go: queued}, deserted: {keys: 3, go: deserted}, done: {keys: 4, go: [{finish: lost}]}}
        nothing: [{finish: lost}]
        save: choice
  keyed:
    - bridge: {to: keyed, music: hold, whisper: "Client {{name}}", ring: 8s, mode: all, accept: 1, nobody: sorry, ended_by_operator: rating}
    - finish: lost
  rating:
    - ask: {play: question.wav, answers: {good: {keys: 5, go: [{finish: rated}]}}, wait: 6s, repeat: 0, nothing: [{finish: lost}], save: rating}
  queued:
    - bridge: {to: queued, music: hold, whisper: "Client {{name}}", ring: 6s, mode: in_order, nobody: sorry}
    - task: "Thank {{name}}"
    - finish: talked
  deserted:
    - bridge: {to: deserted, music: hold, ring: 2s, nobody: sorry, hung_up: [{task: "Apologise to {{name}}"}, {finish: left}]}
    - finish: talked
  sorry:
    - task: "Call {{name}} back"
    - callback: {in: 1h}
hangup: [{finish: lost}]
`

// bridgeBook: k1 and q2 ring and ring, q1 and d1 are busy; k2 takes the call
// with the accept key and hangs up first, q3 stays until the person leaves.
const bridgeBook = `
profiles:
  silent: {kind: rings_out}
numbers:
  "+79990000401": [{ring: 100ms, steps: [{listen: 300ms}, {press: "1"}, {speak: "voice:person"}, {wait: 8s}, {press: "5"}]}]
  "+79990000402": [{ring: 100ms, steps: [{listen: 300ms}, {press: "2"}, {speak: "voice:person"}, {wait: 10s}, {hangup: true}]}]
  "+79990000403": [{ring: 100ms, steps: [{listen: 300ms}, {press: "3"}]}, {ring: 100ms, steps: [{listen: 300ms}, {press: "4"}]}]
  "+79990000404": [{ring: 100ms, steps: [{listen: 300ms}, {press: "3"}, {wait: 500ms}, {hangup: true}]}]
operators:
  k1: silent
  k2: {ring: 300ms, steps: [{listen: 700ms}, {wait: 400ms}, {press: "1"}, {speak: "voice:operator"}, {wait: 2500ms}, {hangup: true}]}
  q1: busy
  q2: silent
  q3: {ring: 100ms, steps: [{speak: "voice:operator"}]}
  d1: busy
  d2: silent
`

// writeTone writes a WAV file of one tone.
func writeTone(t *testing.T, path string, hz float64, d time.Duration) {
	t.Helper()
	var b bytes.Buffer
	must(t, audio.WriteWAV(&b, 1, audio.Tone([]float64{hz}, d, 0.3)))
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
}

// runBridges performs the campaign; its speech engine says everything as one
// tone, so that the whisper is told from recorded prompts.
func runBridges(t *testing.T) *outcome {
	dir := t.TempDir()
	writeTone(t, filepath.Join(dir, "question.wav"), questionHz, time.Second)
	writeTone(t, filepath.Join(dir, "hold.wav"), musicHz, 2*time.Second)
	writeTone(t, filepath.Join(dir, "whisper.wav"), whisperHz, time.Second)
	path := filepath.Join(dir, "scenario.yaml")
	write(t, path, bridges)
	speech, err := json.Marshal(map[string]any{"engine": "command", "command": []string{"cat", filepath.Join(dir, "whisper.wav")}, "cache": t.TempDir()})
	must(t, err)
	tr := trial{
		scenario: path, titles: []string{"phone", "name"}, book: bridgeBook,
		groups: map[string][]string{"keyed": {"k1", "k2"}, "queued": {"q1", "q2", "q3"}, "deserted": {"d1", "d2"}},
		config: "speech: " + string(speech) + "\n",
	}
	for _, phone := range []string{"+79990000401", "+79990000402", "+79990000403", "+79990000404"} {
		tr.rows = append(tr.rows, []string{phone, "Ann"})
	}
	o := tr.run(t)
	o.listFiles(map[string][]string{"rated": {"+79990000401"}, "talked": {"+79990000402"}, "lost": {"+79990000403"}, "left": {"+79990000404"}})
	if faults := siptest.Audit(o.journal).Faults(); len(faults) > 0 {
		t.Errorf("the far end complains: %v", faults)
	}
	return o
}

func TestBridges(t *testing.T) {
	t.Parallel()
	o := runBridges(t)
	t.Run("all at once, with a key", func(t *testing.T) { o.t = t; o.allAtOnce() })
	t.Run("in order", func(t *testing.T) { o.t = t; o.inOrder() })
	t.Run("whisper and music", func(t *testing.T) { o.t = t; o.whisperAndMusic() })
	t.Run("quality", func(t *testing.T) { o.t = t; o.quality() })
	t.Run("abandoned", func(t *testing.T) { o.t = t; o.deserted() })
}

// heardTones holds what somebody heard against what they should have.
func (o *outcome) heardTones(who string, pcm []int16, heard, unheard []float64) {
	o.t.Helper()
	for _, hz := range heard {
		if !audio.HasTone(pcm, hz) {
			o.t.Errorf("%s did not hear %v Hz", who, hz)
		}
	}
	for _, hz := range unheard {
		if audio.HasTone(pcm, hz) {
			o.t.Errorf("%s heard %v Hz for %s", who, hz, audio.ToneTime(pcm, hz))
		}
	}
}

// quality: the far ends say how they hear us, and attempts.csv tells of it. Each
// end reports within 2.5 s at first and then 7.5 s later at the latest (RFC 3550
// section 6.2): in the longer of the talks it has surely answered us.
func (o *outcome) quality() {
	seen := map[string]bool{}
	for _, row := range readCSV(o.t, filepath.Join(o.dir, "attempts.csv")) {
		if row["operator"] == "" {
			continue
		}
		seen[row["phone_e164"]] = true
		for column, in := range map[string][2]float64{"loss": {0, 0.3}, "jitter_ms": {0, 200}, "round_trip_ms": {0, 500}, "mos": {1.5, 4.6}} {
			if column == "round_trip_ms" && row[column] == "" && row["phone_e164"] != "+79990000402" {
				continue
			}
			v, err := strconv.ParseFloat(row[column], 64)
			if err != nil || v < in[0] || v > in[1] {
				o.t.Errorf("%s: %s is %q", row["phone_e164"], column, row[column])
			}
		}
	}
	if len(seen) != 2 {
		o.t.Errorf("talks of %v", seen)
	}
}

// leg of an operator by name.
func (o *outcome) rung(a attempt, name string) siptest.CallRecord {
	o.t.Helper()
	legs := o.operatorLegs(a)
	i := slices.IndexFunc(legs, func(r siptest.CallRecord) bool { return r.Number == name })
	if i < 0 {
		o.t.Fatalf("%s was not called", name)
	}
	return legs[i]
}

// Both are rung at once, one presses the key and talks; that one hangs up, and
// the robot goes on with the person as written.
func (o *outcome) allAtOnce() {
	a := o.last("+79990000401")
	k1, k2 := o.rung(a, "k1"), o.rung(a, "k2")
	if d := k1.InviteAt.Sub(k2.InviteAt).Abs(); d > 200*time.Millisecond {
		o.t.Errorf("the operators were rung %s apart", d)
	}
	if k1.CancelAt.IsZero() || k1.Answered() || !k2.Answered() || k2.By != siptest.Callee {
		o.t.Errorf("k1 must be cancelled, k2 talk and hang up:\n%+v\n%+v", k1, k2)
	}
	if a.Keys != "15" || o.leads["+79990000401"].Answers["rating"] != "good" {
		o.t.Errorf("after the talk the robot must go on: keys %q, answers %v", a.Keys, o.leads["+79990000401"].Answers)
	}
	if k2.HeardPerson < time.Second || o.leg(a).HeardOperator < time.Second {
		o.t.Errorf("the operator heard the person for %s, the person the operator for %s", k2.HeardPerson, o.leg(a).HeardOperator)
	}
	heard, _ := o.heardBy(k2)
	before := heard[:audio.Samples(o.wall(k2.CallID, siptest.KeyPressed).Sub(k2.AnsweredAt))]
	if audio.HasTone(before, siptest.VoicePersonHz) {
		o.t.Error("the operator was joined before the key")
	}
}

// One after the other: busy, then one who rings in vain, then one who stays
// until the person hangs up; the flow ends as written.
func (o *outcome) inOrder() {
	a := o.last("+79990000402")
	q1, q2, q3 := o.rung(a, "q1"), o.rung(a, "q2"), o.rung(a, "q3")
	const crossing = 100 * time.Millisecond // a CANCEL and the next INVITE leave together
	if q1.Code != 486 || q2.InviteAt.Before(q1.RefusedAt) || q2.CancelAt.IsZero() || q3.InviteAt.Before(q2.CancelAt.Add(-crossing)) {
		o.t.Errorf("the operators must ring one after the other:\n%+v\n%+v\n%+v", q1, q2, q3)
	}
	if d := q2.CancelAt.Sub(q2.InviteAt); d < 1500*time.Millisecond || d > 4500*time.Millisecond { // half of what the busy one left
		o.t.Errorf("the second of three rang for %s of 6 s", d)
	}
	if q3.By != siptest.Caller || o.leg(a).By != siptest.Callee {
		o.t.Errorf("the person hangs up, then we part from the operator: %s, %s", o.leg(a).By, q3.By)
	}
	if tasks := o.tasks("+79990000402"); !slices.Equal(tasks, []string{"Thank Ann"}) {
		o.t.Errorf("tasks %q", tasks)
	}
	left, right := o.channels(a)
	o.heardTones("the left channel", left, []float64{siptest.VoicePersonHz}, []float64{siptest.VoiceOperatorHz, musicHz, whisperHz})
	o.heardTones("the right channel", right, []float64{siptest.VoiceOperatorHz, musicHz, questionHz}, []float64{siptest.VoicePersonHz, whisperHz})
}

// The whisper is for the operator only, the music for the person only.
func (o *outcome) whisperAndMusic() {
	for phone, name := range map[string]string{"+79990000401": "k2", "+79990000402": "q3"} {
		a := o.last(phone)
		person, _ := o.heardBy(o.leg(a))
		o.heardTones("the person", person, []float64{musicHz, questionHz, siptest.VoiceOperatorHz}, []float64{whisperHz, siptest.VoicePersonHz})
		operator, _ := o.heardBy(o.rung(a, name))
		o.heardTones("operator "+name, operator, []float64{whisperHz, siptest.VoicePersonHz}, []float64{musicHz, questionHz, siptest.VoiceOperatorHz})
	}
}

// Nobody took the call: it counts as abandoned, the promise is kept, the tasks
// are set; so it counts when the person would not wait.
func (o *outcome) deserted() {
	calls := o.calls["+79990000403"]
	if len(calls) != 2 || calls[0].Disposition != "abandoned" || calls[1].Disposition != "answered" || calls[0].Operator != "" {
		o.t.Fatalf("calls %+v", calls)
	}
	o.rung(calls[0], "d1")
	if d2 := o.rung(calls[0], "d2"); d2.CancelAt.IsZero() {
		o.t.Errorf("who did not answer in time must be cancelled: %+v", d2)
	}
	if tasks := o.tasks("+79990000403"); !slices.Equal(tasks, []string{"Call Ann back"}) {
		o.t.Errorf("tasks %q", tasks)
	}
	promise := o.about("+79990000403", "lead.promised")[0].Data.PromiseAt
	if d := calls[1].Placed.Sub(promise); d < 0 || d > time.Second {
		o.t.Errorf("the promised call was placed %s after its time", d)
	}
	// An hour from the moment at which it was clear that nobody comes.
	if d := promise.Sub(calls[0].Ended.Add(time.Hour)).Abs(); d > time.Second {
		o.t.Errorf("the promise is %s off", d)
	}
	gone := o.last("+79990000404")
	if tasks := o.tasks("+79990000404"); gone.Disposition != "abandoned" || !slices.Equal(tasks, []string{"Apologise to Ann"}) {
		o.t.Errorf("who would not wait: %s, tasks %q", gone.Disposition, tasks)
	}
	var sum struct {
		Dispositions map[string]int
		Bridged      int
		AbandonRate  float64 `json:"abandon_rate"`
	}
	b, err := os.ReadFile(filepath.Join(o.dir, "summary.json"))
	must(o.t, err)
	must(o.t, json.Unmarshal(b, &sum))
	if sum.Dispositions["abandoned"] != 2 || sum.Bridged != 2 || sum.AbandonRate != 2.0/5 {
		o.t.Errorf("summary %+v of %+v", sum, o.calls)
	}
}

// The shipped scenario, when the managers are busy or don't pick up.
func TestLeadVerificationWithoutManagers(t *testing.T) {
	t.Parallel()
	all := []person{{phone: "+79990000501", zone: moscow, does: "one, goes", list: "rejected", days: []int{2}}}
	o := trial{
		scenario: shippedCopy(t, "lead-verification", edit{"ring: 20s", "ring: 2s"}),
		titles:   []string{"Телефон", zoneTitle, "Имя", "Сумма"}, rows: leads(all, "Иван", "30 000"),
		book:   subscribers(all, "anna", "boris") + "  clara: busy\n  dina: no_answer\n",
		groups: map[string][]string{"managers": {"clara", "dina"}},
	}.run(t)
	o.expect(all, 10, 20)
	calls := o.calls["+79990000501"]
	if calls[0].Disposition != "abandoned" || len(o.operatorLegs(calls[0])) != 2 {
		t.Errorf("the first call: %+v", calls[0])
	}
	promise := o.about("+79990000501", "lead.promised")[0].Data.PromiseAt
	if d := calls[1].Placed.Sub(promise); d < 0 || d > time.Second {
		t.Errorf("the promised call was placed %s after its time", d)
	}
	if d := promise.Sub(calls[0].Ended); d < 2*time.Hour-10*time.Second || d > 2*time.Hour {
		t.Errorf("the promise is %s after the first call", d) // it is counted from before the farewell
	}
	if tasks := o.tasks("+79990000501"); !slices.Equal(tasks, []string{"Перезвонить: Иван, 30 000 ₽"}) {
		t.Errorf("tasks %q", tasks)
	}
}
