package phrases

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("Mon 2006-01-02 15:04", s, moscow)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var moscow = time.FixedZone("MSK", 3*3600)

func TestParseTime(t *testing.T) {
	const noonMonday, threeMonday, evening = "Mon 2026-03-16 12:00", "Mon 2026-03-16 15:00", "Mon 2026-03-16 19:30"
	for _, c := range []struct{ language, said, now, want string }{
		{"ru", "через час", noonMonday, "Mon 2026-03-16 13:00"},
		{"ru", "через полчаса", noonMonday, "Mon 2026-03-16 12:30"},
		{"ru", "через два часа", noonMonday, "Mon 2026-03-16 14:00"},
		{"ru", "перезвоните через 15 минут", noonMonday, "Mon 2026-03-16 12:15"},
		{"ru", "через двадцать пять минут", noonMonday, "Mon 2026-03-16 12:25"},
		{"ru", "минут через двадцать", noonMonday, "Mon 2026-03-16 12:20"},
		{"ru", "давайте часа через два", noonMonday, "Mon 2026-03-16 14:00"},
		{"ru", "через полтора часа", noonMonday, "Mon 2026-03-16 13:30"},
		{"ru", "через неделю", noonMonday, "Mon 2026-03-23 12:00"},
		{"ru", "завтра", noonMonday, "Tue 2026-03-17 10:00"},
		{"ru", "завтра утром", noonMonday, "Tue 2026-03-17 10:00"},
		{"ru", "завтра в десять", noonMonday, "Tue 2026-03-17 10:00"},
		{"ru", "завтра в шесть", noonMonday, "Tue 2026-03-17 18:00"},
		{"ru", "завтра в семь утра", noonMonday, "Tue 2026-03-17 07:00"},
		{"ru", "после шести", threeMonday, "Mon 2026-03-16 18:00"},
		{"ru", "после шести", evening, "Tue 2026-03-17 18:00"},
		{"ru", "после обеда", noonMonday, "Mon 2026-03-16 15:00"},
		{"ru", "завтра после обеда", noonMonday, "Tue 2026-03-17 15:00"},
		{"ru", "вечером", noonMonday, "Mon 2026-03-16 18:00"},
		{"ru", "вечером", evening, "Mon 2026-03-16 20:30"},
		{"ru", "утром", noonMonday, "Tue 2026-03-17 10:00"},
		{"ru", "в понедельник", noonMonday, "Mon 2026-03-23 10:00"},
		{"ru", "в пятницу вечером", noonMonday, "Fri 2026-03-20 18:00"},
		{"ru", "в воскресенье", noonMonday, "Sun 2026-03-22 10:00"},
		{"ru", "на выходных", noonMonday, "Sat 2026-03-21 12:00"},
		{"ru", "на следующей неделе", noonMonday, "Mon 2026-03-23 10:00"},
		{"ru", "в восемь", noonMonday, "Mon 2026-03-16 20:00"},
		{"ru", "в девять утра", noonMonday, "Tue 2026-03-17 09:00"},
		{"ru", "в час", noonMonday, "Mon 2026-03-16 13:00"},
		{"ru", "в два часа дня", noonMonday, "Mon 2026-03-16 14:00"},
		{"ru", "в пятнадцать тридцать", noonMonday, "Mon 2026-03-16 15:30"},
		{"ru", "в половине седьмого", noonMonday, "Mon 2026-03-16 18:30"},
		{"ru", "в полпервого", noonMonday, "Mon 2026-03-16 12:30"},
		{"ru", "Ну, перезвоните, пожалуйста, завтра, часов в одиннадцать.", noonMonday, "Tue 2026-03-17 11:00"},
		{"en", "in an hour", noonMonday, "Mon 2026-03-16 13:00"},
		{"en", "in half an hour", noonMonday, "Mon 2026-03-16 12:30"},
		{"en", "call me in twenty five minutes", noonMonday, "Mon 2026-03-16 12:25"},
		{"en", "tomorrow morning", noonMonday, "Tue 2026-03-17 10:00"},
		{"en", "tomorrow at ten", noonMonday, "Tue 2026-03-17 10:00"},
		{"en", "after six", threeMonday, "Mon 2026-03-16 18:00"},
		{"en", "at seven pm", noonMonday, "Mon 2026-03-16 19:00"},
		{"en", "in the evening", noonMonday, "Mon 2026-03-16 18:00"},
		{"en", "on monday", noonMonday, "Mon 2026-03-23 10:00"},
		{"en", "the day after tomorrow", noonMonday, "Wed 2026-03-18 10:00"},
		{"en", "half past six", noonMonday, "Mon 2026-03-16 18:30"},
	} {
		got, ok := ParseTime(c.language, c.said, at(t, c.now))
		if want := at(t, c.want); !ok || !got.Equal(want) {
			t.Errorf("%q at %s: %s %v, want %s", c.said, c.now, got.Format("Mon 2006-01-02 15:04"), ok, c.want)
		}
	}
}

func TestNoTime(t *testing.T) {
	for _, said := range []string{"", "да", "нет", "через", "через сто лет", "через девяносто недель", "завтра послезавтра", "в тридцать", "час", "семь", "через час завтра",
		"десять минут", "утром вечером", "в десять вечера утром", "не через час", "вчера", "в три утра", "через ноль минут", "<time>"} {
		if got, ok := ParseTime("ru", said, at(t, "Mon 2026-03-16 12:00")); ok {
			t.Errorf("%q is %s", said, got)
		}
	}
	if _, ok := ParseTime("de", "morgen", noon); ok {
		t.Error("a language that is not known was understood")
	}
}

// Whatever is listened for is understood, is never in the past, and lies within
// the time that is believed.
func TestEveryTimeIsAhead(t *testing.T) {
	for _, language := range []string{"ru", "en"} {
		list := timePhrases(language)
		if len(list) > 250 || len(list) < 80 {
			t.Errorf("%s: %d phrases of times", language, len(list))
		}
		rapid.Check(t, func(rt *rapid.T) {
			said := rapid.SampledFrom(list).Draw(rt, "said")
			now := noon.Add(time.Duration(rapid.Int64Range(0, 400*24*3600).Draw(rt, "seconds")) * time.Second).In(moscow)
			got, ok := ParseTime(language, said, now)
			if !ok || !got.After(now) || got.Sub(now) > longest || got.Location() != now.Location() {
				rt.Fatalf("%q at %s: %s %v", said, now, got, ok)
			}
		})
		for _, said := range list {
			if _, ok := ParseTime(language, said, noon); !ok {
				t.Errorf("%s: %q is listened for and not understood", language, said)
			}
		}
	}
}

// The wall clock counts where the hour is named, the time elapsed where a
// duration is, across a change of the clocks.
func TestTimeAcrossAChangeOfClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	saturday := time.Date(2026, 3, 28, 12, 0, 0, 0, berlin)
	if got, ok := ParseTime("ru", "завтра в десять", saturday); !ok || got.Sub(saturday) != 21*time.Hour {
		t.Error(got)
	}
	if got, ok := ParseTime("ru", "через день", saturday); !ok || got.Sub(saturday) != 24*time.Hour {
		t.Error(got)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"через час", "завтра в десять", "после шести", "in an hour", "at 25", "через 99 недель", "в в в", "полпервого", "\xff", "next next monday", "час с половиной"} {
		f.Add(s, int64(0))
	}
	f.Fuzz(func(t *testing.T, said string, unix int64) {
		now := time.Unix(unix%4e9, 0).In(moscow)
		for _, language := range []string{"ru", "en"} {
			if got, ok := ParseTime(language, said, now); ok && (!got.After(now) || got.Sub(now) > longest) {
				t.Fatalf("%q at %s: %s", said, now, got)
			}
			if v, ok := ParseNumber(language, said); ok && (v < Lowest || v > Highest) {
				t.Fatalf("%q: %d", said, v)
			}
		}
	})
}
