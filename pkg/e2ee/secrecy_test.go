package e2ee

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

var frame = append([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}, bytes.Repeat([]byte("picture"), 20)...)

func sealerIn(p person, e *Epoch) *MediaSealer {
	s := NewMediaSealer(p.session)
	s.Use(e)
	return s
}

func mustFrame(t testing.TB, s *MediaSealer) []byte {
	t.Helper()
	sealed, err := s.Seal(nil, protocol.SourceCamera, sframe.CodecVP8, frame)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// reader is what somebody who holds these grants can open of ada's.
func reader(t testing.TB, of Session, grants ...protocol.Grant) (*Ring, *Stream) {
	t.Helper()
	r := NewRing(theMeeting)
	for _, g := range grants {
		if _, err := r.Take(start, g, anybody); err != nil {
			t.Fatal(err)
		}
	}
	o := NewMediaOpener()
	o.Set(r.Held(), []Session{of})
	return r, o.Stream()
}

// Guards the two promises of epochs: who was removed reads nothing that is said
// after, and who comes late nothing that was said before, whatever they receive.
func TestEpochsDivideTime(t *testing.T) {
	t.Parallel()
	ada, ben, cleo := room(t)
	ring := NewRing(theMeeting)
	before := ring.Begin(start, seed(50), ada.who, start, 1, meeting.EntryAny)
	sealer, post := sealerIn(ada, before), ada.mailbox()
	said := func(e *Epoch, seq int64) (frame []byte, line protocol.Envelope, box string) {
		sealer.Use(e)
		body, err := e.SealChat(ada.session, theMeeting, seq, []byte("said"))
		if err != nil {
			t.Fatal(err)
		}
		line = protocol.Envelope{Meeting: theMeeting, Session: start, Seq: seq, Kind: protocol.EnvelopeChat, Body: body}.Sign(ada.who)
		box, err = post.SealAll(e, protocol.Carry{Envelope: line})
		if err != nil {
			t.Fatal(err)
		}
		return mustFrame(t, sealer), line, box
	}
	frameBefore, lineBefore, boxBefore := said(before, 1)
	after := ring.Begin(start+1000, seed(51), ada.who, start, 2, meeting.EntryAny) // Ben is removed, Cleo comes
	frameAfter, lineAfter, boxAfter := said(after, 3)

	for _, c := range []struct {
		who   string
		p     person
		grant protocol.Grant
		frame []byte
		line  protocol.Envelope
		box   string
		reads bool
	}{
		{"the removed, before", ben, before.Grant(), frameBefore, lineBefore, boxBefore, true},
		{"the removed, after", ben, before.Grant(), frameAfter, lineAfter, boxAfter, false},
		{"the newcomer, before", cleo, after.Grant(), frameBefore, lineBefore, boxBefore, false},
		{"the newcomer, after", cleo, after.Grant(), frameAfter, lineAfter, boxAfter, true},
	} {
		ring, stream := reader(t, ada.session, c.grant)
		_, _, _, mediaErr := stream.Open(nil, sframe.CodecVP8, c.frame)
		_, chatErr := ring.OpenChat(c.line)
		_, boxErr := c.p.mailbox().Open(ada.session, c.box, ring)
		if (mediaErr == nil) != c.reads || (chatErr == nil) != c.reads || (boxErr == nil) != c.reads {
			t.Errorf("%s: media %v, chat %v, box %v", c.who, mediaErr, chatErr, boxErr)
		}
	}
}

// Guards against a key that does not depend on all of the epoch.
func TestOneByteOfTheEpoch(t *testing.T) {
	t.Parallel()
	ada, _, _ := room(t)
	_, epoch := ringOf(ada, 50)
	sealed := mustFrame(t, sealerIn(ada, epoch))
	for at := range keySize {
		key := seed(50)
		key[at] ^= 1
		other := NewRing(theMeeting).Begin(start, key, ada.who, start, 1, meeting.EntryAny)
		_, stream := reader(t, ada.session, other.Grant())
		if _, _, _, err := stream.Open(nil, sframe.CodecVP8, sealed); err != ErrFrame {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	_, stream := reader(t, ada.session, epoch.Grant())
	if _, _, _, err := stream.Open(nil, sframe.CodecVP8, sealed); err != nil {
		t.Error(err)
	}
}

// Guards against a proof that does not depend on all of the secret.
func TestOneByteOfTheSecret(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	secret := theSecret(t, 200).Bytes()
	for at := range secret {
		changed := secret
		changed[at] ^= 1
		s, err := meeting.NewSecret(bytes.NewReader(changed[:]))
		if err != nil {
			t.Fatal(err)
		}
		member := NewMembershipKey(s, theMeeting)
		d := NewDoorkeeper(theMeeting, ada.id(), theMember(t))
		p := ben.entry(protocol.RoleParticipant, protocol.ViaInvitation)
		p.Card = ben.key.Card(ben.who, theMeeting, ada.id(), start, &member)
		if as, _, no := d.Judge(p); no.Code != "" || as.Via != protocol.ViaPassword {
			t.Errorf("byte %d: %v, %s", at, no, as.Via)
		}
		d.SetEntry(meeting.EntryInvitation, false)
		if _, _, no := d.Judge(p); no.Code != AlarmUninvited {
			t.Errorf("byte %d, by invitation alone: %v", at, no)
		}
	}
}

// Guards the one thing that GCM does not forgive: a nonce used twice under one
// key, over epochs that come and go and come back, senders, sources, reloads, and
// a mailbox or sealer made anew for the same stay.
func TestNoNonceTwice(t *testing.T) {
	t.Parallel()
	ada, ben, cleo := room(t)
	people := []person{ada, ben, cleo}
	rapid.Check(t, func(t *rapid.T) {
		used := make(map[string]string)
		use := func(key []byte, counter uint64, what string) {
			name := fmt.Sprintf("%x %d", key, counter)
			if before, twice := used[name]; twice {
				t.Fatalf("%s has the nonce of %s", what, before)
			}
			used[name] = what
		}
		type stay struct {
			person
			mailbox *Mailbox
			sealer  *MediaSealer
			seq     int64
			lives   byte
		}
		var stays []*stay
		begin := func(p person, lives byte) *stay {
			return &stay{person: p, mailbox: p.mailbox(), sealer: NewMediaSealer(p.session), lives: lives}
		}
		for _, p := range people {
			stays = append(stays, begin(p, 1))
		}
		ring := NewRing(theMeeting)
		epochs := []*Epoch{ring.Begin(start, seed(50), ada.who, start, 1, meeting.EntryAny)}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			s := stays[rapid.IntRange(0, 2).Draw(t, "who")]
			e := epochs[rapid.IntRange(0, len(epochs)-1).Draw(t, "epoch")]
			what := fmt.Sprintf("step %d", step)
			switch rapid.IntRange(0, 6).Draw(t, "does") {
			case 0: // a box for one, which may be for who seals it as well
				to := stays[rapid.IntRange(0, 2).Draw(t, "to")]
				box, err := s.mailbox.Seal(to.session, signal(step+1))
				if err != nil {
					t.Fatal(err)
				}
				raw, _ := decode(box)
				key, err := to.key.decapsulate(raw[1:1+encSize], boxInfo(theMeeting, s.session, to.session))
				if err != nil {
					t.Fatal(err)
				}
				use(key[:], binary.BigEndian.Uint64(raw[1+encSize:]), what)
			case 1: // a box for everybody
				box, err := s.mailbox.SealAll(e, letter(s.person, "{}"))
				if err != nil {
					t.Fatal(err)
				}
				raw, _ := decode(box)
				key, _ := e.derive(broadcastContext, s.session.Fingerprint[:]...)
				use(key[:], binary.BigEndian.Uint64(raw[1+epochIDSize:]), what)
			case 2: // chat
				if rapid.Bool().Draw(t, "says something new") {
					s.seq++
				}
				if _, err := e.SealChat(s.session, theMeeting, s.seq, []byte("x")); err == nil {
					key, _ := e.derive(chatContext, s.session.Fingerprint[:]...)
					use(key[:], uint64(s.seq), what)
				}
			case 3: // media
				s.sealer.Use(e)
				source := protocol.Sources()[rapid.IntRange(0, 3).Draw(t, "source")]
				sealed, err := s.sealer.Seal(nil, source, sframe.CodecOther, frame)
				if err != nil {
					t.Fatal(err)
				}
				h, err := sframe.ParseHeader(sealed)
				if err != nil {
					t.Fatal(err)
				}
				key, _ := e.derive("parley/1/sframe", append(s.session.Fingerprint[:], byte(sourceNumber(source)))...)
				use(key[:], h.CTR, what)
			case 4: // another epoch; those before may come back into use
				if len(epochs) < 8 {
					now := start + int64(len(epochs))
					epochs = append(epochs, ring.Begin(now, seed(byte(50+len(epochs))), s.who, start, int64(step+1), meeting.EntryAny))
				}
			case 5: // a reload: new keys, everything counted from the beginning
				key, err := NewSessionKey([32]byte{s.n, s.lives + 1})
				if err != nil {
					t.Fatal(err)
				}
				p := s.person
				p.key = key
				card := key.Card(p.who, theMeeting, ada.id(), start+int64(s.lives), nil)
				if p.session, err = CheckCard(theMeeting, p.id(), card, nil); err != nil {
					t.Fatal(err)
				}
				*s = *begin(p, s.lives+1)
			case 6: // the same stay, another mailbox
				s.mailbox = s.person.mailbox()
			}
		}
	})
}
