package e2ee

import (
	"encoding/binary"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Boxes on the wire, in base64url:
//
//	for one session:  0x01 ‖ enc (1120) ‖ counter (8) ‖ AES-256-GCM
//	for everybody:    0x02 ‖ epoch's ID (8) ‖ counter (8) ‖ AES-256-GCM
const (
	forOne = 0x01
	forAll = 0x02

	counterSize   = 8
	headOfOne     = 1 + encSize + counterSize
	headOfAll     = 1 + epochIDSize + counterSize
	signatureSize = 64

	maxMessages = 8 // in one box

	boxContext = "parley/1/box"
)

// boxInfo binds a key between two sessions to the meeting and to both of them.
func boxInfo(m meeting.ID, from, to Session) []byte {
	return fields(nil).text(boxContext).text(m.String()).fixed(from.Fingerprint[:]...).fixed(to.Fingerprint[:]...)
}

// boxSender is what a sender signs: anybody can seal to a card, and only this
// says who did.
func boxSender(m meeting.ID, from, to Session, enc []byte) []byte {
	return make(fields, 0, 2048).text("parley/1/box-sender").text(m.String()).
		fixed(from.Fingerprint[:]...).fixed(to.Fingerprint[:]...).text(string(enc))
}

func boxData(counter uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{forOne}, counter)
}

// counterAt reads a counter; a 0, and what TypeScript cannot count to, is none.
func counterAt(b []byte) (counter uint64, ok bool) {
	counter = binary.BigEndian.Uint64(b)
	return counter, counter >= 1 && counter <= protocol.MaxInt
}

func encodeMessages(dst []byte, messages ...protocol.BoxMessage) ([]byte, error) {
	for _, m := range messages {
		text, err := protocol.EncodeBoxMessage(m)
		if err != nil {
			return nil, err
		}
		dst = fields(dst).text(string(text))
		if len(dst) > protocol.MaxBox {
			return nil, ErrMessages
		}
	}
	return dst, nil
}

// decodeMessages reads one to most messages that fill b.
func decodeMessages(b []byte, most int) ([]protocol.BoxMessage, error) {
	var messages []protocol.BoxMessage
	for len(b) > 0 {
		if len(b) < 4 || len(messages) == most {
			return nil, ErrBox
		}
		size := uint64(binary.BigEndian.Uint32(b))
		if size > uint64(len(b)-4) {
			return nil, ErrBox
		}
		m, err := protocol.DecodeBoxMessage(b[4 : 4+size])
		if err != nil {
			return nil, ErrBox // what was wrong with it would say what is in it
		}
		messages = append(messages, m)
		b = b[4+size:]
	}
	if len(messages) == 0 {
		return nil, ErrBox
	}
	return messages, nil
}

func boxText(b []byte) (string, error) {
	if strict.EncodedLen(len(b)) > protocol.MaxBox {
		return "", ErrMessages
	}
	return strict.EncodeToString(b), nil
}
