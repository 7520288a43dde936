package web

import (
	"context"
	"net/http"

	"dozvon/dialer"
)

// Announcement is a known announcement, as clients see it.
type Announcement struct {
	ID          string             `json:"id"`
	Label       string             `json:"label" doc:"off, invalid, busy, machine, or a word of one's own"`
	Disposition dialer.Disposition `json:"disposition" doc:"What it means for a call"`
	Name        string             `json:"name" doc:"Where it comes from"`
	Seconds     float64            `json:"seconds" doc:"How long it lasts"`
	Shipped     bool               `json:"shipped" doc:"It came with dozvon"`
}

// NewAnnouncement says what a recorded announcement means.
type NewAnnouncement struct {
	Label       string `json:"label" minLength:"1" maxLength:"32" doc:"off, invalid, busy, machine, or a word of one's own"`
	Disposition string `json:"disposition,omitempty" enum:"unreachable,invalid,busy,machine" doc:"What a word of one's own means for a call"`
	Name        string `json:"name,omitempty" maxLength:"120" doc:"For people; the attempt if absent"`
	Answer      bool   `json:"answer,omitempty" doc:"Learn from what came after the answer, even if something from before it is kept"`
}

// Announcements shows and teaches known announcements. An attempt without a
// recording and an unknown ID are ErrNotFound; what is known already is
// ErrConflict; a sound that can't be known again, and a label that makes no
// sense, are ErrInvalid.
type Announcements interface {
	Announcements(ctx context.Context) ([]Announcement, error)
	LearnAnnouncement(ctx context.Context, id dialer.AttemptID, n NewAnnouncement) (Announcement, error)
	RemoveAnnouncement(ctx context.Context, id string) error
}

type learnInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body NewAnnouncement
}

type announcementInput struct {
	ID string `path:"id" minLength:"1" maxLength:"32"`
}

func (a *api) announcementRoutes() {
	const tag = "announcements"
	many(a, a.describe(opListAnnouncements, http.MethodGet, "/api/v1/announcements", tag, "The announcements that are known when they are heard"),
		func(ctx context.Context, _ *struct{}) ([]Announcement, error) {
			return a.c.Announcements.Announcements(ctx)
		})
	op := a.describe(opLearnAnnouncement, http.MethodPost, "/api/v1/attempts/{id}/announcement", tag, "Know again what this attempt heard")
	op.Description = "What was recorded before the answer, or after it, becomes a known announcement: from the next call on it decides what the call is worth."
	one(a, op, func(ctx context.Context, in *learnInput) (Announcement, error) {
		n, err := a.c.Announcements.LearnAnnouncement(ctx, dialer.AttemptID(in.ID), in.Body)
		if err == nil {
			a.record(ctx, "an announcement was learned", "attempt", in.ID, "id", n.ID, "label", n.Label)
		}
		return n, err
	})
	none(a, a.describe(opRemoveAnnouncement, http.MethodDelete, "/api/v1/announcements/{id}", tag, "Forget an announcement"),
		func(ctx context.Context, in *announcementInput) error {
			err := a.c.Announcements.RemoveAnnouncement(ctx, in.ID)
			if err == nil {
				a.record(ctx, "an announcement was removed", "id", in.ID)
			}
			return err
		})
}
