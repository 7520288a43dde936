package scenarios

import "dozvon/dialer"

// smsFields is the table of an SMS: text, or {text, name}.
func smsFields() []field[dialer.Effect] {
	return []field[dialer.Effect]{
		{"text", true, "the message; {{name}} holes are filled from the lead", textShape(),
			func(d *decoder, n *node, to *dialer.Effect) { to.Text = d.template(n, "the text of the sms").raw }},
		{"name", false, "the message's name in reports", wordShape(),
			func(d *decoder, n *node, to *dialer.Effect) { to.Name = d.word(n, "the name of the sms") }},
	}
}

func smsVerb() verb {
	return verb{name: "sms", doc: "send the lead a text message",
		shape: func() shape { return anyShape(textShape(), blockShape(smsFields())) },
		decode: func(d *decoder, n *node) op {
			o := effectOp{effect: dialer.Effect{Kind: dialer.EffectSMS}}
			if n.kind == scalar {
				o.effect.Text = d.template(n, "sms").raw
			} else {
				block(d, n, "sms", smsFields(), &o.effect)
			}
			return o
		}}
}
