package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each broken file gives a fault in its line, in words, with what to do.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, old, new, at, what, do string }{
		{"unknown key", "purpose: service", "purpose: service\nporpose: x", "porpose", `no key "porpose"`, `did you mean "purpose"?`},
		{"unknown verb", "    - say: \"Здравствуйте", "    - sya: \"Здравствуйте", "- sya", `no verb "sya"`, `did you mean "say"?`},
		{"unknown step", "go: connect", "go: conect", "conect", `no step "conect"`, `did you mean "connect"?`},
		{"unknown list", `finish: "yes"`, "finish: maybe", "finish: maybe", `no list "maybe"`, "declare it under lists:"},
		{"unknown variable", "спасибо", "{{nmae}}", "nmae", "{{nmae}} is no column", `did you mean "name"?`},
		{"unknown filter", "Здравствуйте, {{name}}", "{{name|upper}}", "upper", "no filter upper", "write holes as"},
		{"filter argument", "Здравствуйте, {{name}}", "{{amount|money:vocative}}", "vocative", "does not take vocative", ""},
		{"open hole", "Здравствуйте, {{name}}", "Здравствуйте, {{name", "{{name", "without its }}", ""},
		{"bad duration", "wait: 5s", "wait: 5 sec", "wait:", `wait can't be "5 sec"`, "like 30s"},
		{"duration out of range", "wait: 5s", "wait: 5h", "wait:", `can't be "5h"`, "from 1s to 1m"},
		{"bad hours", `"10:00-20:00"`, `"20:00-10:00"`, "20:00-10:00", "do not go forward", "earlier hour first"},
		{"hours as a word", `"10:00-20:00"`, "morning", "morning", `can't be "morning"`, `"10:00-20:00"`},
		{"bad zone", "Europe/Moscow", "Europe/Mosow", "Mosow", "no time zone", "Europe/Moscow"},
		{"bad key", "keys: 1,", "keys: x,", "keys: x", `a key can't be "x"`, "use one of"},
		{"key twice", "keys: 1,", "keys: [1, 2],", "no:", `"2" means "yes" and "no"`, "keep it in one"},
		{"no keys", "keys: 1, words: [да], ", "", "yes: {go", "nothing leads to the answer", "add keys"},
		{"duplicate key", "language: ru", "language: ru\nlanguage: en", "language: en", `"language" stands twice (first in line 2)`, "keep one"},
		{"falls off", "    - finish: \"yes\"\n", "", "- sms", `the step "connect" ends here`, "finish, callback or goto"},
		{"never reached", "    - task: \"Перезвонить {{name}}\"\n", "    - goto: hello\n    - task: x\n", "- task: x", "never reached: goto", "remove it"},
		{"unreachable step", "hangup:", "  lost:\n    - finish: \"no\"\nhangup:", "lost:", `nothing leads to the step "lost"`, "lead to it"},
		{"round", "    - task: \"Перезвонить {{name}}\"\n    - callback: {in: 2h, say: \"Перезвоним.\"}", "    - goto: again\n  again:\n    - goto: later", "- goto: later", "go round", "put an ask"},
		{"missing file", "    - say: \"Здравствуйте, {{name}}!\"", "    - play: gone.wav", "gone.wav", `no file "gone.wav"`, "put the recording there"},
		{"file outside", "    - say: \"Здравствуйте, {{name}}!\"", "    - play: ../../etc/passwd.wav", "passwd", "outside the scenario's folder", "put it into"},
		{"absolute file", "    - say: \"Здравствуйте, {{name}}!\"", "    - play: /etc/x.wav", "/etc/x.wav", "outside the scenario's folder", ""},
		{"file with line break", "    - say: \"Здравствуйте, {{name}}!\"", `    - play: "a\r\n.wav"`, "a\\r", "no file", ""},
		{"no wav", "    - say: \"Здравствуйте, {{name}}!\"", "    - play: notes.txt", "notes.txt", "no .wav", "convert"},
		{"folder", "    - say: \"Здравствуйте, {{name}}!\"", "    - play: dir.wav", "dir.wav", "no file", ""},
		{"missing music", "music: hold,", "music: jazz,", "jazz", `no music "jazz"`, "under music:"},
		{"promise without total", "  total: 5\n", "", "in: 2h", "a promised call needs a limit", "total:"},
		{"callback both", "{in: 2h, say", "{in: 2h, at: \"{{amount}}\", say", "in: 2h", "either in or at", ""},
		{"unknown disposition", "[no_answer, busy]", "[no_anser, busy]", "no_anser", `can't be "no_anser"`, `did you mean "no_answer"?`},
		{"disposition twice", "    - {on: [no_answer, busy]", "    - {on: busy, days: [{attempts: 1}], finish: missed}\n    - {on: [no_answer, busy]", "[no_answer, busy]", "busy stands in rule 1 already", "keep it in one"},
		{"attempts without pause", "{attempts: 3, every: 2h}", "{attempts: 3}", "attempts: 3}", "need a pause", "every"},
		{"no nobody", ", nobody: later", "", "bridge:", `lacks the key "nobody"`, "add it"},
		{"two verbs in a line", "    - sms: \"{{name}}, спасибо\"", "    - sms: \"{{name}}, спасибо\"\n      task: x", "task: x", "one verb", "new line"},
		{"verb without value", "    - sms: \"{{name}}, спасибо\"", "    - sms:", "- sms:", "sms is empty", "write what"},
		{"say in hangup", "hangup:\n", "hangup:\n  - say: Ау\n", "- say: Ау", "the person has hung up", "use sms"},
		{"reserved name", "  name: {", "  promise: {type: text}\n  name: {", "promise:", "kept for", "another name"},
		{"answer named as a column", `    - sms: "{{name}}, спасибо"`, "    - set: {amount: 1}", "amount: 1", "is a column of the lead", "another name"},
		{"wrong type", "type: money", "type: mony", "mony", `can't be "mony"`, `"money"`},
		{"bad example", `example: "50000"`, `example: "много"`, "много", "the example of amount does not fit", ""},
		{"label too long", "lead:", "call: {label: \"очень длинная подпись, которой не покажет оператор\"}\nlead:", "label", "carriers show 32", "shorten"},
		{"text for a mapping", "window: {hours", "call: fast\nwindow: {hours", "call: fast", "must be a mapping", "key: value"},
		{"name with a slash", "name: small", "name: ../x", "../x", "no plain word", "letters, digits"},
		{"future version", "name: small", "version: 2\nname: small", "version: 2", "version can't be", "1 to 1"},
		{"anchor to nothing", "name: small", "name: *x", "*x", "names nothing", "define it"},
		{"tab", "lead:\n", "lead:\n\tx: y\n", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := edit(t, c.old, c.new)
			faults := faultsOf(t, text)
			if len(faults) == 0 {
				t.Fatal("no fault")
			}
			lines := strings.Split(text, "\n")
			for _, f := range faults {
				if strings.Contains(f.What, c.what) && strings.Contains(f.Do, c.do) &&
					f.Line > 0 && f.Line <= len(lines) && (c.at == "" || strings.Contains(lines[f.Line-1], strings.TrimPrefix(c.at, "- "))) {
					return
				}
			}
			t.Errorf("no such fault:\n%v", faults)
		})
	}
}

// All faults come at once, in the order of the file.
func TestEveryFaultAtOnce(t *testing.T) {
	text := strings.NewReplacer("purpose: service", "purpose: fun", "wait: 5s", "wait: soon", "go: connect", "go: nowhere",
		`"{{name}}, спасибо"`, `"{{who}}"`, "finish: missed", "finish: lost", "zone: Europe/Moscow", "zone: Mars").Replace(small)
	faults := faultsOf(t, text)
	if len(faults) != 6 {
		t.Fatalf("%d faults, want 6:\n%v", len(faults), faults)
	}
	for i := 1; i < len(faults); i++ {
		if faults[i].Line < faults[i-1].Line {
			t.Errorf("line %d comes after %d", faults[i].Line, faults[i-1].Line)
		}
	}
	shown := faults.Error()
	for _, want := range []string{"s.yaml:3:", "s.yaml:7:", "wait: soon", "^"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the report lacks %q:\n%s", want, shown)
		}
	}
}

// The caret stands under the column that the fault names.
func TestExcerpt(t *testing.T) {
	faults := faultsOf(t, edit(t, "keys: 1,", "keys: x,"))
	lines := strings.Split(faults[0].Error(), "\n")
	if len(lines) != 3 {
		t.Fatalf("%q", lines)
	}
	src, caret := []rune(lines[1]), []rune(lines[2])
	if at := len(caret) - 1; string(src[at]) != "x" {
		t.Errorf("the caret points at %q:\n%s", string(src[at]), faults[0].Error())
	}
}

func TestHostileFiles(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x]\n"
	for i := 'b'; i < 'k'; i++ {
		p := string(i - 1)
		bomb += string(i) + ": &" + string(i) + " [" + strings.Repeat("*"+p+", ", 8) + "*" + p + "]\n"
	}
	for name, text := range map[string]string{
		"empty":        "",
		"comment only": "# nothing\n",
		"bomb":         bomb,
		"deep":         strings.Repeat("[", 5000),
		"deep closed":  "name: " + strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"self alias":   "name: &a [*a]\n",
		"large":        "name: " + strings.Repeat("x", maxFileBytes),
		"two files":    small + "\n---\n" + small,
		"latin1":       "name: caf\xe9\n",
		"list":         "- a\n- b\n",
		"scalar":       "hello",
		"merge":        "name: x\n<<: {a: b}\n",
		"tag":          "name: !!binary aGVsbG8=\n",
		"null":         "name: ~\n",
		"unclosed":     "name: \"x\n",
	} {
		s, err := parseText(text)
		if err == nil || s != nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if len(err.Error()) > 40_000 {
			t.Errorf("%s: the report has %d bytes", name, len(err.Error()))
		}
	}
}

// Anchors and aliases work within the limits.
func TestAliases(t *testing.T) {
	text := edit(t, `    - sms: "{{name}}, спасибо"`, "    - sms: &thanks {text: \"{{name}}, спасибо\"}\n    - sms: *thanks")
	s := mustParse(t, text)
	if n := len(s.byName["connect"].items); n != 4 {
		t.Errorf("%d items", n)
	}
}

func TestDidYouMean(t *testing.T) {
	if got := didYouMean("brigde", []string{"say", "bridge"}); got != `did you mean "bridge"?` {
		t.Error(got)
	}
	if got := didYouMean("xyz", []string{"say", "bridge"}); got != "use one of: say, bridge" {
		t.Error(got)
	}
	if d := editDistance("кот", "кит"); d != 1 {
		t.Error(d)
	}
}

// Links can't lead a recording out of the scenario's folder.
func TestLoadFileStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret.wav")
	inside := filepath.Join(dir, "scenario")
	file := filepath.Join(inside, "scenario.yaml")
	for _, err := range []error{os.Mkdir(inside, 0o755), os.WriteFile(outside, []byte("RIFF"), 0o600),
		os.WriteFile(filepath.Join(inside, "hold.wav"), []byte("RIFF"), 0o600), os.Symlink(outside, filepath.Join(inside, "hello.wav")),
		os.WriteFile(file, []byte(edit(t, "    - say: \"Здравствуйте, {{name}}!\"", "    - play: hello.wav")), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := LoadFile(file); err == nil || !strings.Contains(err.Error(), `no file "hello.wav"`) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadFile(file)
	if err != nil || s.Name != "small" {
		t.Fatalf("%v", err)
	}
	if _, err := LoadFile(filepath.Join(dir, "gone.yaml")); err == nil || !strings.Contains(err.Error(), "check the path") {
		t.Errorf("%v", err)
	}
}
