package scenarios

// checkFlow finds steps that nothing leads to, rounds in which nobody is
// ever waited for, and steps from which no call can come to an outcome.
func (d *decoder) checkFlow() {
	reached := map[*step]bool{}
	var visit func(*step)
	visit = func(s *step) {
		if s == nil || reached[s] {
			return
		}
		reached[s] = true
		for _, it := range s.items {
			for _, b := range it.op.branches() {
				visit(b.to)
			}
		}
	}
	visit(d.sc.steps[0])
	for _, b := range d.sc.Hear.branches() {
		visit(b.to)
	}
	for _, s := range d.sc.steps {
		if !reached[s] && !s.inline {
			d.log.at(s.at, "lead to it, or remove it", "nothing leads to the step %q", s.name)
		}
	}
	d.checkRounds()
	ends := canEnd(d.sc.steps)
	for _, s := range d.sc.steps {
		if reached[s] && !ends[s] {
			d.log.at(s.at, "add a way to finish or callback", "from the step %q no call can ever come to an outcome", s.name)
			return
		}
	}
}

// checkRounds reports steps that lead back to themselves without an ask or a
// bridge on the way: the robot would never stop talking.
func (d *decoder) checkRounds() {
	const unseen, open, done = 0, 1, 2
	state := map[*step]int{}
	var visit func(*step)
	visit = func(s *step) {
		state[s] = open
		for _, b := range straight(s) {
			switch {
			case b.to == nil:
			case state[b.to] == open:
				d.log.at(b.at, "put an ask into the round, or finish", "the steps go round from %q to %q without ever waiting for anyone", s.name, b.to.name)
			case state[b.to] == unseen:
				visit(b.to)
			}
		}
		state[s] = done
	}
	for _, s := range d.sc.steps {
		if state[s] == unseen {
			visit(s)
		}
	}
}

// straight are the branches that a step takes without waiting for anyone.
func straight(s *step) []*branch {
	var out []*branch
	for _, it := range s.items {
		if _, ok := it.op.(waits); ok {
			return out
		}
		out = append(out, it.op.branches()...)
	}
	return out
}

// canEnd are the steps from which a finish or a callback can be reached.
func canEnd(steps []*step) map[*step]bool {
	ends := map[*step]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range steps {
			if !ends[s] && endsHere(s, ends) {
				ends[s], changed = true, true
			}
		}
	}
	return ends
}

func endsHere(s *step, ends map[*step]bool) bool {
	for _, it := range s.items {
		switch it.op.(type) {
		case finishOp, callbackOp:
			return true
		}
		for _, b := range it.op.branches() {
			if ends[b.to] {
				return true
			}
		}
	}
	return false
}
