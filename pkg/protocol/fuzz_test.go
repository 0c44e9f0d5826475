package protocol

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Each target asserts that no text makes the decoder panic, that what is
// refused is refused with one of the three errors, and that what is taken is
// within every bound and the same after encoding and decoding again.

func FuzzClientFrame(f *testing.F)        { fuzz(f, "ClientFrame") }
func FuzzServerFrame(f *testing.F)        { fuzz(f, "ServerFrame") }
func FuzzBoxMessage(f *testing.F)         { fuzz(f, "BoxMessage") }
func FuzzControlMessage(f *testing.F)     { fuzz(f, "ControlMessage") }
func FuzzCreateRequest(f *testing.F)      { fuzz(f, "CreateRequest") }
func FuzzCreateResponse(f *testing.F)     { fuzz(f, "CreateResponse") }
func FuzzInvitationResponse(f *testing.F) { fuzz(f, "InvitationResponse") }
func FuzzJoinRequest(f *testing.F)        { fuzz(f, "JoinRequest") }
func FuzzJoinResponse(f *testing.F)       { fuzz(f, "JoinResponse") }
func FuzzMyMeetingsResponse(f *testing.F) { fuzz(f, "MyMeetingsResponse") }
func FuzzMeetingResponse(f *testing.F)    { fuzz(f, "MeetingResponse") }
func FuzzChangeRequest(f *testing.F)      { fuzz(f, "ChangeRequest") }
func FuzzRenewRequest(f *testing.F)       { fuzz(f, "RenewRequest") }
func FuzzRenewResponse(f *testing.F)      { fuzz(f, "RenewResponse") }
func FuzzWellKnown(f *testing.F)          { fuzz(f, "WellKnown") }
func FuzzProblem(f *testing.F)            { fuzz(f, "Problem") }
func FuzzBeat(f *testing.F)               { fuzz(f, "Beat") }
func FuzzChat(f *testing.F)               { fuzz(f, "Chat") }
func FuzzCapacity(f *testing.F)           { fuzz(f, "Capacity") }
func FuzzDirective(f *testing.F)          { fuzz(f, "Directive") }
func FuzzEnvelope(f *testing.F)           { fuzz(f, "Envelope") }

func fuzz(f *testing.F, name string) {
	for _, e := range examples() {
		if e.name() == name {
			f.Add(e.encode(f))
		}
	}
	var texts []textVector
	readFile(f, "texts.json", &texts)
	for _, v := range texts {
		if v.Of == name {
			f.Add([]byte(v.Wire))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		seq, value, err := decodeAny(name, data)
		if err != nil {
			var field *FieldError
			if !errors.As(err, &field) && !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if err := Validate(value); err != nil {
			t.Fatalf("decoded but not valid: %v", err)
		}
		again, err := encodeAny(name, seq, value)
		if errors.Is(err, ErrTooLarge) {
			return // what was escaped is longer written otherwise
		}
		if err != nil {
			t.Fatalf("does not encode: %v", err)
		}
		seq2, value2, err := decodeAny(name, again)
		if err != nil || seq2 != seq {
			t.Fatalf("%s: %d, %v", again, seq2, err)
		}
		if diff := cmp.Diff(value, value2, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}
