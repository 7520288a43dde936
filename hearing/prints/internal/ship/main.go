// Command ship makes the prints that come with dozvon out of prompts of
// Asterisk (Debian's asterisk-core-sounds-ru-wav and asterisk-core-sounds-en-wav).
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/prints"
)

// prompts are what switchboards say in place of a person, by what it means for
// the call. Shorter ones than 2 s can't be known again.
var prompts = []struct{ label, file string }{
	{hearing.LabelInvalid, "ss-noservice"},
	{hearing.LabelInvalid, "pbx-invalid"},
	{hearing.LabelInvalid, "cannot-complete-as-dialed"},
	{hearing.LabelInvalid, "check-number-dial-again"},
	{hearing.LabelOff, "followme/sorry"},
	{hearing.LabelBusy, "tt-allbusy"},
	{hearing.LabelBusy, "all-circuits-busy-now"},
	{hearing.LabelBusy, "simul-call-limit-reached"},
	{hearing.LabelMachine, "vm-intro"},
	{hearing.LabelMachine, "vm-nobodyavail"},
	{hearing.LabelMachine, "vm-mailboxfull"},
}

var voices = []struct{ language, folder string }{
	{"ru", "ru_RU_f_IvrvoiceRU"},
	{"en", "en_US_f_Allison"},
}

func main() {
	log.SetFlags(0)
	sounds := flag.String("sounds", "/usr/share/asterisk/sounds", "folder of Asterisk's `sounds`")
	out := flag.String("o", "shipped.jsonl", "`file` to be written")
	flag.Parse()
	var text []byte
	for _, v := range voices {
		for _, p := range prompts {
			clip, err := audio.LoadFile(filepath.Join(*sounds, v.folder, filepath.FromSlash(p.file)+".wav"))
			if err != nil {
				log.Fatal(err)
			}
			line, err := prints.Line(clip.PCM(), p.label, "", "Asterisk "+v.language+": "+p.file)
			if err != nil {
				log.Printf("left out: %s in %s: %v", p.file, v.language, err)
				continue
			}
			text = append(text, line...)
		}
	}
	if err := os.WriteFile(*out, text, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d bytes\n", *out, len(text))
}
