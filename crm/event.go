package crm

import (
	"time"

	"dozvon/dialer"
)

// TypeSMS is the Type of a text message's row.
const TypeSMS = "sms"

// envelope is the body of every event, as the contract has it.
type envelope struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      eventData `json:"data"`
}

// eventData is the data of every event; the fields beyond campaign and lead
// depend on the type.
type eventData struct {
	Campaign    string            `json:"campaign"`
	Lead        *leadData         `json:"lead,omitempty"`
	Attempt     *attemptData      `json:"attempt,omitempty"`
	List        string            `json:"list,omitempty"`
	Disposition string            `json:"disposition,omitempty"`
	Answers     map[string]string `json:"answers,omitzero"` // an empty map is told, a missing one is not
	Attempts    *int              `json:"attempts,omitempty"`
	PromiseAt   *time.Time        `json:"promise_at,omitempty"`
	Operator    string            `json:"operator,omitempty"`
	Task        *taskData         `json:"task,omitempty"`
	SMS         *smsData          `json:"sms,omitempty"`
	Alert       *alertData        `json:"alert,omitempty"`
	Transcript  *transcriptData   `json:"transcript,omitempty"`
	Totals      map[string]int    `json:"totals,omitempty"`
}

type leadData struct {
	ID         dialer.LeadID     `json:"id"`
	ExternalID string            `json:"external_id"`
	Phone      string            `json:"phone"`
	Columns    map[string]string `json:"columns"`
}

type attemptData struct {
	ID          dialer.AttemptID `json:"id"`
	Number      int              `json:"number"`
	Trunk       string           `json:"trunk"`
	PlacedAt    *time.Time       `json:"placed_at,omitempty"`
	RingingAt   *time.Time       `json:"ringing_at,omitempty"`
	AnsweredAt  *time.Time       `json:"answered_at,omitempty"`
	EndedAt     *time.Time       `json:"ended_at,omitempty"`
	Cause       causeData        `json:"cause"`
	Disposition string           `json:"disposition"`
	Verdict     string           `json:"verdict,omitempty"`
	Heard       []heardData      `json:"heard,omitempty"` // what the verdict came from, in order
	Keys        string           `json:"keys,omitempty"`
	Words       []string         `json:"words,omitempty"`
	Said        []saidData       `json:"said,omitempty"` // what was heard of each question, in order
	Operator    string           `json:"operator,omitempty"`
	Recording   string           `json:"recording,omitempty"`
	Detail      string           `json:"detail,omitempty"`
	CallerID    string           `json:"caller_id,omitempty"`
	Quality     *qualityData     `json:"quality,omitempty"` // of an answered call
}

// heardData is one thing that was heard of who or what is at the far end.
type heardData struct {
	Verdict    string  `json:"verdict"`
	Label      string  `json:"label,omitempty"`
	Cause      string  `json:"cause,omitempty"`
	Confidence float64 `json:"confidence"`
	AfterMS    int64   `json:"after_ms"` // since the answer; early: since the first sound
	Early      bool    `json:"early,omitempty"`
	Beep       bool    `json:"beep,omitempty"`
	Shown      bool    `json:"shown,omitempty"` // not heard: a key or an answer showed it
}

func heardOf(all []dialer.Heard) []heardData {
	out := make([]heardData, len(all))
	for i, h := range all {
		out[i] = heardData{string(h.Verdict), h.Label, h.Cause, h.Confidence, h.After.Milliseconds(), h.Early, h.Beep, h.Shown}
	}
	return out
}

// saidData is what was heard of a question.
type saidData struct {
	Question   string  `json:"question"`
	Label      string  `json:"label,omitempty"`
	Text       string  `json:"text,omitempty"`
	Confidence float64 `json:"confidence"`
	LatencyMS  int64   `json:"latency_ms"`
	Engine     string  `json:"engine,omitempty"`
	AfterMS    int64   `json:"after_ms"` // since the answer
	Taken      bool    `json:"taken"`
	Nothing    bool    `json:"nothing,omitempty"` // no word until the question was over
}

func saidOf(all []dialer.Said) []saidData {
	out := make([]saidData, len(all))
	for i, s := range all {
		out[i] = saidData{s.Question, s.Label, s.Text, s.Confidence, s.Latency.Milliseconds(), s.Engine, s.After.Milliseconds(), s.Taken, s.Nothing}
	}
	return out
}

// qualityData is how well the sound got through; times in milliseconds.
type qualityData struct {
	Loss        float64 `json:"loss"`
	JitterMS    float64 `json:"jitter_ms"`
	FarLoss     float64 `json:"far_loss,omitempty"`
	FarJitterMS float64 `json:"far_jitter_ms,omitempty"`
	RoundTripMS float64 `json:"round_trip_ms,omitempty"`
	MOS         float64 `json:"mos,omitempty"`
	SRTP        bool    `json:"srtp"`
}

func qualityOf(q dialer.Quality) *qualityData {
	if q == (dialer.Quality{}) {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return &qualityData{Loss: q.Loss, JitterMS: ms(q.Jitter), FarLoss: q.FarLoss, FarJitterMS: ms(q.FarJitter),
		RoundTripMS: ms(q.RoundTrip), MOS: q.MOS, SRTP: q.Secure}
}

type causeData struct {
	SIP  int    `json:"sip,omitempty"`
	Q850 int    `json:"q850,omitempty"`
	Text string `json:"text,omitempty"`
}

type taskData struct {
	Name    string            `json:"name"`
	Fields  map[string]string `json:"fields"`
	Problem string            `json:"problem,omitempty"` // why the fields hold templates instead of values
}

type smsData struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone"`
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

type alertData struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// message is the body of a text message's row: all that the gateway and the
// later sms.sent or sms.failed event need.
type message struct {
	SMS      smsData  `json:"sms"`
	Campaign string   `json:"campaign"`
	Lead     leadData `json:"lead"`
}

func leadOf(l dialer.Lead) *leadData {
	return &leadData{ID: l.ID, ExternalID: l.ExternalID, Phone: l.Phone, Columns: nonNil(l.Columns)}
}

func attemptOf(a *dialer.Attempt) *attemptData {
	if a == nil {
		return nil
	}
	r := a.Result
	return &attemptData{ID: a.ID, Number: a.Number, Trunk: a.Trunk,
		PlacedAt: timeOf(a.Placed), RingingAt: timeOf(a.Ringing), AnsweredAt: timeOf(a.Answered), EndedAt: timeOf(a.Ended),
		Cause:       causeData{SIP: r.Cause.SIP, Q850: r.Cause.Q850, Text: r.Cause.Text},
		Disposition: string(r.Disposition), Verdict: string(r.Verdict), Heard: heardOf(r.Heard), Keys: r.Keys, Words: r.Words, Said: saidOf(r.Said),
		Operator: r.Operator, Recording: r.Recording, Detail: r.Detail, CallerID: r.CallerID, Quality: qualityOf(r.Quality)}
}

// timeOf is nil for a time that is not there, or that JSON cannot hold.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
