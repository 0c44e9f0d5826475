package e2ee

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	chatVersion = 0x01
	chatContext = "parley/1/chat"
	headOfChat  = 1 + epochIDSize + keySize
)

// SealChat makes the body of self's envelope number seq of a line of chat:
//
//	base64url(0x01 ‖ epoch's ID (8) ‖ self's fingerprint (32) ‖ AES-256-GCM(chat))
//
// It is the same for everybody, and for who hands on the history. It fails with
// [ErrNoEpoch] for an epoch that was erased, and with [ErrLine] when seq does not
// rise: two lines under one number would be sealed with one nonce.
func (e *Epoch) SealChat(self Session, m meeting.ID, seq int64, chat []byte) (string, error) {
	if seq <= e.line || strict.EncodedLen(headOfChat+len(chat)+tagSize) > protocol.MaxEnvelope {
		return "", ErrLine
	}
	key, err := e.derive(chatContext, self.Fingerprint[:]...)
	if err != nil {
		return "", err
	}
	e.line = seq
	body := make([]byte, 0, headOfChat+len(chat)+tagSize)
	body = append(append(append(body, chatVersion), e.ID[:]...), self.Fingerprint[:]...)
	return strict.EncodeToString(gcm(key).Seal(body, nonce(uint64(seq)), chat, chatData(m, self.ID))), nil
}

// OpenChat gives what a line of chat says, as its author sealed it. That the
// author signed the envelope is for the caller to see to. It fails with
// [ErrNoEpoch] when its epoch is not held, or not yet, and with [ErrChat].
func (r *Ring) OpenChat(e protocol.Envelope) ([]byte, error) {
	if e.Kind != protocol.EnvelopeChat || e.Meeting != r.meeting || e.Seq < 1 || len(e.Body) > protocol.MaxEnvelope {
		return nil, ErrChat
	}
	raw, ok := decode(e.Body)
	if !ok || len(raw) < headOfChat+tagSize || raw[0] != chatVersion {
		return nil, ErrChat
	}
	epoch := r.Find([epochIDSize]byte(raw[1:]))
	if epoch == nil {
		return nil, ErrNoEpoch
	}
	key, err := epoch.derive(chatContext, raw[1+epochIDSize:headOfChat]...)
	if err != nil {
		return nil, err
	}
	chat, err := gcm(key).Open(nil, nonce(uint64(e.Seq)), raw[headOfChat:], chatData(e.Meeting, e.From))
	if err != nil {
		return nil, ErrChat
	}
	return chat, nil
}

func chatData(m meeting.ID, from identity.PeerID) []byte {
	return fields(nil).text(chatContext).text(m.String()).text(string(from))
}
