package crm

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"dozvon/dialer"
)

// text is a delivery of a text message.
func text(phone, words string) Delivery {
	return Delivery{Key: "a1_sms_0_x", Kind: KindSMS, Body: encodeJSON(message{Campaign: "c",
		SMS: smsData{ID: "a1_sms_0_x", Phone: phone, Text: words}, Lead: leadData{ID: 5, Phone: phone}})}
}

func environment(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// transport is a gateway in memory: it keeps the request as it would leave.
type transport struct {
	request *http.Request
	body    string
	answer  func(*http.Request) (*http.Response, error)
}

func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var b strings.Builder
	if r.Body != nil {
		if _, err := fmt.Fprint(&b, readString(r)); err != nil {
			return nil, err
		}
	}
	tr.request, tr.body = r, b.String()
	if tr.answer != nil {
		return tr.answer(r)
	}
	rec := httptest.NewRecorder()
	rec.WriteHeader(200)
	return rec.Result(), nil
}

func readString(r *http.Request) string {
	var b strings.Builder
	buf := make([]byte, 512)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

func gateway(t testing.TB, c GatewayConfig) (*Gateway, *transport) {
	t.Helper()
	tr := &transport{}
	c.Transport = tr
	if c.Env == nil {
		c.Env = environment(map[string]string{"TOKEN": "s3cret&=", "BASE": "https://sms.example.org"})
	}
	g, err := NewGateway(c)
	if err != nil {
		t.Fatal(err)
	}
	return g, tr
}

func TestGatewayJSON(t *testing.T) {
	g, tr := gateway(t, GatewayConfig{URL: "${BASE}/v1/send", Headers: map[string]string{"authorization": "Bearer ${TOKEN}"},
		Body: `{"to": "{{phone}}", "digits": "{{ phone_digits }}", "text": "{{text}}", "ref": "{{id}}"}`})
	words := "Скидка \"90%\"\n\\ & <b>, {{phone}} ${TOKEN}"
	if a := g.Send(t.Context(), text("+79001234567", words)); a.Verdict != Sent {
		t.Fatalf("answer %+v", a)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(tr.body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"to": "+79001234567", "digits": "79001234567", "text": words, "ref": "a1_sms_0_x"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
	if tr.request.Method != "POST" || tr.request.Header.Get("Authorization") != "Bearer s3cret&=" ||
		tr.request.Header.Get("Content-Type") != "application/json" || tr.request.URL.String() != "https://sms.example.org/v1/send" {
		t.Errorf("request %s %s %v", tr.request.Method, tr.request.URL, tr.request.Header)
	}
}

func TestGatewayQuery(t *testing.T) {
	g, tr := gateway(t, GatewayConfig{URL: "https://sms.example.org/{{id}}/send?login=x&psw=${TOKEN}&phones={{phone}}&mes={{text}}#top"})
	words := "a&psw=1#frag é?/../ +%00"
	if a := g.Send(t.Context(), text("+79001234567", words)); a.Verdict != Sent {
		t.Fatalf("answer %+v", a)
	}
	want := url.Values{"login": {"x"}, "psw": {"s3cret&="}, "phones": {"+79001234567"}, "mes": {words}}
	if got := tr.request.URL.Query(); !reflect.DeepEqual(got, want) || tr.request.Method != "GET" || tr.body != "" {
		t.Errorf("%s %v %q, want %v", tr.request.Method, got, tr.body, want)
	}
}

// TestBaseInTheEnvironment: a value right after an address from the
// environment is escaped for the place where that address ends.
func TestBaseInTheEnvironment(t *testing.T) {
	for base, want := range map[string]string{
		"https://gw/send/": "https://gw/send/%2E%2E%2Fx%3Fy", "https://gw/?to=": "https://gw/?to=..%2Fx%3Fy",
	} {
		g, tr := gateway(t, GatewayConfig{URL: "${BASE}{{text}}", Env: environment(map[string]string{"BASE": base})})
		g.Send(t.Context(), text("+7900", "../x?y"))
		if got := tr.request.URL.String(); got != want {
			t.Errorf("address %s, want %s", got, want)
		}
	}
}

func TestGatewayFormAndXML(t *testing.T) {
	words := `a&b=<c> "d" 'e'` + "\r\nf"
	g, tr := gateway(t, GatewayConfig{URL: "https://sms.example.org", Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body: "to={{phone}}&text={{text}}"})
	g.Send(t.Context(), text("+7900", words))
	if got, err := url.ParseQuery(tr.body); err != nil || got.Get("text") != words || got.Get("to") != "+7900" || len(got) != 2 {
		t.Errorf("form %v, %v", got, err)
	}
	g, tr = gateway(t, GatewayConfig{URL: "https://sms.example.org", Headers: map[string]string{"Content-Type": "text/xml; charset=utf-8"},
		Body: `<sms to="{{phone}}"><text>{{text}}</text></sms>`})
	g.Send(t.Context(), text("+7900", words))
	var doc struct {
		To   string `xml:"to,attr"`
		Text string `xml:"text"`
	}
	if err := xml.Unmarshal([]byte(tr.body), &doc); err != nil || doc.Text != words || doc.To != "+7900" {
		t.Errorf("XML %+v, %v from %s", doc, err, tr.body)
	}
}

func TestGatewayFaults(t *testing.T) {
	for name, c := range map[string]GatewayConfig{
		"no address":             {},
		"scheme":                 {URL: "smpp://gw/"},
		"value in the host":      {URL: "https://{{phone_digits}}.example.org/"},
		"host is a value":        {URL: "https://{{text}}/send"},
		"scheme is a value":      {URL: "{{text}}"},
		"port is a value":        {URL: "https://gw:{{id}}/"},
		"unknown value":          {URL: "https://gw/?x={{name}}"},
		"not closed":             {URL: "https://gw/?x={{phone"},
		"no such variable":       {URL: "https://gw/?x=${ABSENT}"},
		"JSON without quotes":    {URL: "https://gw/", Body: `{"to": {{phone_digits}}}`},
		"broken JSON":            {URL: "https://gw/", Body: `{"to": "{{phone}}"`},
		"unknown type":           {URL: "https://gw/", Body: `{{text}}`, Headers: map[string]string{"Content-Type": "application/octet-stream"}},
		"header name":            {URL: "https://gw/", Headers: map[string]string{"X: a\r\nY": "b"}},
		"header with line break": {URL: "https://gw/", Headers: map[string]string{"X": "a\r\nY: b"}},
	} {
		c.Env = environment(nil)
		_, err := NewGateway(c)
		if err == nil {
			t.Errorf("%s: no fault was found", name)
		} else if !strings.HasPrefix(err.Error(), "sms.") {
			t.Errorf("%s: the error does not name the place: %v", name, err)
		}
	}
}

func TestGatewayAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   Verdict
	}{
		{200, `{"result":[{"code":0}]}`, Sent},
		{200, `{"result":[{"code":7,"why":"no money"}]}`, Again},
		{200, `{"result":[]}`, Again},
		{200, `{"result":{"code":0}}`, Again},
		{200, `{"result":[{"code":{}}]}`, Again},
		{200, `<html>`, Again}, {200, ``, Again}, {200, `[`, Again}, {200, `null`, Again},
		{400, `bad number`, Never}, {429, ``, Again}, {500, ``, Again}, {302, ``, Again},
	} {
		g, tr := gateway(t, GatewayConfig{URL: "https://gw/", SuccessPath: "result.0.code", SuccessIs: "0"})
		tr.answer = func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.WriteHeader(c.status)
			rec.WriteString(c.body)
			return rec.Result(), nil
		}
		if a := g.Send(t.Context(), text("+7900", "x")); a.Verdict != c.want || (a.Why == "") != (c.want == Sent) {
			t.Errorf("%d %s: answer %+v, want verdict %d", c.status, c.body, a, c.want)
		}
	}
	g, _ := gateway(t, GatewayConfig{URL: "https://gw/"})
	if a := g.Send(t.Context(), Delivery{Body: []byte("{")}); a.Verdict != Never {
		t.Errorf("a broken row: %+v", a)
	}
}

// FuzzGateway: no value breaks out of its place, in any of the places.
func FuzzGateway(f *testing.F) {
	for _, s := range []string{"", "hello", `"}, "to": "x`, "a\r\nX-Evil: 1", "&to=1", "../..", "..", ".", "%2e%2e/", "?x=1#y", "</text><to>1</to>",
		"\x00\xff\ufffe", "{{text}}", "${TOKEN}", "}}", "@evil.example.org/", "\\", "\u2028"} {
		f.Add(s, "+79001234567")
	}
	f.Fuzz(func(t *testing.T, words, phone string) {
		d := text(phone, words)
		m, err := readMessage(d)
		if err != nil {
			t.Fatal(err)
		}
		words, phone = m.SMS.Text, m.SMS.Phone // JSON has replaced bytes that are no UTF-8
		if !utf8.ValidString(words) {
			t.Fatal("not UTF-8")
		}
		checkInJSON(t, d, words, phone)
		checkInURL(t, d, words, phone)
		checkInForm(t, d, words, phone)
		checkInXML(t, d)
	})
}

func checkInJSON(t *testing.T, d Delivery, words, phone string) {
	g, tr := gateway(t, GatewayConfig{URL: "https://gw.example.org/", Headers: map[string]string{"X-To": "p {{phone}}", "X-Text": "{{text}}"},
		Body: `{"to":"{{phone}}","text":"{{text}}","fixed":"1"}`})
	if a := g.Send(t.Context(), d); a.Verdict != Sent {
		t.Fatalf("answer %+v", a)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(tr.body), &got); err != nil {
		t.Fatalf("no JSON: %v: %s", err, tr.body)
	}
	if want := map[string]string{"to": phone, "text": words, "fixed": "1"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("sent %v, want %v", got, want)
	}
	for name, values := range tr.request.Header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") || len(values) != 1 {
			t.Fatalf("header %s: %q", name, values)
		}
	}
	if len(tr.request.Header) != 4 { // X-To, X-Text, Content-Type, User-Agent
		t.Fatalf("headers %v", tr.request.Header)
	}
}

func checkInURL(t *testing.T, d Delivery, words, phone string) {
	g, tr := gateway(t, GatewayConfig{URL: "https://gw.example.org/send/{{text}}/to?p={{phone}}&t={{text}}"})
	if a := g.Send(t.Context(), d); a.Verdict != Sent {
		t.Fatalf("answer %+v", a)
	}
	u := tr.request.URL
	if want := (url.Values{"p": {phone}, "t": {words}}); u.Host != "gw.example.org" || u.Fragment != "" || !reflect.DeepEqual(u.Query(), want) {
		t.Fatalf("address %s", u)
	}
	if segments := strings.Split(u.EscapedPath(), "/"); len(segments) != 4 || segments[1] != "send" || segments[3] != "to" || segments[2] == ".." {
		t.Fatalf("path %q", u.EscapedPath())
	}
}

func checkInForm(t *testing.T, d Delivery, words, phone string) {
	g, tr := gateway(t, GatewayConfig{URL: "https://gw.example.org/", Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body: "p={{phone}}&t={{text}}"})
	g.Send(t.Context(), d)
	if got, err := url.ParseQuery(tr.body); err != nil || !reflect.DeepEqual(got, url.Values{"p": {phone}, "t": {words}}) {
		t.Fatalf("form %v, %v", got, err)
	}
}

func checkInXML(t *testing.T, d Delivery) {
	g, tr := gateway(t, GatewayConfig{URL: "https://gw.example.org/", Headers: map[string]string{"Content-Type": "application/xml"},
		Body: `<sms to="{{phone}}"><text>{{text}}</text></sms>`})
	g.Send(t.Context(), d)
	decoder := xml.NewDecoder(strings.NewReader(tr.body))
	elements := 0
	for {
		token, err := decoder.Token()
		if token == nil {
			if elements != 2 || err.Error() != "EOF" {
				t.Fatalf("XML with %d elements, %v: %s", elements, err, tr.body)
			}
			return
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}

// FuzzTemplate: templates from a configuration never crash, and one without
// marks comes out as it went in.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"", "plain", "{{phone}}", "${X}", "{{", "${", "{{}}", "a{{text}}b${X}c{{id}}", "{{ text }}", "}}${{{phone}}}"} {
		f.Add(s)
	}
	env := environment(map[string]string{"X": "{{phone}}"})
	f.Fuzz(func(t *testing.T, s string) {
		tpl, err := parseTemplate(s, env, func(string) func(string) string { return raw })
		if err != nil {
			return
		}
		got := tpl.fill(values{"phone": "1", "phone_digits": "1", "text": "${X}", "id": "3"})
		if !strings.Contains(s, "{{") && !strings.Contains(s, "${") && got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// TestEffectsReachTheGateway goes the whole way from a save to the wire.
func TestEffectsReachTheGateway(t *testing.T) {
	enc := fullEncoder()
	out := newMemory(enc.Encode(epoch, dialer.Save{Lead: dialer.Lead{ID: 1, Phone: "+79001234567"},
		Effects: []dialer.Effect{{Kind: dialer.EffectSMS, Text: "Ждём вас"}}})...)
	g, tr := gateway(t, GatewayConfig{URL: "https://gw/", Body: `{"m":"{{text}}"}`})
	start(t, WorkerConfig{Lane: Lane{Kind: KindSMS}, Outbox: out, Sender: g, Clock: newJumpClock(), Parallel: 1})
	out.wait(t, "the text is sent", ended)
	if tr.body != `{"m":"Ждём вас"}` {
		t.Errorf("sent %s", tr.body)
	}
}
