package dialer

// EffectKind is the kind of an effect.
type EffectKind string

// Effects that leave for other systems through the outbox.
const (
	EffectSMS  EffectKind = "sms"
	EffectTask EffectKind = "task"
	// EffectTranscript asks for the words of a recorded answer: Name is the
	// answer's, Text the file, and Fields have the language.
	EffectTranscript EffectKind = "transcript"
)

// Effect is something to send because of a call. Texts are templates in the
// scenario language; they are rendered with the lead's columns and answers
// when they enter the outbox, in one place.
type Effect struct {
	Kind   EffectKind        `json:"kind"`
	Name   string            `json:"name"`             // task: its title; sms: the template's name, may be empty
	Text   string            `json:"text,omitempty"`   // sms: the message
	Fields map[string]string `json:"fields,omitempty"` // task: further fields
}

// NoticeType is the type of an outgoing event, as the contract names it.
type NoticeType string

// Notices of the contract.
const (
	NoticeAttemptEnded      NoticeType = "attempt.ended"
	NoticeLeadFinished      NoticeType = "lead.finished"
	NoticeLeadPromised      NoticeType = "lead.promised"
	NoticeLeadBridged       NoticeType = "lead.bridged"
	NoticeTaskCreated       NoticeType = "task.created"
	NoticeAnswerTranscribed NoticeType = "answer.transcribed"
	NoticeSMSSent           NoticeType = "sms.sent"
	NoticeSMSFailed         NoticeType = "sms.failed"
	NoticeCampaignFinished  NoticeType = "campaign.finished"
	NoticeAlertRaised       NoticeType = "alert.raised"
)
