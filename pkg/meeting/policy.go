package meeting

import "fmt"

// Bounds of a [Policy].
const (
	MinCapacity     = 2
	MaxCapacity     = 1000
	DefaultCapacity = 100
	MinMesh         = 2
	MaxMesh         = 8
	DefaultMesh     = 4
)

// Entry tells who may come in.
type Entry string

// The ways to come in. With EntryInvitation a password is not enough.
const (
	EntryAny        Entry = "any"
	EntryInvitation Entry = "invitation"
)

// Valid reports whether e is one of the constants.
func (e Entry) Valid() bool { return e == EntryAny || e == EntryInvitation }

// Who tells which participants may do something.
type Who string

// The circles of participants. WhoHost means the acting host and co-hosts.
const (
	WhoEveryone Who = "everyone"
	WhoHost     Who = "host"
)

// Valid reports whether w is one of the constants.
func (w Who) Valid() bool { return w == WhoEveryone || w == WhoHost }

// Policy is what a meeting's host decides about it. The zero Policy is not
// valid; start from [DefaultPolicy].
type Policy struct {
	Capacity    int   `json:"capacity" is:"capacity"` // participants in the room at once
	MeshMax     int   `json:"mesh_max" is:"mesh_max"` // the largest room without a forwarder
	Entry       Entry `json:"entry" is:"entry"`
	WaitingRoom bool  `json:"waiting_room"` // newcomers wait until somebody admits them
	Locked      bool  `json:"locked"`       // nobody new comes in
	Share       Who   `json:"share" is:"who"`
	Chat        Who   `json:"chat" is:"who"`
	Record      Who   `json:"record" is:"who"`
}

// DefaultPolicy is the policy of a meeting whose host decided nothing.
func DefaultPolicy() Policy {
	return Policy{
		Capacity: DefaultCapacity, MeshMax: DefaultMesh, Entry: EntryAny,
		Share: WhoEveryone, Chat: WhoEveryone, Record: WhoEveryone,
	}
}

// Validate returns an error that wraps [ErrPolicy] and names the member and its
// bound.
func (p Policy) Validate() error {
	switch {
	case p.Capacity < MinCapacity || p.Capacity > MaxCapacity:
		return fmt.Errorf("%w: capacity must be %d to %d", ErrPolicy, MinCapacity, MaxCapacity)
	case p.MeshMax < MinMesh || p.MeshMax > MaxMesh:
		return fmt.Errorf("%w: mesh_max must be %d to %d", ErrPolicy, MinMesh, MaxMesh)
	case !p.Entry.Valid():
		return fmt.Errorf("%w: entry must be any or invitation", ErrPolicy)
	}
	for _, member := range []struct {
		name string
		who  Who
	}{{"share", p.Share}, {"chat", p.Chat}, {"record", p.Record}} {
		if !member.who.Valid() {
			return fmt.Errorf("%w: %s must be everyone or host", ErrPolicy, member.name)
		}
	}
	return nil
}

// PolicyPatch changes some members of a [Policy]; nil leaves a member as it is.
type PolicyPatch struct {
	Capacity    *int   `json:"capacity,omitzero" is:"capacity"`
	MeshMax     *int   `json:"mesh_max,omitzero" is:"mesh_max"`
	Entry       *Entry `json:"entry,omitzero" is:"entry"`
	WaitingRoom *bool  `json:"waiting_room,omitzero"`
	Locked      *bool  `json:"locked,omitzero"`
	Share       *Who   `json:"share,omitzero" is:"who"`
	Chat        *Who   `json:"chat,omitzero" is:"who"`
	Record      *Who   `json:"record,omitzero" is:"who"`
}

// Apply returns p with the changes, or an error as [Policy.Validate] gives.
func (c PolicyPatch) Apply(p Policy) (Policy, error) {
	set(&p.Capacity, c.Capacity)
	set(&p.MeshMax, c.MeshMax)
	set(&p.Entry, c.Entry)
	set(&p.WaitingRoom, c.WaitingRoom)
	set(&p.Locked, c.Locked)
	set(&p.Share, c.Share)
	set(&p.Chat, c.Chat)
	set(&p.Record, c.Record)
	if err := p.Validate(); err != nil {
		return Policy{}, err
	}
	return p, nil
}

func set[T any](member, change *T) {
	if change != nil {
		*member = *change
	}
}
