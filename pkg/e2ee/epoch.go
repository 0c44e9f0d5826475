package e2ee

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const epochIDSize = 8

// Epoch is 32 random bytes that every accepted session has, and the signed
// statement of who began it, which shows their digest. What is said to all is
// sealed under keys that follow from it. It prints as a placeholder. The fields
// are not to be changed.
type Epoch struct {
	ID     [epochIDSize]byte // the first bytes of Commit
	Commit [sha256.Size]byte
	Number int64 // rises from epoch to epoch: its author's clock, or one more than it knew
	By     identity.PeerID
	Entry  meeting.Entry // who may have it, as its author says

	envelope protocol.Envelope
	key      [keySize]byte
	erased   bool
	line     int64 // of chat, that was sealed last
}

// newEpoch states an epoch.
func newEpoch(m meeting.ID, number int64, key [keySize]byte, who *identity.Identity, session, seq int64, entry meeting.Entry) *Epoch {
	e := &Epoch{Commit: commit(key), Number: number, By: who.PeerID(), Entry: entry, key: key}
	copy(e.ID[:], e.Commit[:])
	body, err := protocol.Encode(protocol.Epoch{Number: number, Commit: strict.EncodeToString(e.Commit[:]), Entry: entry})
	if err != nil {
		panic("e2ee: epoch: " + err.Error()) // for an entry policy that is none
	}
	e.envelope = protocol.Envelope{
		Meeting: m, Session: session, Seq: seq, Kind: protocol.EnvelopeEpoch, Body: string(body),
	}.Sign(who)
	return e
}

// openGrant checks that a grant's statement is its author's and of its key.
func openGrant(m meeting.ID, g protocol.Grant) (*Epoch, error) {
	key, ok := parse32(g.Key)
	if !ok || g.Envelope.Kind != protocol.EnvelopeEpoch || g.Envelope.Meeting != m || len(g.Envelope.Body) > protocol.MaxEnvelope {
		return nil, ErrEpoch
	}
	statement, err := protocol.Decode[protocol.Epoch]([]byte(g.Envelope.Body))
	if err != nil {
		return nil, ErrEpoch
	}
	e := &Epoch{
		Commit: commit(key), Number: statement.Number, By: g.Envelope.From, Entry: statement.Entry,
		envelope: g.Envelope, key: key,
	}
	if strict.EncodeToString(e.Commit[:]) != statement.Commit || g.Envelope.Verify() != nil {
		e.erase()
		return nil, ErrEpoch
	}
	copy(e.ID[:], e.Commit[:])
	return e, nil
}

func commit(key [keySize]byte) [sha256.Size]byte {
	return sha256.Sum256(fields(nil).text("parley/1/epoch").fixed(key[:]...))
}

// Grant is the epoch for another accepted session; never for a helper. After a
// new invitation, the host adds the new membership key for who came by the old
// one ([MembershipKey.Reveal]).
func (e *Epoch) Grant() protocol.Grant {
	return protocol.Grant{Envelope: e.envelope, Key: strict.EncodeToString(e.key[:])}
}

// Erased tells whether the key is gone.
func (e *Epoch) Erased() bool { return e.erased }

// derive gives a key for one purpose, or [ErrNoEpoch] when the epoch's is gone.
func (e *Epoch) derive(purpose string, of ...byte) ([keySize]byte, error) {
	if e.erased {
		return [keySize]byte{}, ErrNoEpoch
	}
	return expand(e.key, fields(nil).text(purpose).fixed(of...)), nil
}

func (e *Epoch) erase() {
	clear(e.key[:])
	e.erased = true
}

// String returns a placeholder.
func (e *Epoch) String() string { return "[epoch]" }

// Format writes the placeholder whatever the verb.
func (e *Epoch) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue is the epoch's ID, which everybody may know.
func (e *Epoch) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%x", e.ID[:])) }
