package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/report"
	"dozvon/store"
)

// stepTo is where a session goes after a question or a call.
type stepTo int

const (
	stepOn stepTo = iota
	stepBack
	stepSkip
	stepAgain // the same question
)

// partyKeys are the keys for who answered.
var partyKeys = []struct {
	key  rune
	kind hearing.Kind
	help string
}{
	{'h', hearing.Human, "a person"}, {'m', hearing.Machine, "a voicemail, or another machine that talks"},
	{'a', hearing.Announcement, "an announcement of the network"}, {'f', hearing.Fax, "a fax or a modem"},
	{'t', hearing.Tone, "tones of the network"}, {'n', hearing.Silence, "nothing was heard"},
}

const moreKeys = "r again  b back  s skip  ? help  q quit"

// ask plays a call, asks about it, and stores the answers.
func (l *labeller) ask(ctx context.Context, p report.Pick) (stepTo, error) {
	c, err := l.call(ctx, p.ID)
	if err != nil {
		return stepSkip, err
	}
	path, early := recordingOf(l.o.Data, c.Attempt.ID)
	l.introduce(c, p.Sample, path, early)
	l.play(ctx, path)
	defer l.hush()
	said := c.Attempt.Result.Said
	words := make([]string, len(said))
	party := ""
	for i := -1; i < len(said); {
		var step stepTo
		if i < 0 {
			party, step, err = l.askParty(ctx, path)
		} else {
			words[i], step, err = l.askWord(ctx, c, i, path)
		}
		switch {
		case err != nil:
			return stepSkip, err
		case step == stepSkip, step == stepBack && i < 0:
			return step, nil
		case step == stepBack:
			i--
		case step == stepAgain:
		case i < 0 && party != string(hearing.Human):
			for j := range words { // whatever was heard, no person said it
				words[j] = report.Other
				if party == string(hearing.Silence) {
					words[j] = report.Silence
				}
			}
			i = len(said)
		default:
			i++
		}
	}
	return stepOn, l.save(ctx, c, p.Sample, party, words)
}

// introduce shows what is known of a call; no number, no name.
func (l *labeller) introduce(c store.HeardCall, sample report.Sample, path string, early bool) {
	a, why := c.Attempt, map[report.Sample]string{report.Random: "drawn by lot", report.Unsure: "chosen for doubt", report.Named: "named"}
	length := a.Ended.Sub(a.Answered).Round(time.Second).String()
	if early || a.Answered.IsZero() {
		length = "not answered"
	}
	l.say("\n%d of %d labelled · attempt %d · %s · campaign %s · trunk %s · %s · %s", len(l.saved), l.o.Limit, a.ID,
		a.Placed.Local().Format("2006-01-02 15:04:05"), printable(a.Campaign), printable(a.Trunk), length, why[sample])
	l.say("  recording: %s (left: the person, right: the robot)", path)
	heard := "nothing that tells who answered"
	if h, ok := a.Result.Decided(); ok {
		heard = h.String()
	} else if a.Result.Verdict != "" {
		heard = string(a.Result.Verdict)
	}
	l.say("  heard: %s", printable(heard))
	for i, s := range a.Result.Said {
		l.say("  %d. %s", i+1, printable(s.String()))
	}
	if c.Label != nil {
		l.say("  labelled before: %s %s", c.Label.Party, printable(strings.Join(c.Label.Words, ", ")))
	}
}

func (l *labeller) askParty(ctx context.Context, path string) (string, stepTo, error) {
	l.say("Who answered? h person  m machine  a announcement  f fax  t tones  n nothing | %s", moreKeys)
	key, step, err := l.press(ctx, path)
	if err != nil || key == 0 {
		return "", step, err
	}
	for _, k := range partyKeys {
		if k.key == key {
			return string(k.kind), stepOn, nil
		}
	}
	if key == '?' {
		for _, k := range partyKeys {
			l.say("  %c  %s", k.key, k.help)
		}
		l.help()
		return "", stepAgain, nil
	}
	l.say("the key %q means nothing here", string(key))
	return "", stepAgain, nil
}

// askWord asks what was really said when the i-th thing was heard.
func (l *labeller) askWord(ctx context.Context, c store.HeardCall, i int, path string) (string, stepTo, error) {
	s := c.Attempt.Result.Said[i]
	labels := l.offered[question{c.Attempt.Campaign, s.Question}]
	var keys []string
	for n, label := range labels[:min(len(labels), 9)] {
		keys = append(keys, fmt.Sprintf("%d %s", n+1, printable(label)))
	}
	keys = append(keys, "w write an answer", "o something else", "0 nothing", "p play that moment")
	l.say("%d of %d. What did the person say to %q, about %.1f s after the answer? %s | %s",
		i+1, len(c.Attempt.Result.Said), printable(s.Question), s.After.Seconds(), strings.Join(keys, "  "), moreKeys)
	key, step, err := l.press(ctx, path)
	if err != nil || key == 0 {
		return "", step, err
	}
	switch {
	case key == 'o':
		return report.Other, stepOn, nil
	case key == '0':
		return report.Silence, stepOn, nil
	case key >= '1' && int(key-'0') <= len(labels):
		return labels[key-'1'], stepOn, nil
	case key == 'w':
		return l.writeAnswer()
	case key == 'p':
		return "", stepAgain, l.playMoment(ctx, path, s.After)
	case key == '?':
		l.say("  1–9  the person gave that answer, in whatever words")
		l.say("  w    an answer that is not offered: write its name as the scenario has it")
		l.say("  o    something that is none of the answers, or somebody else's voice, or noise")
		l.say("  0    not a word")
		l.say("  p    play the seconds around it")
		l.help()
	default:
		l.say("the key %q means nothing here", string(key))
	}
	return "", stepAgain, nil
}

// longestAnswer bounds the name of an answer, in runes.
const longestAnswer = 64

func (l *labeller) writeAnswer() (string, stepTo, error) {
	l.say("the answer's name in the scenario:")
	text, err := l.keys.line()
	if err != nil {
		return "", stepAgain, err
	}
	if text = strings.TrimSpace(printable(text)); text == "" || len([]rune(text)) > longestAnswer {
		l.say("an answer's name has 1 to %d letters", longestAnswer)
		return "", stepAgain, nil
	}
	return text, stepOn, nil
}

func (l *labeller) help() {
	l.say("  r    play it again     b  back to the question before     s  skip this call, it may come again")
	l.say("  q    quit: what is answered is stored already, but for the call that is on")
}

// press waits for a key; those that mean the same everywhere are done here, and
// give 0.
func (l *labeller) press(ctx context.Context, path string) (rune, stepTo, error) {
	if l.keys.term == nil { // nobody cuts it short: it is heard to its end
		l.listened()
	}
	if l.err != nil {
		return 0, stepSkip, l.err
	}
	key, err := l.keys.key()
	if err != nil {
		return 0, stepSkip, err
	}
	switch key {
	case 'r':
		l.play(ctx, path)
		return 0, stepAgain, nil
	case 'b':
		return 0, stepBack, nil
	case 's':
		return 0, stepSkip, nil
	case 'q':
		return 0, stepSkip, io.EOF
	}
	return key, stepOn, nil
}

// offer makes an answer one of those that a question offers, behind the others:
// keys that a person has learned stay.
func (l *labeller) offer(q question, label string) {
	if label != "" && label != report.Other && label != report.Silence && !slices.Contains(l.offered[q], label) {
		l.offered[q] = append(l.offered[q], label)
	}
}

// offerScenario offers a scenario's answers before all others, in its order.
func (l *labeller) offerScenario() error {
	if l.o.Scenario == "" {
		return nil
	}
	sc, err := loadScenario(l.o.Scenario)
	if err != nil {
		return err
	}
	for name, labels := range sc.Answers() {
		q := question{cmp.Or(l.o.Campaign, sc.Name), name}
		given := l.offered[q]
		l.offered[q] = nil
		for _, label := range slices.Concat(labels, given) {
			l.offer(q, label)
		}
	}
	return nil
}

// offerAnswers offers what a call's questions were answered by word, by key, or
// in truth.
func (l *labeller) offerAnswers(c store.HeardCall) {
	r := &c.Attempt.Result
	for i, s := range r.Said {
		q := question{c.Attempt.Campaign, s.Question}
		l.offer(q, s.Label)
		if _, err := strconv.Atoi(r.Answers[s.Question]); err != nil { // a number is an answer's value, not its name
			l.offer(q, r.Answers[s.Question])
		}
		if c.Label != nil && i < len(c.Label.Words) {
			l.offer(q, c.Label.Words[i])
		}
	}
}
