package phonesim

import (
	"context"
	"fmt"
	"time"

	"dozvon/dialer"
)

// MeasureDecisions has an engine decide about at least n calls and returns how
// many decisions it made and how long it took. A decision is a call placed or
// the next step of a lead after its call. Leads are in three time zones and
// under a lawful policy; the time is that of the engine alone: what the store
// and the network would do is not counted.
func MeasureDecisions(n int) (decisions int, took time.Duration) {
	const lines = 200
	m := meter{engine: dialer.New(), now: time.Date(2025, 9, 1, 7, 0, 0, 0, time.UTC), ledger: NewLedger()}
	policy, err := dialer.PolicyByName("ru-default")
	if err != nil {
		panic(err) // a pack of our own
	}
	zones := []string{"Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk"}
	for i := range n {
		m.ledger.Add(dialer.Lead{ID: dialer.LeadID(i + 1), Campaign: "bench", Zone: zones[i%len(zones)], Phone: fmt.Sprintf("+7900%07d", i)})
	}
	began := time.Now()
	m.handle(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: lines}})
	m.handle(dialer.AddCampaign{Campaign: dialer.Campaign{
		Name: "bench", Policy: policy,
		Window: dialer.Window{Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}, Spans: []dialer.Span{{From: 9 * 60, To: 20 * 60}}},
		Retry: dialer.RetryPlan{Rules: []dialer.RetryRule{{On: []dialer.Disposition{dialer.NoAnswer},
			Days: []dialer.RetryDay{{Attempts: 3, Every: 2 * time.Hour}, {Attempts: 2, Every: 3 * time.Hour}}, Finish: "no_answer"}}},
	}})
	for len(m.up) > 0 && m.decisions < n {
		id := m.up[0]
		m.up = m.up[1:]
		m.now = m.now.Add(time.Millisecond)
		m.handle(dialer.Progressed{Attempt: id, State: dialer.AttemptRinging, At: m.now})
		m.handle(dialer.Ended{Attempt: id, At: m.now, Result: dialer.Result{Disposition: dialer.NoAnswer}})
	}
	return m.decisions, time.Since(began) - m.outside
}

// meter stands in for the loop and leaves out its own time.
type meter struct {
	engine    *dialer.Engine
	ledger    *Ledger
	now       time.Time
	up        []dialer.AttemptID
	decisions int
	outside   time.Duration // spent in the ledger
}

func (m *meter) handle(ev dialer.Event) {
	commands := m.engine.Handle(m.now, ev)
	for len(commands) > 0 {
		began := time.Now()
		answers := m.perform(commands)
		m.outside += time.Since(began)
		commands = nil
		for _, a := range answers {
			commands = append(commands, m.engine.Handle(m.now, a)...)
		}
	}
}

// perform carries out commands on the ledger and returns its answers.
func (m *meter) perform(commands []dialer.Command) (answers []dialer.Event) {
	ctx := context.Background()
	var err error
	for _, c := range commands {
		switch c := c.(type) {
		case dialer.Place:
			m.decisions++
			m.up = append(m.up, c.Attempt.ID)
			err = m.ledger.Place(ctx, []dialer.Place{c})
		case dialer.Save:
			m.decisions++
			err = m.ledger.Save(ctx, []dialer.Save{c})
		case dialer.Fetch:
			due, _ := m.ledger.Due(ctx, c.Campaign, m.now, c.Limit)
			answers = append(answers, due)
		case dialer.Reserve:
			first, _ := m.ledger.NextAttemptID(ctx, c.N)
			answers = append(answers, dialer.Reserved{First: first, N: c.N})
		}
		if err != nil {
			panic(err) // the strict ledger found a fault of the engine's
		}
	}
	return answers
}
