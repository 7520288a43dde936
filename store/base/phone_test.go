package base

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCleanPhone(t *testing.T) {
	for _, c := range []struct {
		cell, want string
		err        error
	}{
		{"89161234567", "+79161234567", nil},
		{"79161234567", "+79161234567", nil},
		{"+79161234567", "+79161234567", nil},
		{"9161234567", "+79161234567", nil},
		{"8 (916) 123-45-67", "+79161234567", nil},
		{"8\u00a0(916)\u00a0123–45–67", "+79161234567", nil},
		{"\u200e+7 916 123 45 67\u202c", "+79161234567", nil},
		{"８９１６１２３４５６７", "+79161234567", nil},
		{"'+79161234567", "+79161234567", nil},
		{`="89161234567"`, "+79161234567", nil},
		{"tel:+7-916-123-45-67", "+79161234567", nil},
		{"79161234567.0", "+79161234567", nil},
		{"79161234567,00", "+79161234567", nil},
		{"7.9161234567E+10", "+79161234567", nil},
		{"7,9161234567E+10", "+79161234567", nil},
		{"7.9161234567e10", "+79161234567", nil},
		{"7.916123456E+10", "+79161234560", nil}, // a trailing zero is not shown
		{"380501234567", "+380501234567", nil},   // country code without a plus sign
		{"0079161234567", "+79161234567", nil},
		{"810442079460958", "+442079460958", nil},
		{"+44 20 7946 0958", "+442079460958", nil},
		{"8(4012)345678", "+74012345678", nil},
		{"7.9E+10", "", errShortened},
		{"7.91612E+10", "", errShortened},
		{"7.91612345678E+10", "", errUnreadable}, // a fraction
		{"7.9161234567E+99", "", errLong},
		{"", "", errNoPhone},
		{" - ", "", errNoPhone},
		{"нет", "", errNoPhone},
		{"123", "", errShort},
		{"112", "", errShort},
		{"123-45-67", "", errShort}, // no area code
		{"8916123456o", "", errLetters},
		{"+7 916 CALL 567", "", errLetters},
		{"89161234567 доб. 12", "", errExtension},
		{"8 916 123-45-67 ext 5", "", errExtension},
		{"89161234567 x12", "", errExtension},
		{"89161234567#5", "", errExtension},
		{"+79161234567;ext=5", "", errExtension},
		{"89161234567, 89161234568", "", errSeveral},
		{"89161234567/89161234568", "", errSeveral},
		{"89161234567 или 89161234568", "", errSeveral},
		{"89161234567\n89161234568", "", errSeveral},
		{"+79161234567+79161234568", "", errSeveral},
		{"8916123456789161234568", "", errSeveral},
		{"8+9161234567", "", errUnreadable},
		{"8 809 123 45 67", "", errPremium},
		{"+999123456789", "", errNoSuch},
		{"+7 111 111 11 11", "", errNoSuch},
		{strings.Repeat("9", 1000), "", errLong},
	} {
		t.Run(c.cell[:min(len(c.cell), 30)], func(t *testing.T) {
			got, err := CleanPhone(c.cell, "")
			if got.E164 != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Fatalf("got %q, %v; want %q, %v", got.E164, err, c.want, c.err)
			}
		})
	}
}

func TestCleanPhoneRegion(t *testing.T) {
	got, err := CleanPhone("020 7946 0958", "GB")
	if err != nil || got.E164 != "+442079460958" || got.Zone != "Europe/London" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if !KnownRegion("ru") || KnownRegion("XX") {
		t.Fatal("regions")
	}
}

func TestZoneOfNumber(t *testing.T) {
	for cell, want := range map[string]string{
		"+7 495 123-45-67": "Europe/Moscow",
		"+7 4012 34-56-78": "Europe/Kaliningrad",
		"8 800 555-35-35":  "", // all of the country: ambiguous
		"+1 800 356 9377":  "",
	} {
		got, err := CleanPhone(cell, "RU")
		if err != nil || got.Zone != want {
			t.Errorf("%s: got %q, %v; want %q", cell, got.Zone, err, want)
		}
	}
}

func TestPhoneErrorsNeverShowTheNumber(t *testing.T) {
	for _, cell := range []string{"8916123456o", "89161234567 доб. 12", "+7 111 111 11 11", "89161234567, 89161234568"} {
		if _, err := CleanPhone(cell, "RU"); err == nil || strings.Contains(err.Error(), "916") || strings.Contains(err.Error(), "111") {
			t.Errorf("%q: %v", cell, err)
		}
	}
}

// However a spreadsheet writes a Russian mobile number, the number is the same.
func TestSpreadsheetsKeepTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subscriber := rapid.IntRange(9_160_000_000, 9_169_999_999).Draw(t, "subscriber")
		if subscriber%1000 == 0 { // three lost zeros are too many to be sure
			subscriber++
		}
		n := 70_000_000_000 + subscriber
		want := fmt.Sprintf("+%d", n)
		s := fmt.Sprint(subscriber)
		for _, cell := range []string{fmt.Sprint(n), fmt.Sprintf("%d.0", n), "8" + s, s,
			fmt.Sprintf("8 (%s) %s-%s-%s", s[:3], s[3:6], s[6:8], s[8:]),
			fmt.Sprintf("%.10E", float64(n)), strings.Replace(fmt.Sprintf("%.10E", float64(n)), ".", ",", 1)} {
			if got, err := CleanPhone(cell, "RU"); err != nil || got.E164 != want {
				t.Fatalf("%q: got %q, %v; want %q", cell, got.E164, err, want)
			}
		}
	})
}

func TestParseZone(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", " ": "",
		"Europe/Moscow": "Europe/Moscow", " Asia/Omsk ": "Asia/Omsk",
		"МСК": "Europe/Moscow", "мск+2": "Asia/Yekaterinburg", "МСК + 7": "Asia/Vladivostok", "MSK-1": "Europe/Kaliningrad", "МСК+9": "Asia/Kamchatka",
		"+03:00": "Etc/GMT-3", "UTC+3": "Etc/GMT-3", "GMT-05:00": "Etc/GMT+5", "+0000": "Etc/UTC", "UTC": "Etc/UTC", "−05:00": "Etc/GMT+5",
		"+5:30": "Asia/Kolkata", "+05:45": "Asia/Kathmandu",
	} {
		if got, err := ParseZone(cell); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", cell, got, err, want)
		}
	}
	for _, cell := range []string{"Local", "../../etc/passwd", "Europe/Moskow", "МСК+99", "МСК2", "+15", "-13", "+05:17", "3", "вчера", strings.Repeat("A/", 50)} {
		if got, err := ParseZone(cell); err == nil {
			t.Errorf("%q: got %q, want an error", cell, got)
		}
	}
}

func FuzzCleanPhone(f *testing.F) {
	for _, s := range []string{"89161234567", "7.9E+10", "8 (916) 123-45-67 доб. 1", "+", "E", "\xff\xfe", "tel:", "'''", "０１２３", "1e99999"} {
		f.Add(s, "RU")
	}
	f.Add("020 7946 0958", "GB")
	f.Add("1", "??")
	f.Fuzz(func(t *testing.T, cell, region string) {
		got, err := CleanPhone(cell, region)
		if err != nil {
			if got.E164 != "" {
				t.Fatalf("%q: an error and a number", cell)
			}
			return
		}
		if len(got.E164) < 6 || len(got.E164) > 18 || got.E164[0] != '+' || strings.Trim(got.E164[1:], "0123456789") != "" {
			t.Fatalf("%q: %q is not E.164", cell, got.E164)
		}
		if again, err := CleanPhone(got.E164, region); err != nil || again.E164 != got.E164 {
			t.Fatalf("%q: %q becomes %q, %v", cell, got.E164, again.E164, err)
		}
	})
}

func FuzzParseZone(f *testing.F) {
	for _, s := range []string{"МСК+2", "+03:00", "Europe/Moscow", "../x", "\x00", "UTC-12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		zone, err := ParseZone(cell)
		if err != nil || zone == "" {
			return
		}
		if again, err := ParseZone(zone); err != nil || again != zone {
			t.Fatalf("%q gives %q, which gives %q, %v", cell, zone, again, err)
		}
	})
}
