// Package store keeps meetings: creates, shows, authorises, changes and ends them.
//
// It owns what is written about a meeting and how its credentials are kept; rendezvous/kv keeps the bytes. It does not
// count failures (rendezvous/guard) and knows neither rooms nor HTTP.
//
// # Layout
//
// One key for each meeting, and indexes beside it:
//
//	meeting/ID               the record (meeting.Record, JSON), with a TTL as a safety net behind its expiry
//	token/SHA-256 OF TOKEN   the meeting that an invitation is for
//	host/PEER/TIME-ID        the meetings of a host; TIME falls, so that ascending order is newest first
//	standing/ID/PEER         what was decided about somebody in a meeting
//
// The engine has no transaction over two keys, and needs none: indexes are written before the record and removed after it, the record
// alone says whether a meeting exists, and whoever follows an index checks that the record points back. An index that a crash left
// behind leads nowhere until the sweep ([Store.Run]) removes it.
//
// # Credentials
//
// A password is kept as argon2id (RFC 9106; 19 MiB, two passes, one lane) over HMAC-SHA-256 with a pepper from the key
// file. An invitation's token is not kept: its hash is the lookup key, and a key pair derived from it (HPKE, RFC 9180,
// MLKEM768X25519) opens the sealed password for the invitation's page. Only the public half is kept, so a new password can be
// sealed without the token, and the database alone opens nothing.
package store

import "errors"

var (
	// ErrMeetingNotFound says that a meeting is unknown, deleted or expired.
	ErrMeetingNotFound = errors.New("store: meeting not found")
	// ErrInvitationNotFound says that a token is unknown or revoked, or that its meeting is over.
	ErrInvitationNotFound = errors.New("store: invitation not found")
	// ErrWrongPassword says that a password is not the meeting's.
	ErrWrongPassword = errors.New("store: wrong password")
	// ErrNotHost says that somebody else than its host wants to change a meeting.
	ErrNotHost = errors.New("store: not the host")
	// ErrExpiry says that an expiry is not in the future, or too far in it.
	ErrExpiry = errors.New("store: an expiry lies in the future, within 100 years")
	// ErrCursor says that a page's cursor was not made here.
	ErrCursor = errors.New("store: not a cursor")
	// ErrBusy says that too many passwords wait to be hashed. It passes in seconds.
	ErrBusy = errors.New("store: too many passwords at once")
	// ErrStandings says that too many people of one meeting were decided about.
	ErrStandings = errors.New("store: too many standings in one meeting")
	// ErrKeys says that the key file is missing, damaged or open to others.
	ErrKeys = errors.New("store: key file")
)
