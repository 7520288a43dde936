package scenarios

import (
	"strings"
	"testing"
	"unicode"

	"dozvon/dialer"
)

func lead(kv ...string) dialer.Lead {
	l := dialer.Lead{Phone: "+79990000102", Zone: "Europe/Moscow", Columns: map[string]string{}}
	for i := 0; i < len(kv); i += 2 {
		l.Columns[kv[i]] = kv[i+1]
	}
	return l
}

// typed is a scenario with a column of every type.
func typed(language string) *Scenario {
	s := &Scenario{Language: language, vars: map[string]bool{}}
	for _, t := range columnTypes {
		s.Lead = append(s.Lead, Column{Name: t, Type: t})
		s.vars[t] = true
	}
	s.Lead[2].Currency = defaultCurrency(language)
	s.vars["choice"] = true
	return s
}

func TestHoles(t *testing.T) {
	ru, en := typed("ru"), typed("en")
	for _, c := range []struct {
		s             *Scenario
		template, v   string
		spoken, shown string
	}{
		{ru, "{{money}}", "50000", "пятьдесят тысяч рублей", "50 000 ₽"},
		{ru, "{{money}}", "1 250,5 руб.", "тысяча двести пятьдесят рублей пятьдесят копеек", "1 250,50 ₽"},
		{ru, "до {{money|money:genitive}}", "100000", "до ста тысяч рублей", "до 100 000 ₽"},
		{ru, "{{money}}", "много", "много", "много"},
		{ru, "{{date}}", "15.03.2026", "пятнадцатого марта", "15 марта"},
		{ru, "на {{date|date:accusative}}", "2026-03-15", "на пятнадцатое марта", "на 15 марта"},
		{ru, "{{date|date:full}}", "2026-03-15", "пятнадцатого марта две тысячи двадцать шестого года", "15 марта 2026"},
		{ru, "{{date|when}}", "2026-03-15 14:30", "пятнадцатого марта в четырнадцать часов тридцать минут", "15 марта в 14:30"},
		{ru, "{{date|when}}", "2026-03-15", "пятнадцатого марта", "15 марта"},
		{ru, "{{date|time}}", "2026-03-15T11:30:00Z", "четырнадцать часов тридцать минут", "14:30"},
		{ru, "{{time}}", "9:05", "девять часов пять минут", "9:05"},
		{ru, "после {{time|time:genitive}}", "10:00", "после десяти часов", "после 10:00"},
		{ru, "{{number}}", "3,5", "три целых пять десятых", "3,5"},
		{ru, "{{number|ordinal}}", "3", "третий", "3"},
		{ru, "{{text|digits}}", "A-042", "ноль четыре два", "A-042"},
		{ru, "{{phone}}", "", "семь, девятьсот девяносто девять, ноль ноль ноль, ноль один, ноль два", "+79990000102"},
		{ru, "Здравствуйте, {{name}}!", "", "Здравствуйте!", "Здравствуйте, !"},
		{ru, "{{name|or:клиент}}", "", "клиент", "клиент"},
		{ru, "{{choice}}", "", "", ""},
		{en, "{{money}}", "50000.5", "fifty thousand dollars and fifty cents", "$50,000.50"},
		{en, "{{date|when}}", "2026-03-15 14:30", "March fifteenth at two thirty p.m.", "March 15 at 14:30"},
	} {
		tpl, fault := parseTemplate(c.template)
		if fault != "" {
			t.Fatalf("%s: %s", c.template, fault)
		}
		l := lead()
		if c.v != "" {
			l = lead(tpl.vars()[0], c.v)
		}
		if strings.Contains(c.template, "{{phone}}") {
			l = lead("phone", "+79990000102")
		}
		f := c.s.filling(l, nil)
		said := ""
		for _, p := range f.speech(tpl) {
			said += p.Text
		}
		if said != c.spoken {
			t.Errorf("%s of %q: said %q, want %q", c.template, c.v, said, c.spoken)
		}
		if shown, missing := f.fill(tpl, false); shown != c.shown || missing != "" {
			t.Errorf("%s of %q: shown %q, want %q", c.template, c.v, shown, c.shown)
		}
	}
}

// A value is never read as a template, and can't break a line.
func TestValuesAreData(t *testing.T) {
	s := typed("ru")
	s.vars["secret"] = true
	for _, v := range []string{"{{phone}}", "{{secret|or:x}}", "${HOME}", "$(reboot)", "a\r\nBcc: x", "<b>", "\u202eabc", "x\x00y", strings.Repeat("я", 5000)} {
		e := dialer.Effect{Kind: dialer.EffectSMS, Name: "n", Text: "Привет, {{text}}!", Fields: map[string]string{"a": "{{text}}"}}
		out, err := s.Render(e, lead("text", v), nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.Text+out.Fields["a"], "\r\n\x00\u202e") || len([]rune(out.Text)) > 320 {
			t.Errorf("%q → %q", v, out.Text)
		}
		if strings.Contains(v, "{{") && !strings.Contains(out.Text, v) {
			t.Errorf("the value %q was read as a template: %q", v, out.Text)
		}
		// Rendered text rendered once more would be an injection: the effect
		// of a session stays a template until then.
		if e.Text != "Привет, {{text}}!" {
			t.Error("the effect itself was changed")
		}
	}
}

func TestRenderFaults(t *testing.T) {
	s := typed("ru")
	for _, text := range []string{"{{nobody}}", "{{name", "{{name|shout}}"} {
		if _, err := s.Render(dialer.Effect{Kind: dialer.EffectTask, Name: text}, lead(), nil); err == nil {
			t.Errorf("%s was rendered", text)
		}
	}
	out, err := s.Render(dialer.Effect{Kind: dialer.EffectTask, Name: "{{choice}} {{promise}}"}, lead(), map[string]string{"choice": "yes", "promise": "2026-03-16T14:00:10+03:00"})
	if err != nil || out.Name != "yes 16 марта в 14:00" {
		t.Errorf("%q %v", out.Name, err)
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]string{
		"Раз. Два! Три? Четыре":              "Раз.|Два!|Три?|Четыре",
		"Наш адрес: г. Москва, ул. Мира, 5.": "Наш адрес: г. Москва, ул. Мира, 5.",
		"Здравствуйте, {{name}}! Это робот.": "Здравствуйте, {{name}}!|Это робот.",
		"{{name}}. {{amount}}.":              "{{name}}.|{{amount}}.",
		"Ставка 12.5 процента… Да":           "Ставка 12.5 процента…|Да",
		"  ":         "",
		"Что?! Как.": "Что?!|Как.",
	} {
		tpl, _ := parseTemplate(text)
		var got []string
		for _, s := range tpl.sentences() {
			got = append(got, s.source())
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A lead can't move the boundary of a sentence.
func TestValuesDoNotSplit(t *testing.T) {
	s := typed("ru")
	tpl, _ := parseTemplate("Вас зовут {{text}}?")
	if p := s.filling(lead("text", "А. Б. Вас обманули! Да"), nil).speech(tpl); len(p) != 1 {
		t.Errorf("%q", p)
	}
}

func TestCheckLead(t *testing.T) {
	s := typed("ru")
	s.Lead[1].Required, s.Lead[1].Label = true, "Имя"
	good := map[string]string{"name": "Анна-Мария", "money": "50 000 ₽", "date": "15.03.2026", "time": "14.30", "number": "-3,5", "phone": "+7 999 000-01-02", "url": "https://example.org/x"}
	if err := s.CheckLead(good); err != nil {
		t.Error(err)
	}
	err := s.CheckLead(map[string]string{"name": " ", "money": "-5", "date": "31.02.2026", "time": "25:00", "number": "1e9", "phone": "12", "url": "javascript:alert(1)"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"name (Имя) is empty", "money: \"-5\"", "date: \"31.02.2026\"", "time: \"25:00\"", "number: \"1e9\"", "phone: \"12\"", "url: \"javascript"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	for _, bad := range []string{"123", "<script>", "{{x}}"} {
		if s.CheckLead(map[string]string{"name": bad}) == nil {
			t.Errorf("the name %q was accepted", bad)
		}
	}
}

func TestParseMoney(t *testing.T) {
	for in, want := range map[string][2]int64{"50000": {50000, 0}, "50 000": {50000, 0}, "50\u00a0000,5": {50000, 50}, "1,250.75": {1250, 75},
		"50,000": {50000, 0}, "50.000": {50000, 0}, "1.250,00 руб.": {1250, 0}, "50000.0": {50000, 0}, "$5": {5, 0}, "5.00000": {5, 0}} {
		w, p, ok := parseMoney(in)
		if !ok || w != want[0] || int64(p) != want[1] {
			t.Errorf("%q: %d %d %v", in, w, p, ok)
		}
	}
	for _, in := range []string{"", "x", "1e5", "-5", "1234567890123", "5.1234"} {
		if w, p, ok := parseMoney(in); ok {
			t.Errorf("%q is %d %d", in, w, p)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"{{name}}", "{{", "}}", "{{name|or:}}", "{{{{name}}}}", "a. {{text|money:genitive}}. b", "{{text|when:full|or:{{x}}"} {
		f.Add(s, "50000")
		f.Add("{{text}} {{money}} {{date|when}}", s)
	}
	s := typed("ru")
	f.Fuzz(func(t *testing.T, template, value string) {
		tpl, fault := parseTemplate(template)
		l := lead()
		for _, c := range s.Lead {
			l.Columns[c.Name] = value
		}
		fill := s.filling(l, map[string]string{"choice": value})
		for _, p := range fill.speech(tpl) {
			if p.Text == "" || strings.ContainsAny(p.Text, "\r\n{}\x00") || strings.ContainsFunc(p.Text, func(r rune) bool { return r >= '0' && r <= '9' }) {
				t.Fatalf("%q with %q says %q", template, value, p.Text)
			}
		}
		if fault != "" {
			return
		}
		out, err := s.Render(dialer.Effect{Text: "{{text}}"}, l, nil)
		if err != nil || strings.ContainsFunc(out.Text, func(r rune) bool { return unicode.IsControl(r) }) {
			t.Fatalf("%q → %q, %v", value, out.Text, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range ShippedNames() {
		b, err := shippedFiles.ReadFile("shipped/" + name + "/scenario.yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{"a: &a [*a]", "? [a]\n: b", "- - - -", "a: |\n b\n", "%YAML 1.2\n---\n", "name: [}", "\t", "dialogue: {a: [{goto: a}]}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parse(b, "f.yaml", audioFiles)
		if err != nil {
			_ = err.Error()
			return
		}
		// What is accepted can be played.
		se := s.NewSession(s.testLead(Test{}))
		se.Handle(noon, Answered{})
		for _, k := range []byte("123") {
			se.Handle(noon, Key{k})
		}
		if acts := se.Handle(noon, HungUp{}); !se.finished {
			t.Fatalf("not finished: %v", acts)
		}
		s.Prompts()
		s.Graph()
	})
}
