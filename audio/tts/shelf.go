package tts

import (
	"container/list"

	"dozvon/audio"
)

// shelf keeps the clips used last, up to a number of samples.
type shelf struct {
	room  int
	used  int
	order *list.List // of spot, the one used last in front
	by    map[Prompt]*list.Element
}

type spot struct {
	prompt Prompt
	clip   *audio.Clip
}

func newShelf(room int) *shelf {
	return &shelf{room: room, order: list.New(), by: map[Prompt]*list.Element{}}
}

func (s *shelf) get(p Prompt) *audio.Clip {
	e := s.by[p]
	if e == nil {
		return nil
	}
	s.order.MoveToFront(e)
	return e.Value.(spot).clip
}

func (s *shelf) put(p Prompt, c *audio.Clip) {
	if s.by[p] != nil {
		return
	}
	s.by[p] = s.order.PushFront(spot{p, c})
	s.used += c.Len()
	for s.used > s.room && s.order.Len() > 1 {
		old := s.order.Back()
		s.order.Remove(old)
		delete(s.by, old.Value.(spot).prompt)
		s.used -= old.Value.(spot).clip.Len()
	}
}
