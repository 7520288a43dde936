package crm

import (
	"encoding/json"
	"fmt"
	"time"

	"dozvon/dialer"
)

// KindTranscript are recorded answers whose words are to be found: they go to
// a recogniser, and what it heard comes back as an event.
const KindTranscript Kind = "transcript"

// TypeTranscript is the Type of such a row.
const TypeTranscript = "transcript"

// transcriptData is a recorded answer, and its words once they are known.
type transcriptData struct {
	Answer   string `json:"answer"`
	File     string `json:"file"` // relative to the folder of recordings
	Language string `json:"language"`
	Text     string `json:"text"`
	Error    string `json:"error,omitempty"`
}

// recorded is the body of the row: all that the recogniser and the later event
// need.
type recorded struct {
	Transcript transcriptData `json:"transcript"`
	Folder     string         `json:"folder"`
	Campaign   string         `json:"campaign"`
	Lead       leadData       `json:"lead"`
}

// Recorded is a recorded answer as a recogniser needs it.
type Recorded struct {
	Folder   string // of recordings
	File     string // within it
	Language string
	Answer   string // its name
}

// ReadRecorded reads a row of KindTranscript.
func ReadRecorded(d Delivery) (Recorded, error) {
	r, err := readRecorded(d)
	return Recorded{r.Folder, r.Transcript.File, r.Transcript.Language, r.Transcript.Answer}, err
}

func readRecorded(d Delivery) (r recorded, err error) {
	if err := json.Unmarshal(d.Body, &r); err != nil {
		return r, fmt.Errorf("crm: delivery %d is no recorded answer: %w", d.ID, err)
	}
	return r, nil
}

// transcript asks for the words of a recorded answer, if anything can find
// them.
func (b *batch) transcript(e dialer.Effect) {
	if !b.enc.Transcripts {
		return
	}
	l := b.save.Lead
	b.items = append(b.items, Item{Key: b.id(TypeTranscript), Kind: KindTranscript, Type: TypeTranscript, Campaign: l.Campaign, Lead: l.ID,
		Body: encodeJSON(recorded{Transcript: transcriptData{Answer: e.Name, File: e.Text, Language: e.Fields["language"]},
			Folder: b.enc.Recordings, Campaign: l.Campaign, Lead: *leadOf(l)})})
}

// Transcribed returns the rows of the answer.transcribed event that follows
// the search for the words of a recorded answer; failure says why there are
// none.
func (e *Encoder) Transcribed(now time.Time, d Delivery, text, failure string) ([]Item, error) {
	r, err := readRecorded(d)
	if err != nil {
		return nil, err
	}
	r.Transcript.Text, r.Transcript.Error = text, failure
	data := eventData{Campaign: r.Campaign, Lead: &r.Lead, Transcript: &r.Transcript}
	return e.event(now, d.Key+"_done", dialer.NoticeAnswerTranscribed, d.Lead, data), nil
}
