package sip

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// Registrar makes the endpoint the registrar of operators' phones (RFC 3261
// section 10), so that they need no PBX. Its functions are called on one
// goroutine and must not block.
type Registrar struct {
	Realm      string                           // shown to the user of a phone; empty: "dozvon"
	Password   func(user string) (string, bool) // of an account; false: there is none
	Changed    func(user string, devices int)   // an account has so many phones now; may be nil
	MaxDevices int                              // of one account; 0: 5
	MinExpires time.Duration                    // shortest registration; 0: 60 s
	MaxExpires time.Duration                    // longest registration; 0: 1 h
}

// Devices returns the phones that are registered for an account, the last
// refreshed one first.
func (e *Endpoint) Devices(user string) []Device {
	if e.guard.registrar == nil {
		return nil
	}
	all := *e.guard.registrar.seen.Load()
	return append([]Device(nil), all[user]...)
}

// registrar is the shell around porter and bindings: one goroutine, one queue.
type registrar struct {
	conf  Registrar
	guard *guard
	queue chan any // application or parting
	stop  chan struct{}
	over  chan struct{}
	seen  atomic.Pointer[map[string][]Device] // for readers

	// Owned by run.
	porter *porter
	table  bindings
	count  map[string]int // phones of each account, as told last
}

// application is a REGISTER that waits for its answer.
type application struct {
	order
	src       netip.AddrPort
	transport string
	answer    func(refused)
}

// parting is a connection that is gone.
type parting struct {
	transport string
	source    netip.AddrPort
}

func newRegistrar(c Registrar, g *guard) *registrar {
	if c.Realm = strings.Map(plainText, cleanText(c.Realm, 64)); c.Realm == "" {
		c.Realm = "dozvon"
	}
	if c.MaxDevices <= 0 {
		c.MaxDevices = 5
	}
	if c.MinExpires <= 0 {
		c.MinExpires = time.Minute
	}
	if c.MaxExpires <= 0 {
		c.MaxExpires = time.Hour
	}
	if c.Password == nil {
		c.Password = func(string) (string, bool) { return "", false }
	}
	r := &registrar{conf: c, guard: g, queue: make(chan any, 256), stop: make(chan struct{}), over: make(chan struct{}),
		porter: newPorter(c.Realm, c.Password), count: map[string]int{},
		table: bindings{max: c.MaxDevices, min: c.MinExpires, most: max(c.MaxExpires, c.MinExpires)}}
	r.seen.Store(&map[string][]Device{})
	return r
}

// plainText drops what would need an escape in a realm.
func plainText(r rune) rune {
	if r == '"' || r == '\\' {
		return -1
	}
	return r
}

// ask queues a REGISTER. If too many wait, it is dropped: the phone sends it
// again.
func (r *registrar) ask(a application) bool {
	select {
	case r.queue <- a:
		return true
	default:
		return false
	}
}

// lost tells that a connection is gone. It waits for room in the queue, as
// this must not get lost.
func (r *registrar) lost(transport string, source netip.AddrPort) {
	select {
	case r.queue <- parting{transport, source}:
	case <-r.stop:
	}
}

func (r *registrar) close() {
	close(r.stop)
	<-r.over
}

// run is the registrar's goroutine.
func (r *registrar) run() {
	defer close(r.over)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-r.stop:
			return
		case item := <-r.queue:
			switch item := item.(type) {
			case application:
				r.handle(time.Now(), &item)
			case parting:
				r.changed(r.table.lost(item.transport, item.source))
			}
		case <-timer.C:
			r.changed(r.table.expire(time.Now()))
		}
		if next := r.table.next(); next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(next))
		}
	}
}

// handle answers one REGISTER.
func (r *registrar) handle(now time.Time, a *application) {
	pass, no, ok := r.porter.check(now, &a.order, a.src)
	switch {
	case ok && pass.again:
		a.answer(pass.use.answer)
	case ok:
		no = r.admit(now, a, pass.user)
		pass.use.answer = no
		a.answer(no)
	case !pass.silent:
		a.answer(no)
	default:
		a.answer(refused{}) // nothing is sent
	}
}

// admit does what an account's own REGISTER asks for.
func (r *registrar) admit(now time.Time, a *application, user string) refused {
	if to, err := plainURI(a.to.uri); err != nil || to.User != user {
		return refused{code: 403, reason: "Only For The Account's Own Address"} // no third-party registration
	}
	if r.guard.ours(a.src) {
		return refused{code: 403, reason: "A Trunk Registers No Phone"}
	}
	reg, no := r.read(a, user)
	if no.code != 0 {
		return no
	}
	no, changed := r.table.apply(now, reg)
	if no.code != 200 {
		return no
	}
	if changed {
		r.changed([]string{user})
	} else {
		r.publish()
	}
	return r.listing(now, no, user)
}

// read takes the bindings that a REGISTER asks for (section 10.3 steps 6 and
// 7).
func (r *registrar) read(a *application, user string) (registration, refused) {
	agent, _ := a.get("user-agent")
	reg := registration{user: user, callID: a.callID, seq: a.seq, source: a.src, transport: a.transport, agent: cleanText(agent, 64)}
	usual, list := r.conf.MaxExpires, a.list("contact")
	v, given := a.get("expires")
	if given > 0 {
		n, _ := readNumber(v, 1<<32-1) // inspected
		usual = time.Duration(n) * time.Second
	}
	for _, one := range list {
		if one == "*" {
			if len(list) != 1 || given == 0 || usual != 0 {
				return reg, bad("Contact * Needs Expires 0")
			}
			reg.all = true
			return reg, refused{}
		}
		w, no := r.contact(one, usual)
		if no.code != 0 {
			return reg, no
		}
		reg.contacts = append(reg.contacts, w)
	}
	return reg, refused{}
}

// contact reads one Contact. One that points to a trunk or to ourselves is
// refused: a call to a phone must never become a call through a trunk.
func (r *registrar) contact(s string, usual time.Duration) (wanted, refused) {
	c, ok := readAddress(s)
	w := wanted{expires: usual}
	u, err := plainURI(c.uri)
	scheme := uriScheme(c.uri)
	if !ok || err != nil || scheme != "sip" && scheme != "sips" || !safeURI(&u) {
		return w, bad("Contact Can't Be Called")
	}
	u.Headers, u.Password = nil, ""
	transport, _ := u.UriParams.Get("transport")
	if at, lit := literal(&u, strings.ToLower(transport)); u.UriParams.Has("maddr") || lit && r.guard.ours(at) {
		return w, refused{code: 403, reason: "Contact Is No Phone"}
	}
	w.uri = u
	if v, ok := c.param("+sip.instance"); ok && len(v) <= 128 {
		w.instance = v
	}
	if v, ok := c.param("expires"); ok {
		n, _ := readNumber(v, 1<<32-1) // inspected
		w.expires = time.Duration(n) * time.Second
	}
	return w, refused{}
}

// listing is the 200 with all bindings of the account (step 8).
func (r *registrar) listing(now time.Time, yes refused, user string) refused {
	for _, b := range r.table.by[user] {
		left := b.Until.Sub(now).Round(time.Second)
		yes.headers = append(yes.headers, gosip.NewHeader("Contact", fmt.Sprintf("<%s>;expires=%s", b.URI, seconds(left))))
	}
	yes.headers = append(yes.headers, gosip.NewHeader("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
	return yes
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// changed publishes the table and tells about accounts.
func (r *registrar) changed(users []string) {
	if len(users) == 0 {
		return
	}
	r.publish()
	for _, user := range users {
		n := len(r.table.by[user])
		if r.count[user] != n && r.conf.Changed != nil {
			r.conf.Changed(user, n)
		}
		if r.count[user] = n; n == 0 {
			delete(r.count, user)
		}
	}
}

// publish lets readers see the table.
func (r *registrar) publish() {
	all, sources := r.table.devices()
	r.seen.Store(&all)
	r.guard.settle(sources)
	n := 0
	for _, list := range all {
		n += len(list)
	}
	atomic.StoreInt64(&r.guard.news.Devices, int64(n))
}
