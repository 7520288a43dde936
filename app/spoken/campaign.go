package spoken

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"dozvon/app"
	"dozvon/sip/siptest"
)

// columns are the values of every lead, for which the shipped scenarios have
// their sentences spoken: the first row of their own base.
var columns = map[string][][2]string{
	"lead-verification": {{"Имя", "Иван"}, {"Сумма", "30 000"}},
	"cold-base":         {{"Имя", "Иван"}, {"Лимит", "50 000"}, {"Действует до", "31.12.2026"}},
	"meeting-reminder":  {{"Имя", "Иван"}, {"Дата встречи", "15.12.2026"}, {"Время встречи", "10:00"}, {"Адрес", "проспект Мира, дом 12"}},
}

// names are the scenarios' own names of these columns.
var names = map[string]map[string]string{
	"lead-verification": {"name": "Иван", "amount": "30 000"},
	"cold-base":         {"name": "Иван", "amount": "50 000", "until": "31.12.2026"},
	"meeting-reminder":  {"name": "Иван", "date": "15.12.2026", "time": "10:00", "place": "проспект Мира, дом 12"},
}

// perform calls everybody, all scenarios at once, each as a program of its own
// would: from a base and a configuration to the files of results.
func perform(ctx context.Context, dir string, all []person, server *siptest.Server, lines int) error {
	var wg sync.WaitGroup
	faults := make([]error, len(scenarioNames))
	for i, name := range scenarioNames {
		wg.Go(func() {
			if err := campaign(ctx, filepath.Join(dir, name), name, all, server, max(1, lines/len(scenarioNames))); err != nil {
				faults[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(faults...)
}

func campaign(ctx context.Context, dir, name string, all []person, server *siptest.Server, lines int) error {
	rows := [][]string{{"Телефон"}}
	for _, c := range columns[name] {
		rows[0] = append(rows[0], c[0])
	}
	for _, p := range all {
		if p.scenario != name {
			continue
		}
		row := []string{p.phone}
		for _, c := range columns[name] {
			row = append(row, c[1])
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var base bytes.Buffer
	if err := csv.NewWriter(&base).WriteAll(rows); err != nil {
		return err
	}
	config := filepath.Join(dir, "dozvon.yaml")
	err := errors.Join(os.WriteFile(filepath.Join(dir, "base.csv"), base.Bytes(), 0o600), os.WriteFile(config, []byte(settings(name, server)), 0o600))
	if err != nil {
		return err
	}
	var said bytes.Buffer
	err = app.Run(ctx, app.RunOptions{
		Scenario: name, Base: filepath.Join(dir, "base.csv"), Config: config, Lines: lines, CPS: 20, Progress: "plain", FastForward: true,
		DB: filepath.Join(dir, "campaign.db"), Out: filepath.Join(dir, "out"), Region: "RU", Env: os.LookupEnv,
	}, io.Discard, &said)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	return nil
}

// settings is the configuration: a trunk, operators, a file of events. What
// hears is left as it is by default.
func settings(name string, server *siptest.Server) string {
	var b strings.Builder
	b.WriteString("sip: {listen: \"127.0.0.1:0\"}\nlog: {level: warn}\nsms: {file: sms.jsonl}\nwebhooks: [{file: events.jsonl}]\n")
	fmt.Fprintf(&b, "trunks: [{name: far, uri: %q, caller_id: \"+74950000000\"}]\noperators:\n  managers:\n    addresses:\n", server.URI("dozvon"))
	for i := range operators {
		fmt.Fprintf(&b, "      - %q\n", server.URI(operatorName(name, i)))
	}
	return b.String()
}
