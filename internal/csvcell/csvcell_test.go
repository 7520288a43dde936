package csvcell

import "testing"

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Иван": "Иван", "-5": "-5", "+7 (916) 123-45-67": "+7 (916) 123-45-67", "-1250,50": "-1250,50",
		"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+A1": "'-2+A1", "\t=1": "'\t=1", "a=1": "a=1",
	} {
		if got := Harmless(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
