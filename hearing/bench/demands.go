package bench

// Demand is what a figure must be at least.
type Demand struct {
	ID      string
	What    string
	AtLeast string
}

// Demands lists every demand, in the order of the report. Those that no bar
// has judged are named as not measured.
var Demands = []Demand{
	{"ru-yesno", "Russian да/нет, held-out human cuts, A-law, 20 dB", "95 % at ≤ 2 % false accepts"},
	{"ru-words-30", "Russian 67 words, unseen female speaker, 30 dB", "85 %"},
	{"ru-words-15", "Russian 67 words, unseen female speaker, 15 dB", "70 %"},
	{"ru-others", "phrases that are no keyword («алло», «кто это», «я вас слушаю»), 20 dB", "≤ 3 % accepted"},
	{"en-keywords", "English yes/no/later/operator, 30 dB", "85 %"},
	{"en-words", "English 64 words, 30 dB", "85 %"},
	{"latency", "a word's decision after the end of speech, p95", "≤ 0.4 s"},
	{"en-latency", "English: a word's decision after the end of speech, p95", "≤ 0.4 s"},
	{"human-kept", "answering machine: humans kept", "98 %"},
	{"machine-found", "answering machine: machines found", "92 %"},
	{"amd-time", "answering machine: decision, p95", "≤ 3.0 s"},
	{"amd-human-time", "answering machine: decision on humans, p50", "≤ 1.5 s"},
	{"tones", "tones, special information tones and fax, all cadences", "100 %"},
	{"beep-found", "beep found", "98 %"},
	{"beep-false", "false beeps per hour of speech", "0"},
	{"print-found", "announcement fingerprint, 2 s, 20 dB, GSM: found", "≥ 99 %"},
	{"print-false", "announcement fingerprint: false", "≤ 0.1 %"},
	{"dtmf", "keys in band, 50 ms on, 50 ms off, ≥ 15 dB: errors in 1,000", "0"},
	{"talk-off", "keys heard in 143 min of speech", "0"},
	{"false-accepts", "words accepted in an hour of music, noise and foreign speech", "< 1"},
	{"voice-lists", "the shipped scenarios done by voice alone over SIP: people who reach the right list", "95 % of 200"},
	{"voice-refused", "… people who said no and were given to an operator", "0"},
	{"cpu-listener", "CPU of the listener, a call-second", "≤ 0.15 ms"},
	{"cpu", "CPU of listener and keyword engine while listening, a call-second", "≤ 0.4 ms"},
	{"weights", "weights, shared by all calls", "≤ 2 MB"},
	{"memory", "memory of listener and keyword engine, a call", "≤ 64 KB"},
}

func demandOf(id string) (Demand, bool) {
	for _, d := range Demands {
		if d.ID == id {
			return d, true
		}
	}
	return Demand{}, false
}
