package bench

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"time"

	"dozvon/audio"
	"dozvon/hearing/corpus"
	"dozvon/hearing/embedded"
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
)

const (
	costLead   = 1500 * time.Millisecond // from the question to the answer
	costTail   = 1500 * time.Millisecond
	costRounds = 4   // that each answer is heard
	costCalls  = 200 // at once, for their memory
)

// costsBar measures what hearing takes.
func costsBar() Bar {
	return Bar{
		Name:  "costs",
		Title: "What hearing costs",
		Data: "the held-out да and нет of festvox-ru, each in 4 rounds at 20 dB of pink noise through A-law, 1.5 s after the question and with 1.5 s behind it; listener and embedded engine, " +
			"asked for the whole Russian families, hear the same frames. Processor time of the whole process, collection of garbage and all, on one goroutine; " +
			"the least of three runs. The weights were never trained on these utterances",
		Needs: []corpus.Package{corpus.FestvoxRU, corpus.AsteriskRU},
		Takes: 15 * time.Second,
		Run:   runCosts,
	}
}

func runCosts(_ context.Context, r *Report) error {
	model, err := keywords.Shipped()
	if err != nil {
		return err
	}
	answers, ends, err := answersForCosts()
	if err != nil {
		return err
	}
	if err := costOfWords(r, model, answers); err != nil {
		return err
	}
	if err := costOfSpeech(r, model); err != nil {
		return err
	}
	if err := latency(r, model, answers, ends); err != nil {
		return err
	}
	if err := costOfMemory(r, model, answers[0]); err != nil {
		return err
	}
	return costOfWeights(r, model)
}

// answersForCosts renders what is heard after a question, and where the word
// ends in each.
func answersForCosts() (out []corpus.Sound, ends []time.Duration, err error) {
	line := corpus.Channel{Noise: corpus.PinkNoise, SNR: 20, Lead: costLead, Tail: costTail}
	for i, c := range corpus.HeldOut() {
		pcm, err := c.PCM(0)
		if err != nil {
			return nil, nil, err
		}
		for round := range costRounds {
			s, err := line.Pass(corpus.Rand(40, fmt.Sprint("cost/", i, "/", round)), pcm)
			if err != nil {
				return nil, nil, err
			}
			out = append(out, s)
			ends = append(ends, costLead+audio.Duration(len(pcm)))
		}
	}
	return out, ends, nil
}

// perSecond is the least processor time of three runs that each hear the given
// length, a second of it.
func perSecond(length time.Duration, do func() error) (float64, error) {
	least := time.Duration(1<<63 - 1)
	for range 3 {
		from := cpu()
		if err := do(); err != nil {
			return 0, err
		}
		least = min(least, cpu()-from)
	}
	return least.Seconds() * 1000 / length.Seconds(), nil
}

// ears hear a call: the listener and, where asked, the engine.
type ears struct {
	listener *progress.Listener
	words    *embedded.Offline
}

func (e ears) hear(s corpus.Sound) {
	for f := range s.Frames() {
		if e.listener != nil {
			e.listener.Hear(f)
		}
		if e.words != nil {
			e.words.Hear(f)
		}
	}
}

// cost is what ears cost on sounds, in milliseconds a call-second.
func cost(sounds []corpus.Sound, m *keywords.Model, listen, words bool) (float64, error) {
	length := time.Duration(0)
	made := make([]ears, 0, 3*len(sounds)) // as calls have theirs: made beforehand
	for range 3 {
		for range sounds {
			var e ears
			if listen {
				e.listener = progress.New(progress.Options{})
				e.listener.Answer()
			}
			made = append(made, e)
		}
	}
	for _, s := range sounds {
		length += audio.Duration(len(s.PCM))
	}
	if words { // one, as its grammar is shared by all calls that ask the same
		o, err := embedded.NewOffline(m, anyAnswer("ru"))
		if err != nil {
			return 0, err
		}
		for i := range made {
			made[i].words = o
		}
	}
	runtime.GC()
	next := 0
	return perSecond(length, func() error {
		for _, s := range sounds {
			made[next].hear(s)
			next++
		}
		return nil
	})
}

func costOfWords(r *Report, m *keywords.Model, answers []corpus.Sound) error {
	both, err := cost(answers, m, true, true)
	if err != nil {
		return err
	}
	words, err := cost(answers, m, false, true)
	if err != nil {
		return err
	}
	r.Judge("cpu", fmt.Sprintf("%.3f ms", both), both <= 0.4)
	r.Show("the engine alone, waiting for a word and deciding on it", "%.3f ms a call-second", words)
	return nil
}

// costOfSpeech has them hear a voice that never stops: more than any call.
func costOfSpeech(r *Report, m *keywords.Model) error {
	spoken, err := Spoken("ru")
	if err != nil {
		return err
	}
	var pcm []int16
	for _, p := range spoken[:min(40, len(spoken))] {
		more, err := p.PCM()
		if err != nil {
			return err
		}
		pcm = append(pcm, more...)
	}
	s, err := (corpus.Channel{Noise: corpus.PinkNoise, SNR: 20}).Pass(corpus.Rand(41, "speech"), pcm)
	if err != nil {
		return err
	}
	both, err := cost([]corpus.Sound{s}, m, true, true)
	if err != nil {
		return err
	}
	r.Show("listener and engine on speech that goes on and on", "%.3f ms a call-second", both)
	quiet := corpus.Sound{PCM: make([]int16, audio.Rate*60)}
	idle, err := cost([]corpus.Sound{quiet}, m, true, true)
	if err != nil {
		return err
	}
	r.Show("listener and engine on silence", "%.3f ms a call-second", idle)
	return nil
}

// latency counts from the end of the word in the recording to the result, the
// work included.
func latency(r *Report, m *keywords.Model, answers []corpus.Sound, ends []time.Duration) error {
	times := &Times{Title: "From the end of the word, as hearing.md has it, to the decision"}
	own := &Times{Title: "From the end of the word, as the engine finds it, to the decision"}
	silent, early := 0, 0
	for i, s := range answers {
		o, err := embedded.NewOffline(m, anyAnswer("ru"))
		if err != nil {
			return err
		}
		at, told := time.Duration(0), false
		for f := range s.Frames() {
			at += audio.FrameTime
			from := time.Now()
			for _, h := range o.Hear(f) {
				switch {
				case at < costLead: // of noise before the word
					early++
				case !told:
					told = true
					times.Add(at + time.Since(from) - ends[i])
					own.Add(h.Latency)
				}
			}
		}
		silent += one(!told)
	}
	r.Judge("latency", times.Brief(), times.Len() > 0 && times.Quantile(0.95) <= 400*time.Millisecond)
	r.Show("words after which the engine said nothing", "%d of %d", silent, len(answers))
	r.Show("decisions on noise before the word, with a label or without", "%d", early)
	r.Time(times)
	r.Time(own)
	return nil
}

// costOfMemory opens many calls, has each hear a word, and counts what they
// hold.
func costOfMemory(r *Report, m *keywords.Model, answer corpus.Sound) error {
	engine := embedded.New(embedded.Config{Model: m})
	defer engine.Close()
	type call struct {
		listener *progress.Listener
		stop     func()
	}
	open := func() (call, error) {
		s, err := engine.Open(context.Background(), anyAnswer("ru"))
		if err != nil {
			return call{}, err
		}
		c := call{progress.New(progress.Options{}), s.Close}
		for f := range answer.Frames() {
			c.listener.Hear(f)
			s.Write(f)
		}
		return c, nil
	}
	first, err := open() // makes the grammar and the workers' own memory
	if err != nil {
		return err
	}
	defer first.stop()
	before := held()
	calls := make([]call, costCalls)
	for i := range calls {
		if calls[i], err = open(); err != nil {
			return err
		}
	}
	after := held()
	for _, c := range calls {
		c.stop()
	}
	kb := float64(after-before) / costCalls / 1024
	r.Judge("memory", fmt.Sprintf("%.1f KB", kb), kb <= 64)
	return nil
}

// held is what is in use of the heap and of the stacks, in bytes.
func held() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc + s.StackInuse)
}

func costOfWeights(r *Report, m *keywords.Model) error {
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		return err
	}
	size := file.Len()
	before := held()
	again, err := keywords.Load(bytes.NewReader(file.Bytes()))
	if err != nil {
		return err
	}
	mb := float64(held()-before) / (1 << 20)
	runtime.KeepAlive(again)
	runtime.KeepAlive(&file)
	r.Judge("weights", fmt.Sprintf("%.2f MB in memory, %.2f MB in the program", mb, float64(size)/(1<<20)), mb <= 2)
	return nil
}
