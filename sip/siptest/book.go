package siptest

import (
	"io/fs"
	"slices"
	"strings"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

// Book decides who answers which call: subscribers by number or by a seeded
// mix, and operators by name.
type Book struct {
	phonesim.Book
	// Operators are looked up before the numbers, by the user part of the
	// called URI.
	Operators map[string]phonesim.Profile
	// Law and OperatorLaw are the codecs that subscribers and operators choose
	// if the caller offers them.
	Law, OperatorLaw audio.Law
	// Laws are the codecs of profiles that want another one, by profile name.
	Laws map[string]audio.Law
	// SRTP is whether calls are encrypted, by SDES: not at all, if the caller
	// offers it, or always.
	SRTP media.Security
	// Files is where a Speak that is no built-in sound finds its WAV file;
	// nil: nowhere.
	Files fs.FS
}

// pick returns the profile of the nth call to a number or an operator.
func (b *Book) pick(number string, nth int) (p phonesim.Profile, operator bool) {
	p, operator = b.Operators[number]
	if !operator {
		p = phonesim.Draw(b.Book, number, nth)
	}
	if p.Kind == "" {
		p.Kind = phonesim.Answers
	}
	return p, operator
}

// law returns the codec that a profile prefers.
func (b *Book) law(p phonesim.Profile, operator bool) audio.Law {
	if law, ok := b.Laws[p.Name]; ok {
		return law
	}
	if operator {
		return b.OperatorLaw
	}
	return b.Law
}

// check finds every fault of the book that would spoil a call, and loads the
// sounds that its profiles speak.
func (b *Book) check(s *sounds) error {
	var faults Faults
	look := func(where string, p phonesim.Profile) {
		for _, what := range checkProfile(p, s) {
			faults = append(faults, Fault{What: where + ": " + what})
		}
	}
	for number, ps := range b.Numbers {
		for _, p := range ps {
			look("number "+number, p)
		}
	}
	for _, share := range b.Mix {
		look("mix: "+label(share.Profile), share.Profile)
	}
	for name, p := range b.Operators {
		look("operator "+name, p)
	}
	look("default", b.Default)
	return faults.err()
}

var kinds = []phonesim.Kind{
	phonesim.Answers, phonesim.RingsOut, phonesim.Busy, phonesim.Declines, phonesim.SwitchedOff,
	phonesim.Unknown, phonesim.Congested, phonesim.Announcement, phonesim.Voicemail, phonesim.Fax, phonesim.Mute, phonesim.FalseAnswer,
}

// checkProfile lists what is wrong with a profile.
func checkProfile(p phonesim.Profile, s *sounds) (faults []string) {
	known := p.Kind == ""
	for _, k := range kinds {
		known = known || p.Kind == k
	}
	if !known {
		faults = append(faults, "kind \""+string(p.Kind)+"\" is none of "+kindNames())
	}
	if p.Code != 0 && (p.Code < 300 || p.Code > 699) {
		faults = append(faults, "the code of a refusal is 300 to 699")
	}
	if p.Label != "" && !slices.Contains(phonesim.Labels(), p.Label) {
		faults = append(faults, "label \""+p.Label+"\" is none of "+strings.Join(phonesim.Labels(), ", "))
	}
	if !(p.Loss >= 0 && p.Loss < 1 && p.Burst >= 0) {
		faults = append(faults, "loss is a share from 0 to 1, and burst a number of packets")
	}
	spoken := []string{p.Behind}
	for _, step := range p.Steps {
		if what := checkStep(step); what != "" {
			faults = append(faults, what)
		}
		spoken = append(spoken, step.Speak)
	}
	for _, name := range spoken {
		if name == "" || s == nil {
			continue
		}
		if err := s.load(name); err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults
}

func kindNames() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// checkStep says what is wrong with a step, or "".
func checkStep(s phonesim.Step) string {
	n := 0
	for _, set := range []bool{s.Wait > 0, s.Listen > 0, s.Hush > 0, s.Press != "", s.Info != "", s.Speak != "", s.HangUp} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
		return "a step does exactly one thing: wait, listen, hush, press, info, speak or hangup"
	case s.Press != "" && !isKeys(s.Press), s.Info != "" && !isKeys(s.Info):
		return "keys are 0-9, *, #, A-D"
	}
	return ""
}
