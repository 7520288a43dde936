package scenarios

import "time"

// bridgeOp connects the person with an operator. Without branches for its
// ends the flow goes on with the next item once they have talked.
type bridgeOp struct {
	group      string
	music      string // audio file
	whisper    *template
	ring       time.Duration
	mode       BridgeMode
	accept     string
	nobody     *branch
	byOperator *branch
	byPerson   *branch
	hungUp     *branch
}

func bridgeFields() []field[bridgeOp] {
	modes := []string{string(BridgeInOrder), string(BridgeAll)}
	to := func(name, doc string, need bool, set func(*bridgeOp) **branch) field[bridgeOp] {
		return field[bridgeOp]{name, need, doc, branchShape(),
			func(d *decoder, n *node, o *bridgeOp) { *set(o) = d.branch(n, name) }}
	}
	return []field[bridgeOp]{
		{"to", true, "the group of operators", wordShape(),
			func(d *decoder, n *node, to *bridgeOp) { to.group = d.word(n, "the group") }},
		{"music", false, "name of the music that the person hears meanwhile", wordShape(),
			func(d *decoder, n *node, to *bridgeOp) {
				name := d.word(n, "the music")
				d.music = append(d.music, named{name, n})
				to.music = d.sc.Music[name]
			}},
		{"whisper", false, "spoken to the operator before they talk", textShape(),
			func(d *decoder, n *node, to *bridgeOp) { to.whisper = d.template(n, "whisper") }},
		{"ring", false, "nobody within that long: the branch nobody; 20s", durationShape(),
			func(d *decoder, n *node, to *bridgeOp) { to.ring = d.duration(n, "ring", time.Second, 10*time.Minute) }},
		{"mode", false, "ring the operators in_order or all at once; in_order", enumShape(modes),
			func(d *decoder, n *node, to *bridgeOp) { to.mode = BridgeMode(d.oneOf(n, "mode", modes)) }},
		{"accept", false, "a key that the operator must press to take the call", keyShape(),
			func(d *decoder, n *node, to *bridgeOp) { to.accept = d.oneOf(n, "accept", keyNames()) }},
		to("nobody", "where to go when no operator takes the call", true, func(o *bridgeOp) **branch { return &o.nobody }),
		to("ended_by_operator", "where to go when the operator hangs up; the next line if left out", false, func(o *bridgeOp) **branch { return &o.byOperator }),
		to("ended_by_person", "where to go when the person hangs up after talking; the next line if left out", false, func(o *bridgeOp) **branch { return &o.byPerson }),
		to("hung_up", "where to go when the person hangs up while operators ring; the hangup block if left out", false, func(o *bridgeOp) **branch { return &o.hungUp }),
	}
}

func branchShape() shape { return anyShape(wordShape(), refShape("steps"), refShape("item")) }

func bridgeVerb() verb {
	return verb{name: "bridge", doc: "connect the person with an operator",
		shape: func() shape { return blockShape(bridgeFields()) },
		decode: func(d *decoder, n *node) op {
			o := bridgeOp{ring: 20 * time.Second, mode: BridgeInOrder}
			block(d, n, "bridge", bridgeFields(), &o)
			return o
		}}
}

func (o bridgeOp) branches() []*branch {
	return present(o.nobody, o.byOperator, o.byPerson, o.hungUp)
}

// present gives the branches that are written.
func present(all ...*branch) []*branch {
	var out []*branch
	for _, b := range all {
		if b != nil {
			out = append(out, b)
		}
	}
	return out
}

func (o bridgeOp) falls() bool { return o.byOperator == nil || o.byPerson == nil }
func (bridgeOp) waits()        {}

func (o bridgeOp) says() []*template {
	if o.whisper == nil {
		return nil
	}
	return []*template{o.whisper}
}

func (o bridgeOp) run(s *Session) bool {
	if s.gone { // hung up before anyone was rung
		if o.hungUp != nil {
			s.jump(o.hungUp)
		} else {
			s.hangupBlock()
		}
		return false
	}
	b := Bridge{Group: o.group, Music: o.music, Ring: o.ring, Mode: o.mode, AcceptKey: o.accept}
	if o.whisper != nil {
		b.Whisper = s.filling().speech(o.whisper)
	}
	s.do(b)
	s.person = true
	s.waiting = &bridgeWait{op: o}
	return true
}

// bridgeWait waits for the end of a bridge.
type bridgeWait struct {
	op      bridgeOp
	talking bool
}

func (w *bridgeWait) handle(s *Session, ev Event) bool {
	switch ev := ev.(type) {
	case Bridged:
		w.talking = true
	case BridgeEnded:
		s.decided = s.now
		w.talking = w.talking || ev.Operator != ""
		return w.ended(s, ev.Outcome)
	case HungUp:
		if w.talking {
			return w.ended(s, BridgeEndedByPerson)
		}
		return w.left(s)
	}
	return false
}

// ended goes where the end of the bridge leads.
func (w *bridgeWait) ended(s *Session, how BridgeOutcome) bool {
	var to *branch
	switch how {
	case BridgeNobody:
		s.abandoned = true
		to = w.op.nobody
	case BridgeEndedByOperator:
		to = w.op.byOperator
	case BridgeEndedByPerson:
		if s.gone = true; !w.talking {
			return w.left(s)
		}
		to = w.op.byPerson
	}
	s.armMax()
	if to != nil {
		s.jump(to)
	}
	return true
}

// left: the person hung up while operators were rung. Nobody took the call.
func (w *bridgeWait) left(s *Session) bool {
	s.gone, s.abandoned = true, true
	if w.op.hungUp != nil {
		s.jump(w.op.hungUp)
		return true
	}
	s.hangupBlock()
	return true
}
