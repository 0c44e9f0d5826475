package e2ee

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

const (
	// maxPaths are kept of one sender: it makes one encapsulation, and another
	// only after it forgot this session.
	maxPaths = 4

	maxSenders = 4096 // more than any room has
)

// Mailbox seals what this session tells another one, or everybody, and opens
// what they tell it. It owns the keys between sessions, their counters and
// replay windows. There is one for a stay; it belongs to one goroutine.
type Mailbox struct {
	meeting    meeting.ID
	who        *identity.Identity
	key        *SessionKey
	self       Session
	out        map[[keySize]byte]*outgoing
	in         map[[keySize]byte]*sender
	broadcasts map[broadcaster]*heard
	clock      uint64 // counts what was opened, to forget the sender that was silent for longest
}

// outgoing is what this session seals to another one with.
type outgoing struct {
	enc       []byte
	aead      cipher.AEAD
	signature []byte
	counter   uint64
}

// sender is another session, with each encapsulation that it signed, the newest
// last.
type sender struct {
	paths []*path
	used  uint64
}

type path struct {
	enc       [encSize]byte
	aead      cipher.AEAD
	signature []byte // that was verified; nil until one was
	window    sframe.Window
}

type broadcaster struct {
	fingerprint [keySize]byte
	epoch       [epochIDSize]byte
}

type heard struct {
	window sframe.Window
	used   uint64
}

// NewMailbox begins with this client's own session, which is of key's card.
func NewMailbox(m meeting.ID, who *identity.Identity, key *SessionKey, self Session) *Mailbox {
	return &Mailbox{
		meeting: m, who: who, key: key, self: self,
		out: make(map[[keySize]byte]*outgoing), in: make(map[[keySize]byte]*sender),
		broadcasts: make(map[broadcaster]*heard),
	}
}

// Seal makes one box of 1 to 8 messages for one session. The first to a session
// costs an encapsulation and a signature; the others next to nothing. It fails
// with [ErrCard], [ErrMessages], or as protocol.EncodeBoxMessage does.
func (b *Mailbox) Seal(to Session, messages ...protocol.BoxMessage) (string, error) {
	if len(messages) < 1 || len(messages) > maxMessages {
		return "", ErrMessages
	}
	out, err := b.outgoing(to)
	if err != nil {
		return "", err
	}
	plain, err := encodeMessages(append([]byte(nil), out.signature...), messages...)
	if err != nil {
		return "", fmt.Errorf("e2ee: seal: %w", err)
	}
	out.counter++
	box := make([]byte, 0, headOfOne+len(plain)+tagSize)
	box = append(append(box, forOne), out.enc...)
	box = binary.BigEndian.AppendUint64(box, out.counter)
	return boxText(out.aead.Seal(box, nonce(out.counter), plain, boxData(out.counter)))
}

// SealAll makes one box for everybody who has the epoch. The message is an
// envelope: whatever else a box can hold is for one. It fails with [ErrNoEpoch]
// for an epoch that was erased, or as Seal does.
func (b *Mailbox) SealAll(e *Epoch, m protocol.BoxMessage) (string, error) {
	if _, ok := m.(protocol.Carry); !ok {
		return "", ErrMessages
	}
	if e == nil {
		return "", ErrNoEpoch
	}
	key, err := e.derive(broadcastContext, b.self.Fingerprint[:]...)
	if err != nil {
		return "", err
	}
	plain, err := encodeMessages(nil, m)
	if err != nil {
		return "", fmt.Errorf("e2ee: seal: %w", err)
	}
	counter := b.key.broadcasts.Add(1)
	head := make([]byte, 0, headOfAll+len(plain)+tagSize)
	head = append(append(head, forAll), e.ID[:]...)
	head = binary.BigEndian.AppendUint64(head, counter)
	return boxText(gcm(key).Seal(head, nonce(counter), plain, head))
}

// Open gives what a box of from says. It fails with [ErrBox] for one that is not
// whole or not of from, with [ErrReplayed] for one that came before, with
// [ErrNoEpoch] for one to everybody in an epoch that is not held, and with
// [ErrCard] for who has none.
func (b *Mailbox) Open(from Session, box string, epochs *Ring) ([]protocol.BoxMessage, error) {
	if from.Card.Key == "" {
		return nil, ErrCard
	}
	if len(box) > protocol.MaxBox {
		return nil, ErrBox
	}
	raw, ok := decode(box)
	switch {
	case ok && len(raw) > headOfOne+tagSize && raw[0] == forOne:
		return b.openOne(from, raw)
	case ok && len(raw) > headOfAll+tagSize && raw[0] == forAll:
		return b.openAll(from, raw, epochs)
	}
	return nil, ErrBox
}

// Heard tells whether a box from this session for this one was opened: the first
// one of a session is never spoiled by an accident.
func (b *Mailbox) Heard(s Session) bool { return b.in[s.Fingerprint] != nil }

// Forget lets go of what is kept of a session that is gone for good.
func (b *Mailbox) Forget(fingerprint [keySize]byte) {
	delete(b.out, fingerprint)
	delete(b.in, fingerprint)
	for of := range b.broadcasts {
		if of.fingerprint == fingerprint {
			delete(b.broadcasts, of)
		}
	}
}

func (b *Mailbox) outgoing(to Session) (*outgoing, error) {
	if out := b.out[to.Fingerprint]; out != nil {
		return out, nil
	}
	if to.Card.Key == "" {
		return nil, ErrCard
	}
	enc, key, err := encapsulate(to.Card.Key, boxInfo(b.meeting, b.self, to))
	if err != nil {
		return nil, err
	}
	out := &outgoing{enc: enc, aead: gcm(key), signature: b.who.Sign(boxSender(b.meeting, b.self, to, enc))}
	clear(key[:])
	if len(b.out) >= maxSenders {
		clear(b.out) // each will be encapsulated to anew
	}
	b.out[to.Fingerprint] = out
	return out, nil
}

func (b *Mailbox) openOne(from Session, raw []byte) ([]protocol.BoxMessage, error) {
	enc := [encSize]byte(raw[1:])
	counter, ok := counterAt(raw[1+encSize:])
	if !ok {
		return nil, ErrBox
	}
	p := b.path(from, &enc)
	if p == nil {
		key, err := b.key.decapsulate(enc[:], boxInfo(b.meeting, from, b.self))
		if err != nil {
			return nil, err
		}
		p = &path{enc: enc, aead: gcm(key)}
		clear(key[:])
	}
	if !p.window.Fresh(counter) {
		return nil, ErrReplayed
	}
	plain, err := p.aead.Open(nil, nonce(counter), raw[headOfOne:], boxData(counter))
	if err != nil || len(plain) < signatureSize {
		return nil, ErrBox
	}
	signature, rest := plain[:signatureSize], plain[signatureSize:]
	if p.signature == nil {
		if from.ID.Verify(boxSender(b.meeting, from, b.self, enc[:]), signature) != nil {
			return nil, ErrBox
		}
		p.signature = append([]byte(nil), signature...)
		b.keep(from, p)
	} else if subtle.ConstantTimeCompare(p.signature, signature) != 1 {
		return nil, ErrBox
	}
	p.window.Take(counter)
	b.touch(from)
	return decodeMessages(rest, maxMessages)
}

func (b *Mailbox) path(from Session, enc *[encSize]byte) *path {
	if s := b.in[from.Fingerprint]; s != nil {
		for _, p := range s.paths {
			if p.enc == *enc {
				return p
			}
		}
	}
	return nil
}

// keep takes a path into memory. It was signed: nobody but the sender itself
// pushes its others out.
func (b *Mailbox) keep(from Session, p *path) {
	s := b.in[from.Fingerprint]
	if s == nil {
		if len(b.in) >= maxSenders {
			delete(b.in, silentest(b.in, func(s *sender) uint64 { return s.used }))
		}
		s = new(sender)
		b.in[from.Fingerprint] = s
	}
	s.paths = append(s.paths, p)
	if len(s.paths) > maxPaths {
		s.paths = append([]*path(nil), s.paths[1:]...)
	}
}

func (b *Mailbox) touch(from Session) {
	b.clock++
	if s := b.in[from.Fingerprint]; s != nil {
		s.used = b.clock
	}
}

func silentest[K comparable, V any](all map[K]V, used func(V) uint64) (name K) {
	least := uint64(1<<64 - 1)
	for k, v := range all {
		if u := used(v); u < least {
			name, least = k, u
		}
	}
	return name
}
