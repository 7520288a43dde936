package siptest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

// maxBook bounds the size of a book's file.
const maxBook = 16 << 20

// LoadBook reads a book from YAML; README.md of this package shows the
// format. The error is Faults: every fault with its line and column.
func LoadBook(r io.Reader) (Book, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBook+1))
	if err != nil {
		return Book{}, err
	}
	if len(data) > maxBook {
		return Book{}, Faults{{What: "the book is larger than 16 MiB"}}
	}
	return parseBook(data)
}

// LoadBookFile reads a book from a file. Its audio files are looked for beside
// it.
func LoadBookFile(path string) (Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return Book{}, err
	}
	defer f.Close()
	b, err := LoadBook(f)
	if faults, ok := err.(Faults); ok {
		for i := range faults {
			faults[i].File = path
		}
	}
	b.Files = os.DirFS(filepath.Dir(path))
	return b, err
}

// bookReader builds a book while it walks the file, and collects the faults.
type bookReader struct {
	book     Book
	profiles map[string]phonesim.Profile // by name, as far as known yet
	faults   Faults
}

func parseBook(data []byte) (Book, error) {
	root, fault := parseYAML(data)
	if fault != nil {
		return Book{}, Faults{*fault}
	}
	r := &bookReader{profiles: map[string]phonesim.Profile{}}
	for name, p := range builtInProfiles() {
		r.profiles[name] = p
	}
	r.book.Laws = map[string]audio.Law{}
	r.book.Default = r.profiles["unknown"]
	fields := r.fields(root, "the book")
	for _, f := range fields { // profiles first, wherever they stand
		if f.key == "profiles" {
			r.readProfiles(f.value)
		}
	}
	for _, f := range fields {
		r.section(f)
	}
	return r.book, r.faults.err()
}

// maxFaults keeps the report of a hostile file readable.
const maxFaults = 100

func (r *bookReader) fault(at node, format string, args ...any) {
	if len(r.faults) >= maxFaults {
		return
	}
	r.faults = append(r.faults, Fault{Line: at.line, Column: at.column, What: fmt.Sprintf(format, args...)})
}

const sections = "seed, law, operator_law, srtp, default, mix, profiles, numbers, operators"

func (r *bookReader) section(f field) {
	switch f.key {
	case "profiles":
	case "seed":
		seed, err := strconv.ParseUint(f.value.text, 10, 64)
		if err != nil || !f.value.scalar() {
			r.fault(f.value, "seed is a whole number from 0")
		}
		r.book.Seed = seed
	case "law":
		r.book.Law = r.law(f.value)
	case "operator_law":
		r.book.OperatorLaw = r.law(f.value)
	case "srtp":
		var known bool
		if r.book.SRTP, known = media.ParseSecurity(f.value.text); !known {
			r.fault(f.value, "srtp is off, offered or required, not %q", f.value.text)
		}
	case "default":
		r.book.Default = r.profile(f.value, "default")
	case "mix":
		r.readMix(f.value)
	case "numbers":
		r.readNumbers(f.value)
	case "operators":
		r.book.Operators = map[string]phonesim.Profile{}
		for _, op := range r.fields(f.value, "operators") {
			r.book.Operators[op.key] = r.profile(op.value, "operator "+op.key)
		}
	default:
		r.fault(f.at, "unknown section %q; a book has %s", f.key, sections)
	}
}

func (r *bookReader) law(n node) audio.Law {
	switch strings.ToLower(n.text) {
	case "pcma":
		return audio.ALaw
	case "pcmu":
		return audio.ULaw
	}
	r.fault(n, "a law is pcma or pcmu, not %q", n.text)
	return audio.ALaw
}

func (r *bookReader) readProfiles(n node) {
	for _, f := range r.fields(n, "profiles") {
		p := r.profile(f.value, f.key)
		p.Name = f.key
		r.profiles[f.key] = p
	}
}

func (r *bookReader) readMix(n node) {
	for _, f := range r.fields(n, "mix") {
		weight, err := strconv.Atoi(f.value.text)
		if err != nil || weight < 0 || !f.value.scalar() {
			r.fault(f.value, "the weight of %q is a whole number from 0", f.key)
			continue
		}
		r.book.Mix = append(r.book.Mix, phonesim.Share{Weight: weight, Profile: r.named(f.at, f.key)})
	}
}

func (r *bookReader) readNumbers(n node) {
	r.book.Numbers = map[string][]phonesim.Profile{}
	for _, f := range r.fields(n, "numbers") {
		items := []node{f.value}
		if f.value.kind == listNode {
			items = f.value.items
		}
		if len(items) == 0 {
			r.fault(f.value, "number %s has no profile", f.key)
		}
		for _, item := range items {
			r.book.Numbers[f.key] = append(r.book.Numbers[f.key], r.profile(item, "number "+f.key))
		}
	}
}

// named looks a profile up.
func (r *bookReader) named(at node, name string) phonesim.Profile {
	p, ok := r.profiles[name]
	if !ok {
		r.fault(at, "there is no profile %q; built in are %s", name, strings.Join(ProfileNames(), ", "))
	}
	return p
}

// profile reads a name or a mapping.
func (r *bookReader) profile(n node, what string) phonesim.Profile {
	if n.scalar() {
		return r.named(n, n.text)
	}
	var p phonesim.Profile
	fields := r.fields(n, what)
	for _, f := range fields {
		if f.key == "like" {
			p = r.named(f.value, f.value.text)
		}
	}
	p.Name = what
	for _, f := range fields {
		r.profileField(&p, f, what)
	}
	if p.Kind == "" {
		p.Kind = phonesim.Answers
	}
	return p
}

func (r *bookReader) profileField(p *phonesim.Profile, f field, what string) {
	switch f.key {
	case "like":
	case "kind":
		p.Kind = phonesim.Kind(f.value.text)
		if !slices.Contains(kinds, p.Kind) {
			r.fault(f.value, "kind %q is none of %s", f.value.text, kindNames())
		}
	case "ring":
		p.Ring = r.duration(f.value)
	case "early":
		p.Early = r.yes(f.value)
	case "music":
		p.Music = r.yes(f.value)
	case "label":
		p.Label = f.value.text
		if !slices.Contains(phonesim.Labels(), p.Label) {
			r.fault(f.value, "label %q is none of %s", p.Label, strings.Join(phonesim.Labels(), ", "))
		}
	case "code":
		p.Code, _ = strconv.Atoi(f.value.text)
		if p.Code < 300 || p.Code > 699 {
			r.fault(f.value, "the code of a refusal is 300 to 699")
		}
	case "behind":
		p.Behind = f.value.text
	case "loss":
		if p.Loss = r.number(f.value); p.Loss >= 1 {
			r.fault(f.value, "loss is a share of 1, such as 0.02")
		}
	case "burst":
		p.Burst = r.number(f.value)
	case "law":
		r.book.Laws[what] = r.law(f.value)
	case "steps":
		p.Steps = r.steps(f.value)
	default:
		r.fault(f.at, "unknown field %q; a profile has like, kind, ring, early, music, label, code, behind, loss, burst, law, steps", f.key)
	}
}

func (r *bookReader) steps(n node) (steps []phonesim.Step) {
	if n.kind != listNode {
		r.fault(n, "steps are a list, such as [{listen: 1s}, {press: \"1\"}]")
		return nil
	}
	for _, item := range n.items {
		var s phonesim.Step
		fields := r.fields(item, "a step")
		for _, f := range fields {
			r.stepField(&s, f)
		}
		if len(fields) > 1 {
			r.fault(item, "a step does exactly one thing; make %d steps of it", len(fields))
		}
		steps = append(steps, s)
	}
	return steps
}

func (r *bookReader) stepField(s *phonesim.Step, f field) {
	switch f.key {
	case "wait":
		s.Wait = r.duration(f.value)
	case "listen":
		s.Listen = r.duration(f.value)
	case "hush":
		s.Hush = r.duration(f.value)
	case "press":
		s.Press = r.keys(f.value)
	case "info":
		s.Info = r.keys(f.value)
	case "speak":
		s.Speak = f.value.text
		if s.Speak == "" {
			r.fault(f.value, "speak names a WAV file or a built-in sound")
		}
	case "hangup":
		if s.HangUp = r.yes(f.value); !s.HangUp {
			r.fault(f.value, "hangup is true, or the step is left out")
		}
	default:
		r.fault(f.at, "unknown step %q; a step is one of wait, listen, hush, press, info, speak, hangup", f.key)
	}
}

func (r *bookReader) keys(n node) string {
	if !isKeys(n.text) {
		r.fault(n, "keys are 0-9, *, #, A-D in quotes, not %q", n.text)
	}
	return n.text
}

func (r *bookReader) duration(n node) time.Duration {
	d, err := time.ParseDuration(n.text)
	if err != nil || d <= 0 {
		r.fault(n, "%q is no duration; write one like 500ms or 2s", n.text)
	}
	return d
}

func (r *bookReader) number(n node) float64 {
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil || !(v >= 0 && v < 1000) {
		r.fault(n, "%q is no number from 0", n.text)
		return 0
	}
	return v
}

func (r *bookReader) yes(n node) bool {
	v, err := strconv.ParseBool(n.text)
	if err != nil {
		r.fault(n, "%q is neither true nor false", n.text)
	}
	return v
}
