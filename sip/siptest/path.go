package siptest

import (
	"hash/fnv"
	"net/netip"
	"strconv"

	"dozvon/internal/lossy"
)

// path is the way of a call's sound to and from the caller, on which some of
// it is lost.
type path struct {
	caller netip.AddrPort // where it ends
	relay  *lossy.Relay
}

func (p *path) close() {
	if p != nil {
		p.relay.Close()
	}
}

// lay makes the path that the profile asks for, anew when the caller has moved.
func (c *call) lay() *path {
	to := c.offer.addr
	if c.profile.Loss <= 0 || to.Port() == 0 || c.path != nil && c.path.caller == to {
		return c.path
	}
	fate := fnv.New64a()
	fate.Write([]byte(c.number + "/" + strconv.Itoa(c.nth)))
	relay, err := lossy.Start(lossy.Network{Loss: c.profile.Loss, Burst: c.profile.Burst, Seed: c.srv.cfg.Book.Seed ^ fate.Sum64()}, to, c.media.Local())
	if err != nil {
		c.srv.cfg.Log.Warn("a call's sound goes straight, nothing of it is lost", "err", err)
		return c.path
	}
	c.path.close()
	c.path = &path{caller: to, relay: relay}
	return c.path
}

// reach is where the caller sends its sound.
func (c *call) reach() netip.AddrPort {
	if p := c.lay(); p != nil {
		return p.relay.A()
	}
	return c.media.Local()
}

// farEnd is where our sound goes.
func (c *call) farEnd() netip.AddrPort {
	if p := c.lay(); p != nil {
		return p.relay.B()
	}
	return c.offer.addr
}
