package scenarios

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"dozvon/dialer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is the smallest useful scenario; tests change parts of it.
const small = `name: small
language: ru
purpose: service
lead:
  name: {type: name, example: Анна}
  amount: {type: money, example: "50000"}
window: {hours: "10:00-20:00", zone: Europe/Moscow}
retry:
  total: 5
  rules:
    - {on: [no_answer, busy], days: [{attempts: 3, every: 2h}, {attempts: 2, every: 3h}], finish: missed}
lists: {yes: Да, no: Нет, missed: Мимо}
music: {hold: hold.wav}
dialogue:
  hello:
    - say: "Здравствуйте, {{name}}!"
    - ask:
        say: "Да или нет?"
        answers:
          yes: {keys: 1, words: [да], go: connect}
          no: {keys: [2, 3], words: [нет], go: [{finish: "no"}]}
        wait: 5s
        repeat: 1
        silent: "Не слышу."
        wrong: "Не понял."
        nothing: later
  connect:
    - bridge: {to: managers, music: hold, whisper: "Клиент {{name}}.", nobody: later}
    - sms: "{{name}}, спасибо"
    - finish: "yes"
  later:
    - task: "Перезвонить {{name}}"
    - callback: {in: 2h, say: "Перезвоним."}
hangup:
  - finish: "no"
`

var audioFiles = fstest.MapFS{"hold.wav": {Data: []byte("RIFF")}, "hello.wav": {Data: []byte("RIFF")}, "notes.txt": {Data: []byte("x")}, "dir.wav/x": {Data: []byte("x")}}

func parseText(text string) (*Scenario, error) { return parse([]byte(text), "s.yaml", audioFiles) }

func mustParse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := parseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// edit replaces a part of small, which must be there.
func edit(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(small, old) {
		t.Fatalf("small holds no %q", old)
	}
	return strings.Replace(small, old, new, 1)
}

func faultsOf(t *testing.T, text string) Faults {
	t.Helper()
	_, err := parseText(text)
	var faults Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("the error is %T: %v", err, err)
	}
	return faults
}

var anna = dialer.Lead{ID: 7, Phone: "+79990000001", Zone: "Europe/Moscow", Columns: map[string]string{"name": "Анна", "amount": "50000"}}

// noon is a working moment in Moscow.
var noon = time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC)
