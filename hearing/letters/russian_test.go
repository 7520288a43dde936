package letters

import (
	"slices"
	"strings"
	"testing"
)

func TestRussian(t *testing.T) {
	for phrase, want := range map[string]string{
		"да":                "d aa",
		"Нет":               "nn ee t",
		"позже":             "p oo z zh e",
		"перезвоните позже": "pp ae rr ae z v a nn ii tt i p oo z zh e",
		"не интересно":      "nn ae i n tt i rr ee s n a",
		"оператор":          "a pp i r aa t ay r",
		"ага":               "aa g a | a g aa",
		"не надо":           "nn i n aa d a",
		"да-да":             "d aa d aa | d aa pau d aa",
		"нет, нет":          "nn ee t nn ee t | nn ee t pau nn ee t",
		"сейчас":            "ss i j ch aa s | sch aa s",
		"что":               "sh t oo",
		"кто-нибудь":        "k t oo nn ae b ur tt",
		"конечно":           "k a nn ee sh n a",
		"его":               "j e v oo",
		"сегодня":           "ss i v oo d nn a",
		"много":             "m n oo g a",
		"второго":           "f t a r oo v a",
		"солнце":            "s oo n c e",
		"чувств":            "ch uu s t f",
		"здр+авствуйте":     "z d r aa s t v ur j tt e",
		"уч+иться":          "u ch ii tt ss a | u ch ii c a",
		"уч+ится":           "u ch ii c a",
		"сч+астье":          "sch aa s tt j e",
		"шестьдесят":        "sh ay s dd dd i ss aa t",
		"четырнадцать":      "ch i t yy r n ay c ay tt",
		"воскресенье":       "v ay s k rr i ss ee nn j e",
		"понедельник":       "p ay nn i dd ee ll nn ae k",
		"семь":              "ss ee mm",
		"через час":         "ch ae rr i s ch aa s",
		"после шести":       "p oo s ll ae sh y s tt ii",
		"перезвоните\u0301": "pp ae rr ae z v ay nn i tt ee",
		"пирог":             "pp ii r ay k | pp i r oo k",
		"менеджер":          "mm ee nn ae d zh ay r | mm ee n ay d zh ay r",
		"ёлка":              "j oo l k a",
		"объект":            "oo b j e k t | a b j ee k t",
		"с ним":             "s nn ii m",
		"в час":             "f ch aa s",
		"как дела":          "k aa g dd ee l a | k aa g dd i l aa | k aa k pau dd ee l a",
		"ДА":                "d aa",
	} {
		ways, err := Russian(phrase)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, w := range ways {
			got = append(got, strings.Join(w, " "))
		}
		if s := strings.Join(got, " | "); !strings.HasPrefix(s+" |", want+" |") {
			t.Errorf("%s: %s, want %s", phrase, s, want)
		}
	}
}

func TestUnknownStressGivesEveryWay(t *testing.T) {
	ways, err := Russian("кабина")
	if err != nil || len(ways) != 3 {
		t.Fatal(ways, err)
	}
	marked, err := Russian("каб+ина")
	if err != nil || len(marked) != 1 || !slices.ContainsFunc(ways, func(w []string) bool { return slices.Equal(w, marked[0]) }) {
		t.Fatal(marked, err)
	}
}

func TestRussianRefuses(t *testing.T) {
	for phrase, want := range map[string]string{
		"":                        "no letters",
		" ,!… ":                   "no letters",
		"ь":                       "no letters",
		"+":                       "no letters",
		"7":                       "figure",
		"yes":                     "no Russian letter",
		"да, ok":                  "no Russian letter",
		"日本":                      "no Russian letter",
		strings.Repeat("да ", 50): "longer than",
	} {
		ways, err := Russian(phrase)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", phrase, ways, err)
		}
	}
}

func TestLexiconStresses(t *testing.T) {
	if len(lexicon) < 400 {
		t.Fatalf("the lexicon has %d words", len(lexicon))
	}
	for name := range lexicon {
		if ways, err := Russian(name); err != nil || len(ways) == 0 {
			t.Errorf("%s: %v %v", name, ways, err)
		}
	}
}

func TestPhones(t *testing.T) {
	if n := len(Phones()); n != 51 {
		t.Errorf("%d phones: %v", n, Phones())
	}
}

func FuzzRussian(f *testing.F) {
	for _, s := range []string{"да", "не интересно", "+а+б", "ё\u0301", "ъьъ", "-то", "стьс", "ого", "ться", "\xff\u0301", "в в в", "что-то, да", "ЩЁ", "a1б", "счсшест"} {
		f.Add(s)
	}
	known := map[string]bool{}
	for _, p := range Phones() {
		known[p] = true
	}
	f.Fuzz(func(t *testing.T, phrase string) {
		ways, err := Russian(phrase)
		if (err == nil) != (len(ways) > 0) || len(ways) > Most {
			t.Fatalf("%q: %v %v", phrase, ways, err)
		}
		for _, w := range ways {
			for _, p := range w {
				if !known[p] {
					t.Fatalf("%q: %q is no phone", phrase, p)
				}
			}
		}
	})
}
