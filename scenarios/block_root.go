package scenarios

import (
	"sort"
	"time"

	"dozvon/dialer"
)

// languageVersion is the version of the language that this program reads.
const languageVersion = 1

var purposes = []string{"service", "survey", "collection", "advertising"}

// rootFields is the table of a scenario file.
func rootFields() []field[Scenario] {
	return []field[Scenario]{
		{"version", false, "version of the language; 1", intShape(1, languageVersion),
			func(d *decoder, n *node, to *Scenario) { to.Version = d.integer(n, "version", 1, languageVersion) }},
		{"name", true, "short name: letters, digits, - and _", wordShape(),
			func(d *decoder, n *node, to *Scenario) { to.Name = d.word(n, "name") }},
		{"title", false, "what people read", textShape(),
			func(d *decoder, n *node, to *Scenario) { to.Title = clean(d.text(n, "title")) }},
		{"language", true, "the language of its prompts", enumShape([]string{"ru", "en"}),
			func(d *decoder, n *node, to *Scenario) { to.Language = d.oneOf(n, "language", []string{"ru", "en"}) }},
		{"purpose", true, "what the calls are for; picks the lawful limits", enumShape(purposes),
			func(d *decoder, n *node, to *Scenario) { to.Purpose = d.oneOf(n, "purpose", purposes) }},
		{"policy", false, "pack of lawful limits instead of the purpose's own; none turns them off", enumShape(policyNames()),
			func(d *decoder, n *node, to *Scenario) { to.Policy.Name = d.oneOf(n, "policy", policyNames()) }},
		{"lead", true, "columns of the base that the scenario uses", leadShape(), decodeLead},
		{"call", false, "how calls are placed", blockShape(callFields()),
			func(d *decoder, n *node, to *Scenario) { block(d, n, "call", callFields(), &to.Call) }},
		{"window", false, "when people may be called, in their own time", blockShape(windowFields()), decodeWindow},
		{"retry", false, "what follows a call that reached nobody", retryShape(), decodeRetry},
		{"lists", true, "the lists on which leads end, with their titles", listsShape(), decodeLists},
		{"music", false, "music while operators ring: name and audio file", mapShape(textShape()), decodeMusic},
		{"dialogue", true, "the steps; the call starts with the first", mapShape(refShape("steps")), decodeDialogue},
		{"hear", false, "what follows what is heard: a machine, an announcement, a fax, a tone, silence", blockShape(hearFields()), decodeHear},
		{"hangup", false, "what follows when the person hangs up before an outcome", refShape("steps"), decodeHangup},
		{"tests", false, "the scenario's own tests", listShape(blockShape(testFields())), decodeTests},
	}
}

// policyNames are the dialer's packs, and none.
func policyNames() []string {
	names := append([]string{"none"}, dialer.PolicyNames()...)
	sort.Strings(names[1:])
	return names
}

// defaultPolicy is the pack of a purpose where the file names none.
func defaultPolicy(purpose, language string) string {
	switch {
	case language == "en":
		return "us"
	case purpose == "collection":
		return "ru-collection"
	}
	return "ru-default"
}

// defaults fills in what the file left out.
func (d *decoder) defaults() {
	sc := d.sc
	sc.Version = languageVersion
	if sc.Title == "" {
		sc.Title = sc.Name
	}
	setDefault(&sc.Call.Ring, 30*time.Second)
	setDefault(&sc.Call.Max, 5*time.Minute)
	setDefault(&sc.Call.SilentAfter, 10*time.Second)
	defaultHear(&sc.Hear)
	for i := range sc.Lead {
		if sc.Lead[i].Type == "money" && sc.Lead[i].Currency == "" {
			sc.Lead[i].Currency = defaultCurrency(sc.Language)
		}
	}
	name := sc.Policy.Name
	if name == "" {
		name = defaultPolicy(sc.Purpose, sc.Language)
	}
	sc.Policy = dialer.Policy{}
	if name != "none" {
		p, err := dialer.PolicyByName(name)
		if err != nil {
			d.log.at(d.nodes["purpose"], "use another policy", "%v", err)
		}
		sc.Policy = p
	}
	sc.vars = map[string]bool{varPromise: true, varPhone: true, varAgain: true}
	for _, c := range sc.Lead {
		sc.vars[c.Name] = true
	}
	for name := range d.sets {
		sc.vars[name] = true
	}
}

func setDefault(v *time.Duration, def time.Duration) {
	if *v == 0 {
		*v = def
	}
}
