package store

import (
	"context"
	"time"

	"dozvon/dialer"
)

// Summary is what summary.json holds: totals of a campaign and its rates.
type Summary struct {
	Campaign     string                     `json:"campaign"`
	Leads        int                        `json:"leads"`
	States       map[dialer.LeadState]int   `json:"states"`
	Lists        map[string]int             `json:"lists"`
	Attempts     int                        `json:"attempts"`
	Dispositions map[dialer.Disposition]int `json:"dispositions"`
	RejectedRows int                        `json:"rejected_rows"`

	ASR          float64 `json:"asr"`             // ended attempts that were answered ÷ ended attempts
	MeanDuration float64 `json:"mean_duration_s"` // of answered attempts, from answer to end, in seconds
	AbandonRate  float64 `json:"abandon_rate"`    // abandoned ÷ attempts that a person answered
	Bridged      int     `json:"bridged"`         // attempts that reached an operator

	FirstCall    time.Time `json:"first_call_at,omitzero"`
	LastCall     time.Time `json:"last_call_ended_at,omitzero"`
	CampaignTime float64   `json:"campaign_time_s"` // from the first call to the end of the last, by the campaign's clock
	WallTime     float64   `json:"wall_time_s"`     // of the run; the campaign's time if the caller does not know
}

// Summary computes the totals and rates of a campaign.
func (s *Store) Summary(ctx context.Context, campaign string) (Summary, error) {
	t, err := s.Totals(ctx, campaign)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{Campaign: campaign, Leads: t.Leads, States: t.States, Lists: t.Lists, Attempts: t.Attempts,
		Dispositions: t.Dispositions, RejectedRows: t.Rejected}
	var answered, bridged int
	var talked, first, last int64
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE answered > 0),
		coalesce(sum(ended - answered) FILTER (WHERE answered > 0 AND ended > answered), 0),
		count(*) FILTER (WHERE result ->> 'bridged'), coalesce(min(placed), 0), coalesce(max(ended), 0)
		FROM (SELECT answered, ended, placed, nullif(result, '') AS result FROM attempts
			WHERE campaign_id = (SELECT id FROM campaigns WHERE name = ?) AND state = 'ended')`, campaign).
		Scan(&answered, &talked, &bridged, &first, &last)
	if err != nil {
		return sum, s.fault("summing the campaign up", err)
	}
	sum.Bridged = bridged
	sum.FirstCall, sum.LastCall = moment(first), moment(last)
	sum.ASR = ratio(answered, t.Attempts)
	if answered > 0 {
		sum.MeanDuration = time.Duration(talked).Seconds() / float64(answered)
	}
	abandoned := t.Dispositions[dialer.Abandoned]
	sum.AbandonRate = ratio(abandoned, abandoned+t.Dispositions[dialer.Answered])
	if last > first {
		sum.CampaignTime = time.Duration(last - first).Seconds()
	}
	sum.WallTime = sum.CampaignTime
	return sum, nil
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
