package progress

import (
	"strings"

	"dozvon/hearing"
)

// hints are words that only machines say, and what they mean. Each stands
// alone: a person says none of them in the first sentences of a call.
var hints = [...]struct{ words, label string }{
	{"оставьте сообщение", hearing.LabelMachine},
	{"оставить сообщение", hearing.LabelMachine},
	{"оставьте свое сообщение", hearing.LabelMachine},
	{"оставить голосовое", hearing.LabelMachine},
	{"после сигнала", hearing.LabelMachine},
	{"после звукового сигнала", hearing.LabelMachine},
	{"говорит автоответчик", hearing.LabelMachine},
	{"попали на автоответчик", hearing.LabelMachine},
	{"голосовая почта", hearing.LabelMachine},
	{"голосовой почты", hearing.LabelMachine},
	{"leave a message", hearing.LabelMachine},
	{"leave your message", hearing.LabelMachine},
	{"record your message", hearing.LabelMachine},
	{"after the tone", hearing.LabelMachine},
	{"at the tone", hearing.LabelMachine},
	{"after the beep", hearing.LabelMachine},
	{"the voicemail of", hearing.LabelMachine},
	{"the voice mail of", hearing.LabelMachine},
	{"reached the voice", hearing.LabelMachine},
	{"номер не существует", hearing.LabelInvalid},
	{"неправильно набран номер", hearing.LabelInvalid},
	{"номер не обслуживается", hearing.LabelInvalid},
	{"number is not in service", hearing.LabelInvalid},
	{"number you have dialed is not", hearing.LabelInvalid},
	{"вне зоны", hearing.LabelOff},
	{"абонент недоступен", hearing.LabelOff},
	{"абонент временно недоступен", hearing.LabelOff},
	{"аппарат абонента", hearing.LabelOff},
	{"абонент сейчас разговаривает", hearing.LabelBusy},
	{"номер занят", hearing.LabelBusy},
	{"all lines are busy", hearing.LabelBusy},
}

// hintLimit bounds how much of a recogniser's text is looked at.
const hintLimit = 4096

// Hint gives the words that a recogniser has heard so far in this phase. Words
// that only machines say decide with the next Hear; others change nothing. An
// announcement that begins like a greeting is a machine's only where it asks
// for a message, so the first hint in the table wins.
func (l *Listener) Hint(words string) {
	if len(words) > hintLimit {
		words = words[len(words)-hintLimit:]
	}
	words = strings.ReplaceAll(strings.ToLower(words), "ё", "е")
	for i := range hints {
		if h := &hints[i]; strings.Contains(words, h.words) {
			if l.said.wordsSaid != h.words {
				l.said.words, l.said.wordsSaid = h.label, h.words
			}
			return
		}
	}
}
