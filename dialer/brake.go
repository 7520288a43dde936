package dialer

// setBrake stops placing, or lets it go on: with the promised leads, as ever.
func (e *Engine) setBrake(ev Brake) {
	e.brake = ev
	if !ev.On {
		e.brake.Why = ""
	}
}

// spare returns how many calls may leave now as far as the whole program goes:
// none while the brake is on, else what the ceiling leaves.
func (e *Engine) spare() int {
	if e.brake.On {
		return 0
	}
	return e.tally.free(e.ceiling.PerHour)
}
