package rendezvous_test

import (
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// table is a meeting of its own with one participant in a certain role, somebody
// else in the room, and somebody knocking.
type table struct {
	actor           *raw
	other, knocking identity.PeerID
}

const (
	hostSeed, actorSeed, otherSeed, knockingSeed = 1, 2, 3, 4
)

// lay lays the table for a role.
func (s *stage) lay(role string) *table {
	s.t.Helper()
	host := s.person(hostSeed)
	made := s.create(host, protocol.CreateRequest{})
	at := &table{other: someone(otherSeed).PeerID(), knocking: someone(knockingSeed).PeerID()}
	seats := map[byte]*raw{}
	sit := func(seed byte) {
		seats[seed], _ = s.sit(seed, made)
	}
	actor := byte(actorSeed)
	switch role {
	case "host":
		actor = hostSeed
		sit(hostSeed)
		sit(otherSeed)
	case "co-host, host here", "co-host, host away":
		sit(hostSeed)
		sit(otherSeed)
		sit(actorSeed)
		seats[hostSeed].say(protocol.SetRole{ID: someone(actorSeed).PeerID(), Role: protocol.RoleCoHost})
		seats[hostSeed].settle()
		if role == "co-host, host away" {
			seats[hostSeed].say(protocol.Leave{})
			next[protocol.Left](seats[actorSeed])
		}
	case "participant":
		sit(hostSeed)
		sit(otherSeed)
		sit(actorSeed)
	case "participant, alone": // the first who was invited stands in
		sit(actorSeed)
		sit(otherSeed)
	case "by password, others":
		seats[actorSeed] = s.sitByPassword(actorSeed, made)
		sit(otherSeed) // came later, but was invited
	case "helper":
		sit(hostSeed)
		sit(otherSeed)
		seats[actorSeed] = s.sitAsHelper(actorSeed, seats[hostSeed])
	case "waiting":
		sit(hostSeed)
		sit(otherSeed)
	}
	waits := true
	if _, err := host.Change(s.t.Context(), made.MeetingID, protocol.ChangeRequest{Policy: &meeting.PolicyPatch{WaitingRoom: &waits}}); err != nil {
		s.t.Fatal(err)
	}
	sit(knockingSeed)
	if role == "waiting" {
		sit(actorSeed)
	}
	at.actor = seats[actor]
	at.actor.settle()
	return at
}

func (s *stage) sitByPassword(seed byte, made client.Created) *raw {
	s.t.Helper()
	joined, err := s.person(seed).Join(s.t.Context(), protocol.JoinRequest{MeetingID: made.MeetingID.String(), Password: made.Password})
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.dial()
	r.say(helloOf(joined))
	next[protocol.Welcome](r)
	return r
}

// settle reads everything that was on its way.
func (r *raw) settle() {
	r.t.Helper()
	r.say(protocol.Ping{})
	next[protocol.Pong](r)
}
