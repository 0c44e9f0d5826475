// Package meeting owns what a meeting is made of: its ID, title, password and
// invitation, the policy that holds in it, and the invariants of its stored
// record.
//
// A meeting is entered with its ID and password or with an invitation, a link
// of the form
//
//	https://HOST/join/TOKEN#SECRET
//
// TOKEN proves to the rendezvous that its holder is invited. SECRET, the part
// that browsers never send, proves it to the other participants; the
// rendezvous never has it. A [Token] and a [Secret] print as placeholders, and
// their text has to be asked for.
//
// The package is pure: randomness and time are arguments. It hashes no
// password and seals nothing; that is the work of rendezvous/store, whose
// results a [Record] holds.
package meeting

import "errors"

// What can be wrong with something that came from outside. No error repeats
// its input.
var (
	ErrID             = errors.New("meeting: an ID is nine digits, as in 123-456-789")
	ErrTitle          = errors.New("meeting: a title is 1 to 120 characters of plain text with no spaces around it")
	ErrPassword       = errors.New("meeting: a password is 6 to 64 characters of plain text with no spaces around it")
	ErrPasswordDigits = errors.New("meeting: a password is made of 6 to 12 digits")
	ErrToken          = errors.New("meeting: an invitation's token is 32 bytes in base64url without padding")
	ErrSecret         = errors.New("meeting: an invitation's secret is 32 bytes in base64url without padding")
	ErrNotInvitation  = errors.New("meeting: not an invitation link, which looks like https://HOST/join/TOKEN#SECRET")
	ErrNoToken        = errors.New("meeting: the invitation link ends before its token")
	ErrBrokenToken    = errors.New("meeting: the invitation link's token is incomplete or changed; copy the whole link again")
	ErrBrokenSecret   = errors.New("meeting: the invitation link's part after # is incomplete or changed; copy the whole link again")
	ErrPolicy         = errors.New("meeting: policy out of bounds")
	ErrRecord         = errors.New("meeting: broken record")
	ErrRandom         = errors.New("meeting: the source of randomness gives no usable numbers")
)
