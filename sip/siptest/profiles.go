package siptest

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"dozvon/dialer/phonesim"
)

// How built-in people behave.
const (
	shortRing = 300 * time.Millisecond  // before they answer
	patience  = 1500 * time.Millisecond // of voice they hear before they press a key
	talkTime  = 5 * time.Second         // an operator's conversation
	pickUp    = 400 * time.Millisecond  // from the answer to the person's greeting
)

// builtInProfiles are the profiles that a book can use by name.
var builtInProfiles = sync.OnceValue(func() map[string]phonesim.Profile {
	people := map[string]phonesim.Profile{
		"yes":           presses("1"),
		"no":            presses("2"),
		"later":         presses("3"),
		"waits_yes":     answers(phonesim.Step{Hush: 700 * time.Millisecond}, phonesim.Step{Press: "1"}, talking),
		"info_yes":      answers(phonesim.Step{Listen: patience}, phonesim.Step{Info: "1"}, talking),
		"silent_person": answers(),
		"talks":         answers(talking),
		"hangs_up":      answers(phonesim.Step{Listen: time.Second}, phonesim.Step{HangUp: true}),
		"no_answer":     {Kind: phonesim.RingsOut},
		"busy":          {Kind: phonesim.Busy},
		"off":           {Kind: phonesim.SwitchedOff},
		"unknown":       {Kind: phonesim.Unknown},
		"congested":     {Kind: phonesim.Congested},
		"declines":      {Kind: phonesim.Declines, Ring: shortRing},
		"announcement":  {Kind: phonesim.Announcement},
		"false_answer":  {Kind: phonesim.FalseAnswer, Ring: shortRing},
		"hello":         answers(phonesim.Step{Wait: pickUp}, phonesim.Step{Speak: Hello}, phonesim.Step{Listen: patience}, phonesim.Step{Press: "1"}, talking),
		"voicemail":     {Kind: phonesim.Voicemail, Ring: shortRing},
		"fax":           {Kind: phonesim.Fax, Ring: shortRing},
		"mute":          {Kind: phonesim.Mute, Ring: shortRing},

		"operator": answers(converses, phonesim.Step{Wait: talkTime}, phonesim.Step{HangUp: true}),
		"operator_key": answers(phonesim.Step{Listen: 500 * time.Millisecond}, phonesim.Step{Press: "1"},
			converses, phonesim.Step{Wait: talkTime}, phonesim.Step{HangUp: true}),
		"operator_stays": answers(converses),
	}
	for _, label := range phonesim.Labels() {
		people["announces_"+label] = phonesim.Profile{Kind: phonesim.Announcement, Label: label}
	}
	for key := range 10 {
		k := strconv.Itoa(key)
		people["key"+k] = presses(k)
	}
	for name, p := range people {
		p.Name = name
		people[name] = p
	}
	return people
})

var (
	talking   = phonesim.Step{Speak: VoicePerson}
	converses = phonesim.Step{Speak: VoiceOperator}
)

func answers(steps ...phonesim.Step) phonesim.Profile {
	return phonesim.Profile{Kind: phonesim.Answers, Ring: shortRing, Steps: steps}
}

// presses answers, hears a while, presses a key and talks from then on.
func presses(key string) phonesim.Profile {
	return answers(phonesim.Step{Listen: patience}, phonesim.Step{Press: key}, talking)
}

// Profile returns a built-in profile by name.
func Profile(name string) (phonesim.Profile, bool) {
	p, ok := builtInProfiles()[name]
	return p, ok
}

// ProfileNames returns the names of the built-in profiles, sorted.
func ProfileNames() []string { return slices.Sorted(maps.Keys(builtInProfiles())) }

// DefaultBook answers any number by a mix like that of a cold base, and has
// operators op1 to op9.
func DefaultBook(seed uint64) Book {
	b := Book{Operators: map[string]phonesim.Profile{}}
	b.Seed = seed
	for _, share := range []struct {
		name   string
		weight int
	}{{"yes", 25}, {"no", 15}, {"later", 10}, {"no_answer", 25}, {"busy", 8}, {"off", 7}, {"voicemail", 4}, {"hangs_up", 4}, {"declines", 2}} {
		p, _ := Profile(share.name)
		b.Mix = append(b.Mix, phonesim.Share{Weight: share.weight, Profile: p})
	}
	op, _ := Profile("operator")
	for i := 1; i <= 9; i++ {
		b.Operators["op"+strconv.Itoa(i)] = op
	}
	return b
}
