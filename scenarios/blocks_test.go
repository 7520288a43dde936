package scenarios

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

func TestWindow(t *testing.T) {
	s := mustParse(t, edit(t, `window: {hours: "10:00-20:00", zone: Europe/Moscow}`, `window:
  days: [mon, wed-fri]
  hours: ["14:00-20:00", "9:00-13:00"]
  weekend: "11:00-18:00"
  holidays: [2026-05-01..2026-05-03, 2026-06-12]
  zone: Asia/Omsk`))
	want := dialer.Window{
		Days:     [7]bool{true, true, false, true, true, true, true},
		Spans:    []dialer.Span{{From: 540, To: 780}, {From: 840, To: 1200}},
		Weekend:  []dialer.Span{{From: 660, To: 1080}},
		Holidays: map[string]bool{"2026-05-01": true, "2026-05-02": true, "2026-05-03": true, "2026-06-12": true},
		Default:  "Asia/Omsk",
	}
	if !reflect.DeepEqual(s.Window, want) {
		t.Errorf("%+v", s.Window)
	}
	if s.Policy.Name != "ru-default" {
		t.Errorf("policy %q", s.Policy.Name)
	}
}

func TestWindowFaults(t *testing.T) {
	for _, w := range []string{`hours: "10:00-20:00", days: someday`, `hours: ["9:00-12:00", "11:00-13:00"]`, `hours: "10:60-20:00"`, `hours: "10:00-25:00"`,
		`hours: "10:00-20:00", holidays: 01.05.2026`, `hours: "10:00-20:00", holidays: 2026-05-03..2026-05-01`, `days: mon`} {
		if len(faultsOf(t, edit(t, `{hours: "10:00-20:00", zone: Europe/Moscow}`, "{"+w+"}"))) == 0 {
			t.Errorf("%s was accepted", w)
		}
	}
}

func TestPolicies(t *testing.T) {
	for head, want := range map[string]string{
		"language: ru\npurpose: collection":                     "ru-collection",
		"language: ru\npurpose: survey":                         "ru-default",
		"language: en\npurpose: survey":                         "us",
		"language: ru\npurpose: collection\npolicy: none":       "",
		"language: ru\npurpose: service\npolicy: ru-collection": "ru-collection",
	} {
		s := mustParse(t, edit(t, "language: ru\npurpose: service", head))
		if s.Policy.Name != want {
			t.Errorf("%s: %q", head, s.Policy.Name)
		}
	}
}

// The rules of the cases, as the dialer gets them.
func TestShippedRetryPlans(t *testing.T) {
	s, err := LoadShipped("lead-verification")
	if err != nil {
		t.Fatal(err)
	}
	r := s.Retry.Rules[0]
	if want := []dialer.RetryDay{{Attempts: 3, Every: 2 * time.Hour}, {Attempts: 2, Every: 3 * time.Hour}}; !reflect.DeepEqual(r.Days, want) || r.Finish != "no_answer" {
		t.Errorf("%+v", r)
	}
	if s, err = LoadShipped("cold-base"); err != nil {
		t.Fatal(err)
	}
	if r = s.Retry.Rules[0]; !r.InARow || r.Days[0].Attempts != 3 || r.Finish != "unavailable" || !contains2(r.On, dialer.Unreachable) || !contains2(r.On, dialer.Invalid) {
		t.Errorf("%+v", r)
	}
	r = s.Retry.Rules[1]
	if len(r.Days) != 2 || r.Days[0].Attempts != 3 || r.Days[1].Attempts != 2 || r.Finish != "not_interested" {
		t.Errorf("%+v", r)
	}
	if then := r.Days[0].Then; len(then) != 1 || then[0].Kind != dialer.EffectSMS || !strings.Contains(then[0].Text, "{{until}}") {
		t.Errorf("%+v", then)
	}
	if s, err = LoadShipped("meeting-reminder"); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Retry.Rules {
		if len(r.Then) != 1 || r.Then[0].Kind != dialer.EffectTask || !strings.HasPrefix(r.Then[0].Name, "Перезвонить") || r.Finish != "no_answer" {
			t.Errorf("%+v", r)
		}
	}
}

// Every disposition of every shipped scenario is owned by a rule, so that no
// lead ends on a list that the scenario does not name; but for interrupted,
// which no rule may own, so that nobody whose talk a crash of ours cut is
// called again.
func TestShippedPlansOwnEveryMiss(t *testing.T) {
	for _, name := range ShippedNames() {
		s, err := LoadShipped(name)
		if err != nil {
			t.Fatal(err)
		}
		owned := map[dialer.Disposition]bool{}
		for _, r := range s.Retry.Rules {
			for _, on := range r.On {
				owned[on] = true
			}
		}
		for _, x := range dialer.Dispositions() {
			if owned[x] != (x != dialer.Interrupted) {
				t.Errorf("%s: is %s owned by a rule: %v", name, x, owned[x])
			}
		}
		if !slices.Contains(s.Lists, s.Retry.Else) {
			t.Errorf("%s: a talk that was cut ends on the list %q, which is none of its lists", name, s.Retry.Else)
		}
	}
}

func contains2(on []dialer.Disposition, x dialer.Disposition) bool {
	for _, d := range on {
		if d == x {
			return true
		}
	}
	return false
}

func TestCallAgain(t *testing.T) {
	s, err := LoadShipped("cold-base")
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := s.CallAgain("not_interested", noon); !ok || !at.Equal(noon.Add(365*24*time.Hour)) {
		t.Errorf("%s %v", at, ok)
	}
	if _, ok := s.CallAgain("interested", noon); ok {
		t.Error("interested may be called again?")
	}
}

func TestDurations(t *testing.T) {
	for in, want := range map[string]time.Duration{"500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "1y": 8760 * time.Hour} {
		got, ok := parseDuration(in)
		if !ok || got != want {
			t.Errorf("%s: %s %v", in, got, ok)
		}
		if back, ok := parseDuration(showDuration(got)); !ok || back != got {
			t.Errorf("%s is shown as %s", in, showDuration(got))
		}
	}
	for _, in := range []string{"", "5", "5x", "-5s", "1h 30m", "99999999999h", "1000000y1000000y", "1.5h"} {
		if got, ok := parseDuration(in); ok {
			t.Errorf("%q is %s", in, got)
		}
	}
}

func TestPrompts(t *testing.T) {
	s := mustParse(t, edit(t, "    - say: \"Здравствуйте", "    - play: hello.wav\n    - say: \"Здравствуйте"))
	fixed := s.Prompts()
	want := []Prompt{{File: "hello.wav"}, {File: "hold.wav"}, {Text: "Да или нет?", Language: "ru"}, {Text: "Не слышу.", Language: "ru"}, {Text: "Не понял.", Language: "ru"},
		{Text: "Если да, нажмите один.", Language: "ru"}, {Text: "Если нет, нажмите два.", Language: "ru"}, {Text: "Перезвоним.", Language: "ru"}}
	for _, p := range want {
		found := false
		for _, q := range fixed {
			found = found || p == q
		}
		if !found {
			t.Errorf("no %+v in %+v", p, fixed)
		}
	}
	if len(fixed) != len(want) {
		t.Errorf("%+v", fixed)
	}
	var texts []string
	for _, p := range s.PromptsFor(anna) {
		texts = append(texts, p.Text)
	}
	if got := strings.Join(texts, "|"); got != "Здравствуйте, Анна!|Клиент Анна." {
		t.Error(got)
	}
	if live := s.LivePrompts(); len(live) != 0 {
		t.Errorf("%q", live)
	}
	s = mustParse(t, edit(t, "Перезвоним.", "Хорошо. Перезвоним {{promise|time}}."))
	if live := s.LivePrompts(); len(live) != 1 || live[0] != "Перезвоним {{promise}}." {
		t.Errorf("%q", live)
	}
}

func TestGraph(t *testing.T) {
	g := mustParse(t, small).Graph()
	for _, want := range []string{"flowchart TD", `s0["hello: say, ask"]`, "s0 -->|yes|", "-->|nobody|", `list_yes(["Да"])`, "callback in 2h", "hangup --> list_no"} {
		if !strings.Contains(g, want) {
			t.Errorf("no %s in\n%s", want, g)
		}
	}
}

func TestSchemaFileIsCurrent(t *testing.T) {
	got := Schema()
	var v map[string]any
	if err := json.Unmarshal(got, &v); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("scenario.schema.json")
	if err != nil || string(file) != string(got) {
		t.Errorf("scenario.schema.json is not what Schema gives (%v); run: go generate ./scenarios", err)
	}
}

// The schema knows every verb and every key of the root.
func TestSchemaNamesEveryVerb(t *testing.T) {
	text := string(Schema())
	for _, v := range verbs() {
		if !strings.Contains(text, `"`+v.name+`": {`) {
			t.Errorf("no verb %s", v.name)
		}
	}
	for _, f := range rootFields() {
		if !strings.Contains(text, `"`+f.name+`": {`) {
			t.Errorf("no key %s", f.name)
		}
	}
}

// Tests of a scenario fail when the dialogue does not do what they say.
func TestScenarioTestsCanFail(t *testing.T) {
	for tests, want := range map[string]string{
		`[{name: a, callee: [answer, {press: 1}, {operator: nobody}], expect: {list: "yes"}}]`:                               `the list is none, expected "yes"`,
		`[{name: a, callee: [answer, {press: 2}], expect: {list: "no", abandoned: true}}]`:                                   "abandoned is false",
		`[{name: a, callee: [answer, {press: 1}, {operator: nobody}], expect: {promise: 3h}}]`:                               "the promise is",
		`[{name: a, callee: [answer, {press: 1}, {operator: answers}, hang_up], expect: {effects: []}}]`:                     "the effects are",
		`[{name: a, callee: [answer, {press: 1}, {operator: answers}, hang_up], expect: {effects: ["sms: Анна, спасибо"]}}]`: "",
		`[{name: a, callee: [answer, {hear: later}], expect: {}}]`:                                                           "",
		`[{name: a, callee: [answer, {hear: "никогда"}], expect: {}}]`:                                                       "is never heard",
		`[{name: a, callee: [answer, {press: 2}, {press: 2}], expect: {}}]`:                                                  "the call is over already",
		`[{name: a, callee: [answer, {press: 1}], expect: {}}]`:                                                              "the call does not end",
		`[{name: a, callee: [answer, {press: 2}], expect: {answers: {hello: "yes"}}}]`:                                       `the answer hello is "no"`,
	} {
		s := mustParse(t, small+"tests: "+tests+"\n")
		got := strings.Join(s.RunTests()[0].Faults, "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s\n got %q\nwant %q", tests, got, want)
		}
	}
}

func TestTestsBlockFaults(t *testing.T) {
	for tests, want := range map[string]string{
		`[{name: a, callee: [dance], expect: {}}]`:                     `an act can't be "dance"`,
		`[{name: a, callee: [{press: x}], expect: {}}]`:                "press can't be",
		`[{name: a, lead: {age: 5}, callee: [answer], expect: {}}]`:    "which is no column",
		`[{name: a, lead: {amount: x}, callee: [answer], expect: {}}]`: "can't be called",
		`[{name: a, callee: [answer], expect: {list: nowhere}}]`:       "no list",
		`[{name: a, callee: [{hear: x, press: 1}], expect: {}}]`:       "one thing",
		`[{name: a, at: noon, callee: [answer], expect: {}}]`:          "at can't be",
		`[{callee: [answer], expect: {}}]`:                             `lacks the key "name"`,
	} {
		faults := faultsOf(t, small+"tests: "+tests+"\n")
		if len(faults) == 0 || !strings.Contains(faults.Error(), want) {
			t.Errorf("%s\n got %v\nwant %q", tests, faults, want)
		}
	}
}
