package progress

// Labels of tones, for hearing.Verdict.Label.
const (
	Ringback   = "ringback"
	Busy       = "busy"
	Congestion = "congestion"
	Dial       = "dial"
	Dead       = "unobtainable" // number unobtainable: a continuous tone
	SIT        = "sit"          // special information tone whose pattern has no meaning of its own

	SITVacant    = "sit-vacant"     // no such number
	SITIntercept = "sit-intercept"  // number changed, or out of service
	SITNoCircuit = "sit-no-circuit" // the network is full
	SITReorder   = "sit-reorder"    // the network failed

	// Music is the label of an unsure verdict on sustained sound that is
	// neither tone nor speech: a ring-back of the subscriber's choice, or music on hold.
	Music = "music"
	// Speech is the label of an unsure verdict on speech before the answer
	// that is no known announcement.
	Speech = "speech"
)

// cadence is how a country sounds when it rings or is busy: the frequencies
// that are heard together, and seconds on, off, on, off. No seconds: for ever.
type cadence struct {
	country string
	label   string
	low     float32
	high    float32
	beat    [4]float32
}

// cadences are those of ITU-T E.180 Supplement 2 (and BT SIN 350 for gb).
// Frequencies that modulate one another (400x20) are written as their middle.
var cadences = [...]cadence{
	{"ru", Ringback, 425, 425, [4]float32{1, 4}},
	{"ru", Ringback, 425, 425, [4]float32{0.8, 3.2}},
	{"ru", Busy, 425, 425, [4]float32{0.4, 0.4}},
	{"ru", Busy, 425, 425, [4]float32{0.35, 0.35}},
	{"ru", Congestion, 425, 425, [4]float32{0.2, 0.2}},
	{"ru", Congestion, 425, 425, [4]float32{0.175, 0.175}},
	{"ru", Dial, 425, 425, [4]float32{}},

	{"de", Ringback, 425, 425, [4]float32{1, 4}},
	{"de", Busy, 425, 425, [4]float32{0.48, 0.48}},
	{"de", Congestion, 425, 425, [4]float32{0.24, 0.24}},
	{"fr", Ringback, 440, 440, [4]float32{1.5, 3.5}},
	{"fr", Busy, 440, 440, [4]float32{0.5, 0.5}},
	{"fr", Congestion, 440, 440, [4]float32{0.25, 0.25}},
	{"fr", Dial, 440, 440, [4]float32{}},
	{"gb", Ringback, 400, 450, [4]float32{0.4, 0.2, 0.4, 2}},
	{"gb", Busy, 400, 400, [4]float32{0.375, 0.375}},
	{"gb", Congestion, 400, 400, [4]float32{0.4, 0.35, 0.225, 0.525}},
	{"gb", Dead, 400, 400, [4]float32{}},
	{"gb", Dial, 350, 440, [4]float32{}},
	{"us", Ringback, 440, 480, [4]float32{2, 4}},
	{"us", Busy, 480, 620, [4]float32{0.5, 0.5}},
	{"us", Congestion, 480, 620, [4]float32{0.25, 0.25}},
	{"us", Dial, 350, 440, [4]float32{}},
	{"jp", Ringback, 400, 400, [4]float32{1, 2}},
	{"jp", Busy, 400, 400, [4]float32{0.5, 0.5}},
	{"jp", Dial, 400, 400, [4]float32{}},
	{"it", Ringback, 425, 425, [4]float32{1, 4}},
	{"it", Busy, 425, 425, [4]float32{0.5, 0.5}},
	{"it", Congestion, 425, 425, [4]float32{0.2, 0.2}},
	{"es", Ringback, 425, 425, [4]float32{1.5, 3}},
	{"es", Busy, 425, 425, [4]float32{0.2, 0.2}},
	{"es", Congestion, 425, 425, [4]float32{0.2, 0.2, 0.2, 0.6}},
	{"cn", Ringback, 450, 450, [4]float32{1, 4}},
	{"cn", Busy, 450, 450, [4]float32{0.35, 0.35}},
	{"cn", Congestion, 450, 450, [4]float32{0.7, 0.7}},
	{"in", Ringback, 400, 400, [4]float32{0.4, 0.2, 0.4, 2}},
	{"in", Busy, 400, 400, [4]float32{0.75, 0.75}},
	{"in", Congestion, 400, 400, [4]float32{0.25, 0.25}},
	{"au", Ringback, 413, 438, [4]float32{0.4, 0.2, 0.4, 2}},
	{"au", Busy, 425, 425, [4]float32{0.375, 0.375}},
	{"br", Ringback, 425, 425, [4]float32{1, 4}},
	{"br", Busy, 425, 425, [4]float32{0.25, 0.25}},
	{"tr", Ringback, 450, 450, [4]float32{2, 4}},
	{"tr", Busy, 450, 450, [4]float32{0.5, 0.5}},
	{"tr", Congestion, 450, 450, [4]float32{0.2, 0.2, 0.6, 0.2}},
	{"pl", Ringback, 425, 425, [4]float32{1, 4}},
	{"pl", Busy, 425, 425, [4]float32{0.5, 0.5}},
}

// Where no home country says otherwise, equal beats of a tone between 375 and
// 500 Hz mean what they mean nearly everywhere.
const (
	anyLow, anyHigh     = 375.0, 500.0
	congestionFrom      = 0.28 // seconds of a period
	busyFrom, busyUntil = 0.56, 1.15
)

// sitCode is a special information tone of Telcordia SR-2275 (6.21.2), which
// refine the one of ITU-T E.180: the first two tones are low or high, short
// (274 ms) or long (380 ms); the third is always 1776.7 Hz.
type sitCode struct {
	high1, high2 bool // 985.2 rather than 913.8, 1428.5 rather than 1370.6
	long1, long2 bool
	label        string
}

var sitCodes = [...]sitCode{
	{false, false, false, false, SITIntercept},
	{true, false, true, false, SITVacant},
	{false, true, false, true, SITReorder},
	{true, false, false, true, SITReorder}, // between networks
	{true, true, true, true, SITNoCircuit},
	{false, false, true, true, SITNoCircuit}, // between networks
}
