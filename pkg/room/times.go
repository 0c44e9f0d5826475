package room

// How long things wait, in milliseconds.
const (
	// DoubtFor is how long an unconfirmed participant counts in the succession.
	DoubtFor = 15_000
	// MissingFor is how long a participant missing from a fresh roster is
	// waited for when no link with it can tell: in a star its life may show to
	// the SFU alone.
	MissingFor = 30_000
	// HeardFor is how long a word passed on by the SFU proves somebody's life.
	HeardFor = 10_000
	// LinkDownFor is how long an unconfirmed participant outlives its link.
	LinkDownFor = 5_000

	// HoldFor is how long a directive waits for the roster to agree with it.
	HoldFor = 30_000
	// LearnFor is how long somebody who comes into the chair from outside, or into
	// a room too large for a mesh, waits to be told what is in force.
	LearnFor = 2_000
	// TakeChairAfter is how long one has the chair before saying so.
	TakeChairAfter = 500
	// RepeatMost bounds the doubling wait between two repetitions of a directive.
	RepeatMost = 30_000

	// ShowEvery is how often what is in force is shown to those who may have
	// missed it: by the acting host to everybody; to the acting host by one of
	// the next in line, and by whoever follows another.
	ShowEvery = 15_000

	// ConnectFor is how long a new link may take before it counts as lost.
	ConnectFor = 5_000
	// LostAfter is how long the SFU or the standby must be out of the acting
	// host's reach before it says so. Participants move to the standby at once.
	LostAfter = 1_000
	// LostFor is how long one found lost is not chosen again.
	LostFor = 60_000
	// UnmetFor is the same of one with whom there never was a link: nobody has lost
	// anything by trying. It doubles each time, up to LostFor.
	UnmetFor = 15_000
	// OverloadFor is how long an SFU's receivers must miss too much before it is
	// taken for overloaded, and how long after a change their adverts may still
	// tell of the SFU before.
	OverloadFor = 5_000
	// OverloadMost bounds how often LostFor doubles for one that was found
	// overloaded before.
	OverloadMost = 4
	// ReturnAfter is how long the SFU's link must be up again before a
	// participant that moved to the standby goes back.
	ReturnAfter = 5_000
	// DrainLeast is how long a link that serves stays at the least when it is
	// wanted no longer: who has just moved to it may not have asked yet.
	DrainLeast = 2_000
	// DrainFor bounds how long an old link waits for its replacement.
	DrainFor = 30_000

	// GrowAfter is how long a mesh must have been too large.
	GrowAfter = 1_000
	// ChangeAfter is how long any other change of topology must have been right.
	ChangeAfter = 10_000
	// AdvertFor is how long an advert of capacity is believed.
	AdvertFor = 30_000
	// CallLeast is how long the acting host waits for helpers that it called; the
	// wait doubles up to CallMost.
	CallLeast = 5_000
	// CallMost is also how long nothing must have been called for before the wait
	// is a short one again.
	CallMost = 60_000
	// ReviewEvery is how often the acting host looks again without being told
	// anything.
	ReviewEvery = 1_000
)

// Bounds of what is kept for others.
const (
	MaxHeld    = 8    // directives that wait for the roster
	MaxRemoved = 1024 // removed participants that are remembered
	NextInLine = 3    // who take turns to show the acting host what is in force
	// MaxTermJump bounds what one directive can add to the term, so that nobody
	// can use the terms up.
	MaxTermJump = 1 << 20
	// SeqsPerTerm is how many directives one session can say in one term.
	SeqsPerTerm = 1024
)
