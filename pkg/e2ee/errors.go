package e2ee

import "errors"

// What can be wrong. None of them tells more than its text: who meant to break
// in learns nothing from how it failed.
var (
	ErrCard       = errors.New("e2ee: the card is not one that its identity signed for this meeting")
	ErrKey        = errors.New("e2ee: not a key")
	ErrMembership = errors.New("e2ee: a membership key is 32 bytes in base64url without padding")
	ErrMessages   = errors.New("e2ee: a box holds 1 to 8 messages, together no larger than a box")
	ErrBox        = errors.New("e2ee: the box does not open, or is not by its sender")
	ErrReplayed   = errors.New("e2ee: it came before, or is too old to know")
	ErrNoEpoch    = errors.New("e2ee: its epoch is not held here")
	ErrEpoch      = errors.New("e2ee: the epoch is not what a member stated")
	ErrChat       = errors.New("e2ee: the line of chat does not open")
	ErrLine       = errors.New("e2ee: lines of chat are numbered upwards, and no larger than an envelope")
	ErrNoKey      = errors.New("e2ee: no key is known for the frame")
	ErrFrame      = errors.New("e2ee: the frame is not authentic")
	ErrSource     = errors.New("e2ee: not a source of media")
)
