// Package protocol holds every message that Parley puts on a wire: the bodies
// of the rendezvous' HTTP routes, the frames of its signaling WebSocket, what
// two participants say on a link's data channels, and the signed envelopes
// that carry the room's own control plane over any of them.
//
// The package owns the shapes, their bounds and their validation, and nothing
// else: no socket, no clock, no key storage. PROTOCOL.md beside this file is
// the same contract told for people who write another client.
//
// A bound is told once, as the kind named by a field's `is` tag (see bounds.go).
// Go's validation, schema.json and the TypeScript schemas in
// web/src/protocol/messages.gen.ts all come from that table, and the vectors in
// testdata/vectors are run by both languages.
//
// Decoding is strict: a message larger than its limit is refused before it is
// parsed, as are unknown or repeated members, a wrong type, and text that is
// not UTF-8. Every refusal is a *FieldError whose text names the field and the
// bound and never repeats what was sent.
package protocol

//go:generate go run ./internal/gen
