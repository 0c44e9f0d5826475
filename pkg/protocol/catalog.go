package protocol

import (
	"maps"
	"reflect"
	"slices"
)

// Message is one message of the protocol, for those who generate from it.
type Message struct {
	Name  string       // its member "type"; the Go type's name for what is in no union
	Type  reflect.Type // a struct
	Limit int          // bytes on the wire
}

// Union is a closed set of messages that a member "type" tells apart.
type Union struct {
	Name      string // of the Go interface
	Limit     int    // bytes on the wire
	Sequenced bool   // each may have a member "seq"
	Messages  []Message
}

// Catalog is everything there is to generate from: schema.json, openapi.json
// and the TypeScript schemas.
type Catalog struct {
	Kinds  map[string]Kind
	Unions []Union
	Bodies []Message
}

// Everything returns the catalog.
func Everything() Catalog {
	c := Catalog{Kinds: make(map[string]Kind)}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		c.Kinds[name] = *kinds[name]
	}
	c.Unions = []Union{
		{"ClientFrame", clientFrames.limit, clientFrames.sequenced, clientFrames.members},
		{"ServerFrame", serverFrames.limit, serverFrames.sequenced, serverFrames.members},
		{"BoxMessage", boxMessages.limit, boxMessages.sequenced, boxMessages.members},
		{"ControlMessage", controlMessages.limit, controlMessages.sequenced, controlMessages.members},
	}
	for _, body := range []any{
		CreateRequest{},
		CreateResponse{},
		InvitationResponse{},
		JoinRequest{},
		JoinResponse{},
		MyMeetingsResponse{},
		MeetingResponse{},
		ChangeRequest{},
		RenewRequest{},
		RenewResponse{},
		WellKnown{},
		Problem{},
		Beat{},
		Chat{},
		Capacity{},
		Directive{},
		Epoch{},
		Envelope{},
	} {
		t := reflect.TypeOf(body)
		c.Bodies = append(c.Bodies, Message{Name: t.Name(), Type: t, Limit: limitOf(body)})
	}
	return c
}
