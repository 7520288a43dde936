package spoken

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dozvon/sip/siptest"
)

// ending is what became of a person.
type ending struct {
	person
	reached string // list
	calls   []call
	bridged bool // an operator's phone was answered for them
}

// call is one of their calls, as the program tells of it.
type call struct {
	Disposition string `json:"disposition"`
	Verdict     string `json:"verdict"`
	Said        []said `json:"said"`
}

// said is what was heard of a question.
type said struct {
	Label      string  `json:"label"`
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"`
	LatencyMS  int64   `json:"latency_ms"`
	AfterMS    int64   `json:"after_ms"`
	Taken      bool    `json:"taken"`
}

// right reports whether the person is where they must be, after no more calls
// than they had to get.
func (e *ending) right() bool { return e.reached == e.list && len(e.calls) == len(e.says) }

// wronged reports whether a person who had said no was given to an operator.
func (e *ending) wronged() bool { return e.refuses && e.bridged }

// understood reports whether a word was taken for the answer in every call.
func (e *ending) understood() bool {
	for _, c := range e.calls {
		if !slices.ContainsFunc(c.Said, func(s said) bool { return s.Taken }) {
			return false
		}
	}
	return true
}

// asked is how often the person was asked once more.
func (e *ending) asked() (n int) {
	for _, c := range e.calls {
		for _, s := range c.Said {
			if !s.Taken {
				n++
			}
		}
	}
	return n
}

// told writes down what was heard of the person, for people.
func (e *ending) told() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s said «%s», must be %s, is %s", e.scenario, e.phone, strings.Join(e.says, "», then «"), e.list, e.reached)
	if e.greets != "" {
		fmt.Fprintf(&b, "; greeted with «%s»", e.greets)
	}
	if e.barges {
		b.WriteString("; broke in")
	}
	fmt.Fprintf(&b, "; %.0f dB over noise, loss %.2f", e.snr, e.loss)
	for i, c := range e.calls {
		fmt.Fprintf(&b, "; call %d %s %s:", i+1, c.Disposition, c.Verdict)
		for _, s := range c.Said {
			mark := ""
			if s.Taken {
				mark = "!"
			}
			fmt.Fprintf(&b, " [%s «%s» %.2f%s at %.1f s]", s.Label, s.Text, s.Confidence, mark, float64(s.AfterMS)/1000)
		}
	}
	return b.String()
}

// latencies are the times from the end of a word to its result.
func (e *ending) latencies() (out []time.Duration) {
	for _, c := range e.calls {
		for _, s := range c.Said {
			if s.Taken {
				out = append(out, time.Duration(s.LatencyMS)*time.Millisecond)
			}
		}
	}
	return out
}

// readEndings reads what the campaigns left in their files, and what the far
// end saw.
func readEndings(dir string, all []person, far []siptest.CallRecord) ([]ending, error) {
	lists, calls := map[string]string{}, map[string][]call{}
	for _, name := range scenarioNames {
		err := errors.Join(readOutcomes(filepath.Join(dir, name, "out", "outcomes.csv"), lists), readEvents(filepath.Join(dir, name, "events.jsonl"), calls))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a scenario that nobody was dealt
			return nil, err
		}
	}
	bridged := map[string]bool{}
	for _, r := range far {
		if r.Operator && r.Answered() {
			bridged[r.From] = true
		}
	}
	out := make([]ending, len(all))
	for i, p := range all {
		out[i] = ending{person: p, reached: lists[p.phone], calls: calls[p.phone], bridged: bridged[p.phone]}
	}
	return out, nil
}

func readOutcomes(path string, into map[string]string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("%s: %w", path, err)
	}
	phone, list := -1, -1
	for i, title := range rows[0] {
		switch title {
		case "phone_e164":
			phone = i
		case "list":
			list = i
		}
	}
	if phone < 0 || list < 0 {
		return fmt.Errorf("%s has no phone_e164 or no list", path)
	}
	for _, row := range rows[1:] {
		into[row[phone]] = row[list]
	}
	return nil
}

func readEvents(path string, into map[string][]call) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Type string `json:"type"`
			Data struct {
				Lead    struct{ Phone string } `json:"lead"`
				Attempt call                   `json:"attempt"`
			} `json:"data"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if e.Type == "attempt.ended" {
			into[e.Data.Lead.Phone] = append(into[e.Data.Lead.Phone], e.Data.Attempt)
		}
	}
	return lines.Err()
}
