package scenarios

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// decoder turns the tree of a file into a Scenario, strictly: a key that no
// table knows is a fault. What depends on several places (steps that branches
// name, variables, lists) is kept here and checked once all is read.
type decoder struct {
	log       *faultLog
	sc        *Scenario
	branches  []*branch       // every branch, to be resolved by name
	templates []*template     // every template, for its variables
	lists     []named         // every list that is finished on
	files     []named         // every audio file that is played
	music     []named         // every music that a bridge names
	sets      map[string]bool // answers that the dialogue gathers
	callbacks []*node         // every callback

	nodes      map[string]*node // the top-level blocks, for faults that concern a whole block
	stepNodes  map[string]*node // steps by name
	step       string           // the step that is being read
	columns    map[string]*node // columns by name
	listNodes  map[string]*node // lists by name
	musicNodes map[string]*node // music by name

}

// named is a name with its place in the file.
type named struct {
	name string
	at   *node
}

// field is a key of a block: how it is named, documented, drawn in the JSON
// Schema, and read. The same tables make the parser and the schema.
type field[T any] struct {
	name  string
	need  bool
	doc   string
	shape shape
	set   func(d *decoder, n *node, to *T)
}

// block reads a mapping by its table.
func block[T any](d *decoder, n *node, what string, fields []field[T], to *T) bool {
	if n.kind != mapping {
		d.log.at(n, "write it as key: value", "%s must be a mapping", what)
		return false
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	for _, p := range n.pairs {
		if !contains(names, p.key.text) {
			d.log.at(p.key, didYouMean(p.key.text, names), "%s has no key %q", what, clip(p.key.text))
		}
	}
	ok := true
	for _, f := range fields {
		v := n.get(f.name)
		switch {
		case v != nil && v.kind == null:
			d.log.at(v, "write a value or remove the key", "%s: %s is empty", what, f.name)
			ok = false
		case v != nil:
			f.set(d, v, to)
		case f.need:
			d.log.at(n, "add it: "+f.doc, "%s lacks the key %q", what, f.name)
			ok = false
		}
	}
	return ok
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// clip keeps a word of a hostile file short in a message.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// text reads a scalar that is not empty.
func (d *decoder) text(n *node, what string) string {
	if n.kind != scalar {
		d.log.at(n, "write it on one line, in quotes", "%s must be text", what)
		return ""
	}
	s := strings.TrimSpace(n.text)
	if s == "" {
		d.log.at(n, "write a value", "%s is empty", what)
	}
	if len(s) > 2000 {
		d.log.at(n, "split it", "%s has %d bytes; at most 2000 are read", what, len(s))
		return ""
	}
	return s
}

var wordRE = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`)

// word reads a name: of a scenario, a step, a list, a variable. Names become
// file names and keys, so they hold letters, digits, - and _ only.
func (d *decoder) word(n *node, what string) string {
	if n.kind != scalar {
		d.log.at(n, "use one word", "%s must be a word", what)
		return ""
	}
	s := strings.TrimSpace(n.text)
	if !wordRE.MatchString(s) {
		d.log.at(n, "use letters, digits, - and _, at most 64", "%s %q is no plain word", what, clip(s))
		return ""
	}
	return s
}

// oneOf reads one of the given words.
func (d *decoder) oneOf(n *node, what string, values []string) string {
	if n.kind == scalar && contains(values, strings.TrimSpace(n.text)) {
		return strings.TrimSpace(n.text)
	}
	d.log.at(n, didYouMean(n.text, values), "%s can't be %q", what, clip(n.text))
	return ""
}

func (d *decoder) boolean(n *node, what string) bool {
	switch n.text {
	case "true", "false":
		return n.text == "true"
	}
	d.log.at(n, "write true or false", "%s can't be %q", what, clip(n.text))
	return false
}

func (d *decoder) integer(n *node, what string, low, high int) int {
	v, err := strconv.Atoi(strings.TrimSpace(n.text))
	if n.kind != scalar || err != nil || v < low || v > high {
		d.log.at(n, "write a whole number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high), "%s can't be %q", what, clip(n.text))
		return low
	}
	return v
}

func (d *decoder) duration(n *node, what string, low, high time.Duration) time.Duration {
	v, ok := parseDuration(n.text)
	if n.kind != scalar || !ok || v < low || v > high {
		d.log.at(n, "write one from "+showDuration(low)+" to "+showDuration(high)+", like 30s, 5m, 2h or 1d", "%s can't be %q", what, clip(n.text))
		return low
	}
	return v
}

var durationRE = regexp.MustCompile(`^(\d+)([a-z]+)`)

var durationUnits = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour}

// parseDuration reads 90s, 1h30m, 2d, 1w, 1y (365 days).
func parseDuration(s string) (time.Duration, bool) {
	var total time.Duration
	rest := strings.TrimSpace(s)
	if rest == "" || len(rest) > 20 {
		return 0, false
	}
	for rest != "" {
		m := durationRE.FindStringSubmatch(rest)
		if m == nil || durationUnits[m[2]] == 0 {
			return 0, false
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n > 1_000_000 {
			return 0, false
		}
		part := time.Duration(n) * durationUnits[m[2]]
		if total += part; part < 0 || total < 0 || total > 20*durationUnits["y"] {
			return 0, false
		}
		rest = rest[len(m[0]):]
	}
	return total, true
}

// showDuration writes a duration the way parseDuration reads it.
func showDuration(v time.Duration) string {
	var b strings.Builder
	for _, u := range []string{"d", "h", "m", "s", "ms"} {
		if n := v / durationUnits[u]; n > 0 {
			b.WriteString(strconv.Itoa(int(n)) + u)
			v -= n * durationUnits[u]
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// values gives the items of a list, or a single value as a list of one.
func (d *decoder) values(n *node) []*node {
	if n.kind == sequence {
		return n.items
	}
	return []*node{n}
}

// list reads the name of a list that leads end on; it must be declared.
func (d *decoder) list(n *node, what string) string {
	name := d.word(n, what)
	if name != "" {
		d.lists = append(d.lists, named{name, n})
	}
	return name
}

// file reads the name of an audio file within the scenario's folder.
func (d *decoder) file(n *node, what string) string {
	name := d.text(n, what)
	if name != "" {
		d.files = append(d.files, named{name, n})
	}
	return name
}
