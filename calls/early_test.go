package calls

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// TestEarlyMediaIsRecorded: what the network says before an answer is kept
// where no person answered, the far end left; where one did, it is not.
func TestEarlyMediaIsRecorded(t *testing.T) {
	t.Parallel()
	early := phonesim.Profile{Ring: 300 * time.Millisecond, Early: true, Steps: []phonesim.Step{hears, presses("2")}}
	for name, c := range map[string]struct {
		profile  phonesim.Profile
		scenario string
		want     dialer.Disposition
		kept     bool
	}{
		"announcement": {kind(phonesim.Announcement), job, dialer.Unreachable, true},
		"not recorded": {kind(phonesim.Announcement), edited(t, "record: true", "record: false"), dialer.Unreachable, false},
		"a person":     {early, job, dialer.Answered, false},
		"no early":     {kind(phonesim.Busy), job, dialer.Busy, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{people: people(c.profile), scenario: c.scenario})
			id := r.place(number)
			if res := r.result(id); res.Disposition != c.want {
				t.Fatalf("%+v", res)
			}
			r.close()
			path := filepath.Join(r.dir, EarlyRecording(id))
			_, err := os.Stat(path)
			if kept := !errors.Is(err, fs.ErrNotExist); kept != c.kept {
				t.Fatalf("kept %v, want %v (%v)", kept, c.kept, err)
			}
			if !c.kept {
				return
			}
			far, robot := readStereo(t, path)
			if audio.RMS(far) < 300 || audio.RMS(robot) > 20 {
				t.Errorf("%g of the announcement, %g of ourselves", audio.RMS(far), audio.RMS(robot))
			}
		})
	}
}
