package scenarios

import (
	"io/fs"
	"path"
	"strings"
)

// check finds what a single place of the file can't show: names that lead
// nowhere, a dialogue that can't end, files that are missing.
func (d *decoder) check() {
	d.checkBranches()
	d.checkLists()
	d.checkVariables()
	d.checkFiles()
	d.settleAsks()
	for _, s := range d.sc.steps {
		d.checkStep(s)
	}
	if len(d.sc.steps) > 0 && len(d.log.faults) == 0 {
		d.checkFlow() // on a dialogue whose parts are sound
	}
	if len(d.callbacks) > 0 && (d.nodes["retry"] == nil || d.sc.Retry.Total == 0) {
		d.log.at(d.callbacks[0], "add retry: with total:, the most calls that one lead may get", "a promised call needs a limit, or a person may be promised calls for ever")
	}
	if len(d.log.faults) == 0 {
		d.checkTests()
	}
}

func (d *decoder) checkBranches() {
	var names []string
	for _, s := range d.sc.steps {
		if !s.inline {
			names = append(names, s.name)
		}
	}
	for _, b := range d.branches {
		if b.to != nil || b.name == "" {
			continue
		}
		if b.to = d.sc.byName[b.name]; b.to == nil {
			d.log.at(b.at, didYouMean(b.name, names), "there is no step %q", b.name)
		}
	}
}

func (d *decoder) checkLists() {
	for _, l := range d.lists {
		if d.listNodes[l.name] == nil {
			d.log.at(l.at, didYouMean(l.name, d.sc.Lists)+" or declare it under lists:", "there is no list %q", l.name)
		}
	}
	var known []string
	for name := range d.sc.Music {
		known = append(known, name)
	}
	for _, m := range d.music {
		if m.name != "" && d.musicNodes[m.name] == nil {
			d.log.at(m.at, didYouMean(m.name, known)+" or declare it under music:", "there is no music %q", m.name)
		}
	}
}

func (d *decoder) checkVariables() {
	var known []string
	for _, c := range d.sc.Lead {
		known = append(known, c.Name)
	}
	for _, t := range d.templates {
		for _, name := range t.vars() {
			if !d.sc.vars[name] {
				d.log.at(t.at, didYouMean(name, known)+" or declare it under lead:", "{{%s}} is no column of the lead and no answer", name)
			}
		}
	}
}

// checkFiles sees to it that every recording is there before anyone is called.
func (d *decoder) checkFiles() {
	for _, f := range d.files {
		if !fs.ValidPath(f.name) || path.Clean(f.name) != f.name || strings.ContainsAny(f.name, `\:`) {
			d.log.at(f.at, "put it into the scenario's folder and write its name, like prompts/hello.wav", "the file %q lies outside the scenario's folder", clip(f.name))
			continue
		}
		if !strings.HasSuffix(strings.ToLower(f.name), ".wav") {
			d.log.at(f.at, "convert it to WAV", "the file %q is no .wav", clip(f.name))
			continue
		}
		if d.sc.files == nil {
			continue
		}
		info, err := fs.Stat(d.sc.files, f.name)
		if err != nil || !info.Mode().IsRegular() {
			d.log.at(f.at, "put the recording there, or use say", "there is no file %q in the scenario's folder", clip(f.name))
		}
	}
}

// checkStep reports lines that are never reached, and a step that falls off
// its end.
func (d *decoder) checkStep(s *step) {
	for i, it := range s.items {
		last := i == len(s.items)-1
		switch {
		case !it.op.falls() && !last:
			d.log.at(s.items[i+1].at, "remove it, or move it before", "this line is never reached: %s before it leads elsewhere", it.verb)
			return
		case it.op.falls() && last:
			d.log.at(it.at, "end it with finish, callback or goto", "the step %q ends here without saying what follows", s.name)
		}
	}
}
