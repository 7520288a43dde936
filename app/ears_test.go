package app

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/config"
	"dozvon/hearing"
	"dozvon/hearing/engines"
	"dozvon/hearing/engines/vosktest"
)

// earsOf opens the engines of a configuration.
func earsOf(t *testing.T, text string, observe func(engines.Event)) (*ears, string, error) {
	t.Helper()
	cfg, err := config.Parse("d.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	e, err := openEars(context.Background(), cfg, nil, observe, newLog(&log, "info", ""))
	if err == nil {
		t.Cleanup(e.close)
	}
	return e, log.String(), err
}

func vosk(t *testing.T, m vosktest.Manner) *vosktest.Server {
	t.Helper()
	s, err := vosktest.New(m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Words that are said reach the call through the server of the configuration,
// and those who count are told.
func TestEarsHearThroughVosk(t *testing.T) {
	events := make(chan engines.Event, 10)
	e, log, err := earsOf(t, fmt.Sprintf("hearing: {engines: {ru: [vosk]}, vosk: {ru: {url: %q, reply: 5s}}}", vosk(t, vosktest.Honest).URL),
		func(ev engines.Event) { events <- ev })
	if err != nil || log != "" {
		t.Fatal(err, log)
	}
	s, err := e.recognizer().Open(context.Background(), hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tick := time.NewTicker(audio.FrameTime)
	defer tick.Stop()
	for pcm := vosktest.Say("да"); len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		<-tick.C
		s.Write(hearing.Frame{PCM: pcm[:audio.FrameSamples]})
		select {
		case h := <-s.Results():
			if ev := <-events; h.Label != "yes" || ev.Heard == nil || ev.Engine != "vosk" || ev.Language != "ru" {
				t.Errorf("%+v, told %+v", h, ev)
			}
			return
		default:
		}
	}
	t.Error("nothing was heard")
}

// A server that answers rubbish stops the start, unless keys are enough.
func TestEarsThatDoNotWork(t *testing.T) {
	bad := vosk(t, vosktest.Garbage)
	text := "hearing: {engines: {ru: [vosk]}, vosk: {ru: {url: %q, reply: 300ms, connect: 300ms}}, required: %t}"
	_, _, err := earsOf(t, fmt.Sprintf(text, bad.URL, true), nil)
	if err == nil || !strings.Contains(err.Error(), "nobody was called") || !strings.Contains(err.Error(), "no result of a recogniser") {
		t.Errorf("%v", err)
	}
	e, log, err := earsOf(t, fmt.Sprintf(text, bad.URL, false), nil)
	if err != nil || !strings.Contains(log, "does not work now") {
		t.Errorf("%v; the log: %s", err, log)
	}
	if s, err := e.recognizer().Open(context.Background(), hearing.Options{Language: "en"}); err != nil {
		t.Errorf("a language without engines: %v", err)
	} else {
		s.Close()
	}
}

func TestEarsOff(t *testing.T) {
	e, log, err := earsOf(t, "hearing: {engines: {ru: [off], en: [off]}}", nil)
	if err != nil || log != "" || e.recognizer() != nil {
		t.Errorf("%v %q %v", err, log, e.recognizer())
	}
	_, _, err = earsOf(t, "hearing: {engines: {en: [pocketsphinx]}, pocketsphinx: {program: /nonexistent/pocketsphinx}}", nil)
	if err == nil || !strings.Contains(err.Error(), "install the package pocketsphinx") {
		t.Errorf("%v", err)
	}
}

// Russian is heard without any setting, in this process.
func TestEarsByDefault(t *testing.T) {
	e, log, err := earsOf(t, "", nil)
	if err != nil || log != "" {
		t.Fatal(err, log)
	}
	s, err := e.recognizer().Open(context.Background(), hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// One engine of this process listens for answers and looks at the first words:
// its worker and the words of its questions are there once.
func TestEarsShareTheEngineOfThisProcess(t *testing.T) {
	e, _, err := earsOf(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if en := e.chain.Languages["ru"][0].Recognizer.(inProcess); en.Recognizer != e.words || len(e.closes) != 2 || e.firstWords("ru") == nil {
		t.Errorf("%p hears answers, %p first words; %d are closed", en.Recognizer, e.words, len(e.closes))
	}
}

// A server that is down stays in the chain, behind or before one that works:
// it may come back. The log says how many others work now.
func TestEarsKeepAServerThatIsDown(t *testing.T) {
	bad := vosk(t, vosktest.Garbage)
	e, log, err := earsOf(t, fmt.Sprintf("hearing: {engines: {ru: [vosk, embedded]}, vosk: {ru: {url: %q, reply: 300ms, connect: 300ms}}}", bad.URL), nil)
	if err != nil || !strings.Contains(log, "others=1") {
		t.Fatalf("%v; the log: %s", err, log)
	}
	if links := e.chain.Languages["ru"]; len(links) != 2 || links[0].Name != "vosk" || links[1].Name != "embedded" {
		t.Errorf("the chain is %v", links)
	}
}
