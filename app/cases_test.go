package app

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/sip/siptest"
)

const (
	moscow      = "Europe/Moscow"
	kaliningrad = "Europe/Kaliningrad" // an hour behind Moscow
	vladivostok = "Asia/Vladivostok"   // seven hours ahead of Moscow
)

// people are how subscribers of the cases behave; operators hear the whisper
// out before they are joined, and then hang up.
const people = `
profiles:
  one: {ring: 100ms, steps: [{listen: 300ms}, {press: "1"}, {speak: "voice:person"}]}
  two: {ring: 100ms, steps: [{listen: 300ms}, {press: "2"}, {speak: "voice:person"}]}
  goes: {ring: 100ms, steps: [{listen: 300ms}, {press: "2"}, {wait: 500ms}, {hangup: true}]}
  three: {ring: 100ms, steps: [{listen: 300ms}, {press: "3"}]}
  seven: {ring: 100ms, steps: [{listen: 300ms}, {press: "7"}, {speak: "voice:person"}]}
  info: {ring: 100ms, steps: [{listen: 300ms}, {info: "1"}, {wait: 500ms}, {hangup: true}]}
  nods: {ring: 100ms, steps: [{listen: 300ms}, {press: "1"}, {wait: 500ms}, {hangup: true}]}
  leaves: {ring: 100ms, steps: [{listen: 300ms}, {hangup: true}]}
  recording: {kind: announcement, steps: [{speak: short}]}
  manager: {ring: 100ms, steps: [{speak: "voice:operator"}, {wait: 8500ms}, {hangup: true}]}
`

// person is a lead of a case: what their phone does call after call, and
// what must become of them.
type person struct {
	phone, zone string
	does        string // profiles in the order of the calls
	list        string
	days        []int // calls per calendar day of theirs; nil: one call
}

func (p person) nth() []int {
	if p.days == nil {
		return []int{1}
	}
	return p.days
}

// subscribers writes the book of some people.
func subscribers(all []person, operators ...string) string {
	var b strings.Builder
	b.WriteString(people + "numbers:\n")
	for _, p := range all {
		fmt.Fprintf(&b, "  %q: [%s]\n", p.phone, p.does)
	}
	fmt.Fprintln(&b, "operators:")
	for _, o := range operators {
		fmt.Fprintf(&b, "  %s: manager\n", o)
	}
	return b.String()
}

// leads writes the base of some people; values are those of the other columns.
func leads(all []person, values ...string) (out [][]string) {
	for _, p := range all {
		out = append(out, append([]string{p.phone, p.zone}, values...))
	}
	return out
}

// expect holds a campaign against what must become of its people: lists to
// the last lead, calls per calendar day, hours, one INVITE per attempt.
func (o *outcome) expect(all []person, from, to int) {
	o.t.Helper()
	want := map[string][]string{}
	for _, p := range all {
		want[p.list] = append(want[p.list], p.phone)
		if got := o.leads[p.phone].List; got != p.list {
			o.t.Errorf("%s (%s) ended on %s, want %s", p.phone, p.does, got, p.list)
		}
		o.perDay(p, from, to)
		if f := o.about(p.phone, "lead.finished"); len(f) != 1 || f[0].Data.List != p.list {
			o.t.Errorf("%s: lead.finished %+v", p.phone, f)
		}
	}
	o.listFiles(want)
	if faults := siptest.Audit(o.journal).Faults(); len(faults) > 0 {
		o.t.Errorf("the far end complains:\n%s", strings.Join(faults, "\n"))
	}
}

// perDay holds a person's calls against the plan, by their own calendar.
func (o *outcome) perDay(p person, from, to int) {
	o.t.Helper()
	loc, err := time.LoadLocation(p.zone)
	must(o.t, err)
	var dates []string
	var counts []int
	for i, a := range o.calls[p.phone] {
		local := a.Placed.In(loc)
		if h := local.Hour(); h < from || h >= to {
			o.t.Errorf("%s: call %d at %s, outside %d to %d", p.phone, i+1, local, from, to)
		}
		if date := local.Format(time.DateOnly); len(dates) == 0 || dates[len(dates)-1] != date {
			dates, counts = append(dates, date), append(counts, 0)
		}
		counts[len(counts)-1]++
		o.leg(a)
	}
	if !slices.Equal(counts, p.nth()) {
		o.t.Errorf("%s (%s): calls per day %v, want %v (%v)", p.phone, p.does, counts, p.nth(), dates)
	}
	total := 0
	for i, n := range p.nth() {
		total += n
		if i < len(dates) && dates[i] != sundayNight.AddDate(0, 0, 1+i).Format(time.DateOnly) {
			o.t.Errorf("%s: day %d of the calls is %s", p.phone, i+1, dates[i])
		}
	}
	if got := o.leads[p.phone].Attempts; got != fmt.Sprint(total) {
		o.t.Errorf("%s: outcomes.csv counts %s attempts, want %d", p.phone, got, total)
	}
	o.csvCalls(p, total, loc)
}

// csvCalls holds attempts.csv against the events.
func (o *outcome) csvCalls(p person, total int, loc *time.Location) {
	o.t.Helper()
	n := 0
	for _, row := range readCSV(o.t, filepath.Join(o.dir, "attempts.csv")) {
		if row["phone_e164"] != p.phone {
			continue
		}
		if n++; n <= len(o.calls[p.phone]) {
			a := o.calls[p.phone][n-1]
			if want := a.Placed.In(loc).Format(time.RFC3339); row["placed_at"] != want || row["disposition"] != a.Disposition || row["number"] != fmt.Sprint(n) {
				o.t.Errorf("%s: attempts.csv has %v, the events %+v", p.phone, row, a)
			}
		}
	}
	if n != total {
		o.t.Errorf("%s: attempts.csv has %d calls, want %d", p.phone, n, total)
	}
}

// listFiles holds the files of the lists against what is wanted, exactly.
func (o *outcome) listFiles(want map[string][]string) {
	o.t.Helper()
	files, err := filepath.Glob(filepath.Join(o.dir, "lists", "*.csv"))
	must(o.t, err)
	got := map[string][]string{}
	for _, f := range files {
		for _, row := range readCSV(o.t, f) {
			name := strings.TrimSuffix(filepath.Base(f), ".csv")
			got[name] = append(got[name], row["phone_e164"])
		}
	}
	for _, m := range []map[string][]string{got, want} {
		for name := range m {
			slices.Sort(m[name])
		}
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		o.t.Errorf("lists are %v, want %v", got, want)
	}
}

// kept checks the promise made in the person's nth call: so long after the
// key was pressed, and the next call leaves within a second of it.
func (o *outcome) kept(phone string, nth int, after time.Duration) {
	o.t.Helper()
	calls, promises := o.calls[phone], o.about(phone, "lead.promised")
	if len(calls) <= nth || len(promises) < 1 {
		o.t.Fatalf("%s: %d calls, %d promises", phone, len(calls), len(promises))
	}
	made, next, promise := calls[nth-1], calls[nth], promises[0].Data.PromiseAt
	pressed := o.onClock(made, o.wall(o.leg(made).CallID, siptest.KeyPressed))
	if d := promise.Sub(pressed.Add(after)); d.Abs() > time.Second {
		o.t.Errorf("%s: the promise is %s off %s after the key", phone, d, after)
	}
	if d := next.Placed.Sub(promise); d < 0 || d > time.Second {
		o.t.Errorf("%s: the promised call was placed %s after its time", phone, d)
	}
	if !next.Answered.IsZero() {
		arrived := o.onClock(next, o.leg(next).InviteAt)
		if d := arrived.Sub(promise); d < -50*time.Millisecond || d > time.Second {
			o.t.Errorf("%s: the promised INVITE came %s after its time", phone, d)
		}
	}
}

// bridged checks that the call was given to an operator at once after the
// key, that the two heard each other, and that the recording holds both.
func (o *outcome) bridged(phone string, soon time.Duration) {
	o.t.Helper()
	a := o.last(phone)
	legs := o.operatorLegs(a)
	if len(legs) != 1 || a.Operator == "" || len(o.about(phone, "lead.bridged")) != 1 {
		o.t.Fatalf("%s: %d operators were called, %q took the call, bridged events: %d", phone, len(legs), a.Operator, len(o.about(phone, "lead.bridged")))
	}
	who, op := o.leg(a), legs[0]
	if d := op.InviteAt.Sub(o.wall(who.CallID, siptest.KeyPressed)); d > soon {
		o.t.Errorf("%s: the operator was called %s after the key", phone, d)
	}
	if op.From != phone {
		o.t.Errorf("%s: the operator saw the number %s", phone, op.From)
	}
	const least = 500 * time.Millisecond
	if who.HeardOperator < least || op.HeardPerson < least {
		o.t.Errorf("%s: the person heard the operator for %s, the operator the person for %s", phone, who.HeardOperator, op.HeardPerson)
	}
	left, right := o.channels(a)
	if !audio.HasTone(left, siptest.VoicePersonHz) || audio.HasTone(left, siptest.VoiceOperatorHz) {
		o.t.Errorf("%s: the left channel does not hold the person alone", phone)
	}
	talk := tail(right, time.Second)
	if !audio.HasTone(talk, siptest.VoiceOperatorHz) || audio.HasTone(talk, siptest.VoicePersonHz) {
		o.t.Errorf("%s: the right channel does not end with the operator alone", phone)
	}
}

// Case 1: lead verification.
func TestLeadVerification(t *testing.T) {
	t.Parallel()
	all := []person{
		{phone: "+79990000101", zone: moscow, does: "one", list: "connected"},
		{phone: "+79990000102", zone: moscow, does: "two", list: "rejected"},
		{phone: "+79990000103", zone: moscow, does: "three, one", list: "connected", days: []int{2}},
		{phone: "+79990000104", zone: vladivostok, does: "three, goes", list: "rejected", days: []int{2}},
		{phone: "+79990000105", zone: moscow, does: "no_answer", list: "no_answer", days: []int{3, 2}},
		{phone: "+79990000106", zone: vladivostok, does: "no_answer", list: "no_answer", days: []int{3, 2}},
		{phone: "+79990000107", zone: kaliningrad, does: "off", list: "no_answer", days: []int{3, 2}},
		{phone: "+79990000108", zone: moscow, does: "no_answer, busy, goes", list: "rejected", days: []int{3}},
		{phone: "+79990000109", zone: moscow, does: "no_answer, no_answer, off, declines, goes", list: "rejected", days: []int{3, 2}},
		{phone: "+79990000110", zone: moscow, does: "unknown", list: "wrong_number"},
		{phone: "+79990000111", zone: kaliningrad, does: "leaves", list: "no_choice"},
		{phone: "+79990000112", zone: moscow, does: "three, no_answer, goes", list: "rejected", days: []int{3}},
	}
	o := trial{
		scenario: shippedCopy(t, "lead-verification"),
		titles:   []string{"Телефон", zoneTitle, "Имя", "Сумма"}, rows: leads(all, "Иван", "30 000"),
		book: subscribers(all, "anna", "boris", "clara"),
	}.run(t)
	o.expect(all, 10, 20)
	o.bridged("+79990000101", 4*time.Second)
	o.bridged("+79990000103", 4*time.Second)
	for _, phone := range []string{"+79990000103", "+79990000104", "+79990000112"} {
		o.kept(phone, 1, 2*time.Hour)
	}
	for phone, choice := range map[string]string{"+79990000101": "yes", "+79990000102": "no"} {
		if got := o.leads[phone].Answers["choice"]; got != choice {
			t.Errorf("%s: the answer is %q, want %q", phone, got, choice)
		}
	}
	if n := len(o.of("lead.bridged")); n != 2 {
		t.Errorf("%d people were connected", n)
	}
	if n := len(o.of("campaign.finished")); n != 1 || o.of("campaign.finished")[0].Data.Totals["no_answer"] != 3 {
		t.Errorf("campaign.finished: %+v", o.of("campaign.finished"))
	}
}

// Case 2: meeting reminder.
func TestMeetingReminder(t *testing.T) {
	t.Parallel()
	all := []person{
		{phone: "+79990000201", zone: moscow, does: "one", list: "confirmed"},
		{phone: "+79990000202", zone: vladivostok, does: "info", list: "confirmed"},
		{phone: "+79990000203", zone: moscow, does: "two", list: "rescheduled"},
		{phone: "+79990000204", zone: moscow, does: "silent_person", list: "rescheduled"},
		{phone: "+79990000205", zone: moscow, does: "seven", list: "rescheduled"},
		{phone: "+79990000206", zone: moscow, does: "no_answer", list: "no_answer"},
		{phone: "+79990000207", zone: moscow, does: "off", list: "no_answer"},
		{phone: "+79990000208", zone: moscow, does: "declines", list: "no_answer"},
		{phone: "+79990000209", zone: moscow, does: "busy, nods", list: "confirmed", days: []int{2}},
		{phone: "+79990000210", zone: moscow, does: "busy", list: "no_answer", days: []int{3}},
	}
	o := trial{
		scenario: shippedCopy(t, "meeting-reminder", edit{"wait: 5s", "wait: 1s"}, edit{"repeat: 1", "repeat: 0"},
			edit{`keys: "Чтобы подтвердить встречу, нажмите 1. Чтобы выбрать другое время, нажмите 2."`, ""}),
		titles: []string{"Телефон", zoneTitle, "Имя", "Дата встречи", "Время встречи", "Адрес"},
		rows:   leads(all, "Иван", "15.12.2031", "14:30", "Садовая улица, дом 5"),
		book:   subscribers(all, "anna", "boris", "clara"),
	}.run(t)
	o.expect(all, 9, 21)
	for _, p := range all {
		finished := o.about(p.phone, "lead.finished")[0].Data
		texts, tasks := o.textsTo(p.phone), o.tasks(p.phone)
		switch p.list {
		case "confirmed":
			if finished.Answers["status"] != "meeting confirmed" || o.leads[p.phone].Answers["answer"] != "confirm" {
				t.Errorf("%s: the CRM is told %v", p.phone, finished.Answers)
			}
			if want := "Иван, ждём вас 15 декабря в 14:30: Садовая улица, дом 5. Ромашка"; !slices.Equal(texts, []string{want}) || len(tasks) > 0 {
				t.Errorf("%s: texts %q, tasks %q", p.phone, texts, tasks)
			}
			if sent := o.about(p.phone, "sms.sent"); len(sent) != 1 || sent[0].Data.SMS.Text != texts[0] {
				t.Errorf("%s: sms.sent %+v", p.phone, sent)
			}
		case "no_answer":
			if !slices.Equal(tasks, []string{"Перезвонить: Иван"}) || len(texts) > 0 {
				t.Errorf("%s: texts %q, tasks %q", p.phone, texts, tasks)
			}
			if n := len(o.about(p.phone, "attempt.ended")); n != len(o.calls[p.phone]) || n == 0 {
				t.Errorf("%s: the CRM is told of %d calls", p.phone, n)
			}
		default:
			if len(texts)+len(tasks) > 0 {
				t.Errorf("%s: texts %q, tasks %q", p.phone, texts, tasks)
			}
		}
	}
	for _, phone := range []string{"+79990000203", "+79990000205"} {
		o.bridged(phone, 8*time.Second) // «Такого ответа нет» and «Соединяю» come before
	}
	if a := o.last("+79990000204"); a.Operator == "" || len(o.operatorLegs(a)) != 1 {
		t.Errorf("who said nothing was not given to an operator: %+v", a)
	}
}

// Case 3: cold base refresh.
func TestColdBase(t *testing.T) {
	t.Parallel()
	all := []person{
		{phone: "+79990000301", zone: moscow, does: "off", list: "unavailable", days: []int{3}},
		{phone: "+79990000302", zone: vladivostok, does: "unknown", list: "unavailable", days: []int{3}},
		{phone: "+79990000303", zone: moscow, does: "recording, off, unknown", list: "unavailable", days: []int{3}},
		{phone: "+79990000304", zone: moscow, does: "no_answer", list: "not_interested", days: []int{3, 2}},
		{phone: "+79990000305", zone: vladivostok, does: "no_answer", list: "not_interested", days: []int{3, 2}},
		{phone: "+79990000306", zone: moscow, does: "no_answer, no_answer, no_answer, three", list: "mailing", days: []int{3, 1}},
		{phone: "+79990000307", zone: moscow, does: "one", list: "interested"},
		{phone: "+79990000308", zone: kaliningrad, does: "two", list: "not_interested"},
		{phone: "+79990000309", zone: moscow, does: "three", list: "mailing"},
		{phone: "+79990000310", zone: moscow, does: "off, off, three", list: "mailing", days: []int{3}},
		{phone: "+79990000311", zone: moscow, does: "off, off, no_answer, off", list: "unavailable", days: []int{4, 3}},
		{phone: "+79990000312", zone: moscow, does: "no_answer, no_answer, three", list: "mailing", days: []int{3}},
	}
	o := trial{
		scenario: shippedCopy(t, "cold-base"),
		titles:   []string{"Телефон", zoneTitle, "Имя", "Лимит", "Действует до"}, rows: leads(all, "Иван", "50 000", "31.12.2031"),
		book:   subscribers(all, "anna"),
		sounds: siptest.Sounds{"short": audio.NewClip(audio.Tone([]float64{950}, 300*time.Millisecond, 0.3))},
	}.run(t)
	o.expect(all, 10, 20)
	o.bridged("+79990000307", 4*time.Second)
	const offer = "Для вас готово предложение: до 50 000 ₽ до 31 декабря. Завтра мы позвоним ещё раз, пожалуйста, возьмите трубку. Ромашка"
	for _, p := range all {
		texts := o.textsTo(p.phone)
		if misses := strings.HasPrefix(p.does, "no_answer") && len(p.nth()) == 2; misses != slices.Equal(texts, []string{offer}) || !misses && len(texts) > 0 {
			t.Errorf("%s (%s): texts %q", p.phone, p.does, texts)
		}
	}
	for _, phone := range []string{"+79990000304", "+79990000305", "+79990000306"} {
		third := fmt.Sprintf("a%d_", o.calls[phone][2].ID) // what follows from an attempt bears its number
		if sent := o.about(phone, "sms.sent"); len(sent) != 1 || !strings.HasPrefix(sent[0].ID, third) {
			t.Errorf("%s: the text must follow from the third miss of the day (%s): %+v", phone, third, sent)
		}
	}
	for _, phone := range []string{"+79990000304", "+79990000308"} {
		year := o.last(phone).Placed.Add(365 * 24 * time.Hour).Format(time.DateOnly)
		if got := o.leads[phone].Answers["call_again"]; got != year {
			t.Errorf("%s: to be called again on %q, want %s", phone, got, year)
		}
	}
	last := o.calls["+79990000311"][4:]
	for _, a := range last {
		if a.Disposition != "unreachable" {
			t.Errorf("three calls in a row must have been unreachable: %+v", last)
		}
	}
}
