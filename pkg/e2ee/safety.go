package e2ee

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// Code is a safety code: what people read to each other to know that nobody sits
// between them. It is the same for all who have the same epoch and accept the
// same sessions.
type Code struct {
	Words  [6]string
	Digits string // six of them
}

// SafetyCode is the safety code of an epoch among sessions: everybody who is
// accepted but helpers, this client's own included, in any order.
func SafetyCode(m meeting.ID, host identity.PeerID, e *Epoch, sessions []Session) Code {
	members := slices.Clone(sessions)
	slices.SortFunc(members, func(a, b Session) int { return cmp.Compare(a.ID, b.ID) })
	f := make(fields, 0, 256+96*len(members)).text("parley/1/safety").text(m.String()).text(string(host)).fixed(e.Commit[:]...)
	for _, s := range members {
		f = f.text(string(s.ID)).fixed(s.Fingerprint[:]...)
	}
	digest := sha256.Sum256(f)
	var c Code
	for i := range c.Words {
		c.Words[i] = words[digest[i]]
	}
	c.Digits = fmt.Sprintf("%06d", binary.BigEndian.Uint32(digest[len(c.Words):])%1_000_000)
	return c
}

// String is the code in one line: the words, then the digits.
func (c Code) String() string { return strings.Join(c.Words[:], " ") + " " + c.Digits }
