package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"dozvon/dialer"
	"dozvon/store"
)

const mixedBase = "Имя;Телефон;Сумма\n" +
	"Иван;8 (916) 123-45-01;1000\n" + // line 2
	"Ольга;123;2000\n" + // too short
	"Пётр;+79161234501;3000\n" + // the same as line 2
	"Анна;89161234502;=1+1\n" +
	"\"Ева\nМария\";89161234503;\n" + // lines 6 and 7
	";89161234504;5\n" + // the scenario refuses it
	"Яна;89161234505;1250,50;5\n" + // too wide
	"Лев;89161234506;7\n" // do-not-call

func wantColumns(spec *store.ImportSpec) {
	spec.Columns = scenarioColumns
	spec.CheckRow = func(columns map[string]string) error {
		if columns["name"] == "" {
			return errors.New("name is empty")
		}
		return nil
	}
}

func importBase(t *testing.T, open Open) {
	s := open(t, store.Options{})
	get(s.AddDNC(bg, store.Entry{Phone: "+79161234506", Reason: "asked"}))(t)
	var last store.Progress
	r := importText(t, s, mixedBase, wantColumns, func(spec *store.ImportSpec) { spec.Progress = func(p store.Progress) { last = p } })
	if r.Rows != 8 || r.Accepted != 3 || r.Rejected != 5 || r.Known != 0 || r.Format.Delimiter != ";" || r.Mapping["name"] != "Имя" || len(r.Fingerprint) != 64 {
		t.Fatalf("%+v", r)
	}
	want := map[string]int{store.RejectPhone: 1, store.RejectDuplicate: 1, store.RejectRow: 2, store.RejectDNC: 1}
	if !maps.Equal(r.Reasons, want) {
		t.Fatalf("%v", r.Reasons)
	}
	if size := int64(len(mixedBase)); last != (store.Progress{Bytes: size, Total: size, Rows: 8, Rejected: 5}) {
		t.Fatalf("%+v", last)
	}
	leads := get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t)
	if l := leads[2]; l.Columns["name"] != "Ева\nМария" || l.Phone != "+79161234503" || l.Zone != "Europe/Moscow" || !l.NextAt.Equal(t0) {
		t.Fatalf("%+v", l)
	}
	// Another base with a number of the campaign, and one that is new.
	r = importText(t, s, "phone,name\n89161234502,Анна\n89161234599,Зоя\n")
	if r.Accepted != 1 || r.Reasons[store.RejectDuplicate] != 1 {
		t.Fatalf("%+v", r)
	}
}

func importAgain(t *testing.T, open Open) {
	s := open(t, store.Options{})
	first := importText(t, s, mixedBase, wantColumns)
	l, a := place(t, s, get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t)[0], t0)
	end(t, s, l, a, at(time.Minute), dialer.Answered, "yes")
	again := importText(t, s, mixedBase, wantColumns)
	if again.Accepted != 0 || again.Known != first.Accepted || again.Rejected != first.Rejected || again.Base != first.Base || !maps.Equal(again.Reasons, first.Reasons) {
		t.Fatalf("first %+v, again %+v", first, again)
	}
	if got := get(s.Totals(bg, "c"))(t); got.Leads != first.Accepted || got.Rejected != first.Rejected || got.Lists["yes"] != 1 {
		t.Fatalf("%+v", got)
	}
	// A lead that joined the do-not-call list meanwhile is known all the same.
	get(s.AddDNC(bg, store.Entry{Phone: "+79161234502"}))(t)
	if r := importText(t, s, mixedBase, wantColumns); r.Known != first.Known+first.Accepted || r.Reasons[store.RejectDNC] != 0 {
		t.Fatalf("%+v", r)
	}
	// A number that left the do-not-call list comes in with the next run.
	get(s.AddDNC(bg, store.Entry{Phone: "+79161234600"}))(t)
	const other = "phone\n89161234600\n89161234601\n"
	if r := importText(t, s, other); r.Accepted != 1 || r.Reasons[store.RejectDNC] != 1 {
		t.Fatalf("%+v", r)
	}
	get(s.RemoveDNC(bg, "+79161234600"))(t)
	if r := importText(t, s, other); r.Accepted != 1 || r.Known != 1 || r.Rejected != 0 {
		t.Fatalf("%+v", r)
	}
	// In another campaign the base is new.
	if r := importText(t, s, other, func(spec *store.ImportSpec) { spec.Campaign = "d" }); r.Accepted != 2 {
		t.Fatalf("%+v", r)
	}
}

func importZones(t *testing.T, open Open) {
	s := open(t, store.Options{})
	r := importText(t, s, "phone,Часовой пояс,external_id\n"+
		"+74951234567,МСК+2,a\n"+ // the column wins
		"+74012345678,,b\n"+ // the number tells
		"+78005553535,,c\n"+ // nothing tells
		"+74951234568,вчера,d\n"+
		"+74951234569,,a\n", // external id used
		func(spec *store.ImportSpec) { spec.DefaultZone = "Asia/Omsk" })
	if r.Accepted != 3 || r.Reasons[store.RejectZone] != 1 || r.Reasons[store.RejectDuplicate] != 1 {
		t.Fatalf("%+v", r)
	}
	var zones []string
	for _, l := range get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t) {
		zones = append(zones, l.Zone+" "+l.ExternalID)
	}
	if want := []string{"Asia/Yekaterinburg a", "Europe/Kaliningrad b", "Asia/Omsk c"}; !slices.Equal(zones, want) {
		t.Fatalf("%q", zones)
	}
}

// importWorkbook: numbers that a spreadsheet shows as 7.92E+10 are read whole.
func importWorkbook(t *testing.T, open Open) {
	s := open(t, store.Options{})
	book := excelize.NewFile()
	defer book.Close()
	for cell, v := range map[string]any{"A1": "Имя", "B1": "Телефон", "A2": "Иван", "B2": 79161234501.0, "A3": "Ольга", "B3": 79161234502.0,
		"A4": "Пётр", "B4": "8 (916) 123-45-03", "A6": "Анна", "B6": 12} {
		must(t, book.SetCellValue("Sheet1", cell, v))
	}
	scientific := get(book.NewStyle(&excelize.Style{NumFmt: 11}))(t)
	must(t, book.SetCellStyle("Sheet1", "B3", "B3", scientific))
	path := filepath.Join(t.TempDir(), "base.xlsx")
	must(t, book.SaveAs(path))
	for range 2 {
		r := get(s.Import(bg, store.ImportSpec{Campaign: "c", File: path, Columns: scenarioColumns, DefaultZone: "Europe/Moscow"}))(t)
		if r.Rows != 4 || r.Accepted+r.Known != 3 || r.Reasons[store.RejectPhone] != 1 || r.Format.Kind != "xlsx" {
			t.Fatalf("%+v", r)
		}
	}
	for i, l := range get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t) {
		if l.Phone != fmt.Sprintf("+7916123450%d", i+1) {
			t.Errorf("%+v", l)
		}
	}
}

// importRefuses: a base that can't be imported says what and where, and
// leaves nothing behind.
func importRefuses(t *testing.T, open Open) {
	s := open(t, store.Options{})
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, c := range map[string]struct {
		path string
		says []string
	}{
		"wrong header": {file("w.csv", "Имя,Договор\nИван,A-17\n"), []string{"w.csv", `"Имя", "Договор"`, "--map phone="}},
		"missing":      {file("m.csv", "Телефон\n89161234567\n"), []string{"m.csv", "name", "--map name="}},
		"empty":        {file("e.csv", ""), []string{"e.csv", "empty"}},
		"blank":        {file("b.csv", "\n ,\n\n"), []string{"b.csv", "empty"}},
		"titles only":  {file("t.csv", "phone,name\n"), []string{"t.csv", "no rows"}},
		"old excel":    {file("o.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), []string{"o.xls", ".xlsx"}},
		"binary":       {file("x.bin", "\x00\x01\x02"), []string{"x.bin", "CSV"}},
		"workbook":     {file("z.xlsx", "PK\x03\x04broken"), []string{"z.xlsx", "save it"}},
		"absent":       {filepath.Join(dir, "absent.csv"), []string{"absent.csv", "no file"}},
		"folder":       {dir, []string{dir, "folder"}},
	} {
		_, err := s.Import(bg, store.ImportSpec{Campaign: "c", File: c.path, Columns: scenarioColumns})
		wantErr(t, err, store.ErrBase)
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
	if all := get(s.Campaigns(bg))(t); len(all) != 0 {
		t.Fatalf("something was left behind: %+v", all)
	}
	_, err := s.Import(bg, store.ImportSpec{Campaign: "c"})
	wantErr(t, err, store.ErrWrongUse)
}

// importCancelled breaks an import off and runs it again: the result is that
// of one run.
func importCancelled(t *testing.T, open Open) {
	s := open(t, store.Options{})
	const rows = 9000
	var b strings.Builder
	b.WriteString("phone\n")
	for i := range rows {
		fmt.Fprintf(&b, "+7916%07d\n", i)
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	r, err := s.Import(ctx, store.ImportSpec{Campaign: "c", Reader: strings.NewReader(b.String()), DefaultZone: "Europe/Moscow",
		Progress: func(store.Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) || r.Accepted == 0 || r.Accepted == rows {
		t.Fatalf("%+v, %v", r, err)
	}
	again := importText(t, s, b.String())
	if again.Known != r.Accepted || again.Known+again.Accepted != rows || again.Rejected != 0 {
		t.Fatalf("%+v after %+v", again, r)
	}
}

func push(t *testing.T, open Open) {
	s := open(t, store.Options{})
	_, err := s.Push(bg, "c", []store.NewLead{{Phone: "+79161234567"}}, "", t0)
	wantErr(t, err, store.ErrNotFound)
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Zone: "Asia/Omsk"}, t0))
	get(s.AddDNC(bg, store.Entry{Phone: "+79161234509"}))(t)
	res := get(s.Push(bg, "c", []store.NewLead{
		{Phone: "8 916 123-45-01", ExternalID: "e1", Columns: map[string]string{"name": "Иван"}},
		{Phone: "89161234502", ExternalID: "e1"},
		{Phone: "89161234501", ExternalID: "e2"},
		{Phone: "89161234509"},
		{Phone: "12"},
		{Phone: "89161234503", Zone: "вчера"},
		{Phone: "89161234504", Fault: "amount is missing"},
		{Phone: "88005553535", NextAt: at(time.Hour), Promised: true},
		{Phone: "89161234505", ExternalID: strings.Repeat("x", 1000)},
	}, "", t0))(t)
	want := []store.PushStatus{store.PushAccepted, store.PushDuplicate, store.PushDuplicate, store.PushSuppressed, store.PushInvalid,
		store.PushInvalid, store.PushInvalid, store.PushAccepted, store.PushInvalid}
	for i, r := range res {
		if r.Status != want[i] || (r.Reason == "") != (r.Status == store.PushAccepted) {
			t.Errorf("%d: %+v, want %s", i, r, want[i])
		}
	}
	if res[1].Lead != res[0].Lead || res[2].Lead != res[0].Lead {
		t.Errorf("duplicates name another lead: %+v", res[:3])
	}
	l := get(s.Lead(bg, res[0].Lead))(t)
	if l.Columns["name"] != "Иван" || l.ExternalID != "e1" || l.Zone != "Europe/Moscow" || !l.NextAt.Equal(t0) {
		t.Fatalf("%+v", l)
	}
	if p := get(s.Lead(bg, res[7].Lead))(t); p.Zone != "Asia/Omsk" || !p.Promised || !p.NextAt.Equal(at(time.Hour)) {
		t.Fatalf("%+v", p)
	}
	// A number whose lead has ended may come again under another id.
	l, a := place(t, s, l, t0)
	end(t, s, l, a, at(time.Minute), dialer.Answered, "yes")
	res = get(s.Push(bg, "c", []store.NewLead{{Phone: "89161234501", ExternalID: "e3"}, {Phone: "89161234501"}}, "", t0))(t)
	if res[0].Status != store.PushAccepted || res[1].Status != store.PushDuplicate {
		t.Fatalf("%+v", res)
	}
	_, err = s.Push(bg, "c", make([]store.NewLead, 10_001), "", t0)
	wantErr(t, err, store.ErrWrongUse)
}

func pushIdempotent(t *testing.T, open Open) {
	s := open(t, store.Options{})
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Zone: "Europe/Moscow"}, t0))
	leads := []store.NewLead{{Phone: "89161234501"}, {Phone: "1"}}
	first := get(s.Push(bg, "c", leads, "key", t0))(t)
	again := get(s.Push(bg, "c", leads, "key", at(time.Hour)))(t)
	if !slices.Equal(first, again) || first[0].Status != store.PushAccepted {
		t.Fatalf("first %+v, again %+v", first, again)
	}
	_, err := s.Push(bg, "c", leads[:1], "key", at(time.Hour))
	wantErr(t, err, store.ErrKeyReused)
	late := get(s.Push(bg, "c", leads, "other", at(time.Hour)))(t)
	if late[0].Status != store.PushDuplicate {
		t.Fatalf("%+v", late)
	}
	get(s.Push(bg, "c", leads[:1], "third", at(8*24*time.Hour)))(t) // old keys are forgotten meanwhile
	if r := get(s.Push(bg, "c", leads[:1], "key", at(8*24*time.Hour)))(t); r[0].Status != store.PushDuplicate {
		t.Fatalf("%+v", r)
	}
}

func dnc(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	e := store.Entry{Phone: leads[0].Phone, Reason: "asked", Source: "operator", AddedAt: t0}
	if n := get(s.AddDNC(bg, e, e))(t); n != 1 {
		t.Fatalf("%d suppressed", n)
	}
	if l := get(s.Lead(bg, leads[0].ID))(t); l.State != dialer.LeadSuppressed || l.List != store.SuppressedList {
		t.Fatalf("%+v", l)
	}
	get(s.AddDNC(bg, store.Entry{Phone: e.Phone, Reason: "later"}))(t) // the first entry stays
	if got, found, err := s.DNC(bg, e.Phone); err != nil || !found || got != e {
		t.Fatalf("%+v %v %v", got, found, err)
	}
	get(s.AddDNC(bg, store.Entry{Phone: "+79990000000"}))(t)
	if list := get(s.ListDNC(bg, e.Phone, 10))(t); len(list) != 1 || get(s.CountDNC(bg))(t) != 2 {
		t.Fatalf("%+v", list)
	}
	if !get(s.RemoveDNC(bg, e.Phone))(t) || get(s.RemoveDNC(bg, e.Phone))(t) {
		t.Fatal("removed what was not there, or did not remove what was")
	}
	_, err := s.AddDNC(bg, store.Entry{Phone: "89161234567"})
	wantErr(t, err, store.ErrWrongUse)
}

func dncWhileDialling(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	l, a := place(t, s, leads[0], t0)
	l2, a2 := place(t, s, leads[1], t0)
	if n := get(s.AddDNC(bg, store.Entry{Phone: l.Phone}, store.Entry{Phone: l2.Phone}, store.Entry{Phone: leads[2].Phone}))(t); n != 1 {
		t.Fatalf("%d suppressed", n)
	}
	if got := end(t, s, l, a, at(time.Minute), dialer.NoAnswer, ""); got.State != dialer.LeadSuppressed || got.List != store.SuppressedList {
		t.Fatalf("%+v", got)
	}
	if got := end(t, s, l2, a2, at(time.Minute), dialer.Answered, "yes"); got.State != dialer.LeadDone || got.List != "yes" {
		t.Fatalf("%+v", got)
	}
	if due := get(s.Due(bg, "c", at(24*time.Hour), 9))(t); len(due.Leads) != 0 || due.Open != 0 {
		t.Fatalf("%+v", due)
	}
	// One that the engine still holds as ready can't be placed.
	err := s.Place(bg, []dialer.Place{{Attempt: dialer.Attempt{ID: 50, Number: 1, Placed: t0}, Lead: leads[2]}})
	var refused *store.RefusedError
	if !errors.As(err, &refused) || refused.States[0] != dialer.LeadSuppressed {
		t.Fatalf("%v", err)
	}
	// Nor does it come back when it is put off, even if its number has left the list.
	get(s.RemoveDNC(bg, leads[2].Phone))(t)
	late := leads[2]
	late.State, late.NextAt = dialer.LeadWaiting, at(time.Hour)
	must(t, s.Save(bg, []dialer.Save{{Lead: late}}))
	if got := get(s.Lead(bg, late.ID))(t); got.State != dialer.LeadSuppressed || got.List != store.SuppressedList {
		t.Fatalf("%+v", got)
	}
}

func dncImport(t *testing.T, open Open) {
	s := open(t, store.Options{})
	threeLeads(t, s)
	r := get(s.ImportDNC(bg, strings.NewReader("8 916 123-45-01\nнет\n+79990000000\n89161234501\n"), "RU", "file.txt", t0))(t)
	if r.Rows != 4 || r.Added != 2 || r.Suppressed != 1 || len(r.Rejected) != 1 || r.Rejected[0].Line != 2 {
		t.Fatalf("%+v", r)
	}
	_, err := s.ImportDNC(bg, strings.NewReader(""), "RU", "file.txt", t0)
	wantErr(t, err, store.ErrBase)
}
