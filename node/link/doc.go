// Package link is one WebRTC link between this participant and another: what I
// send out, the peer's slots in, two data channels, and how well all of that
// works. A Transport is this machine's share of it, one UDP port for all links.
//
// It owns the connection, of pion's ICE, DTLS, SRTP and SCTP, the socket under it,
// the description of both ends, RTCP and the estimate of what the path carries. It
// is no PeerConnection: lines that are always the same need no transceivers, and
// each of those costs an SFU memory, time to join, and a way up and down for every
// packet. It does not know rooms, who may link
// with whom, or which source flows where: a session says what to make, and a
// router what to send.
//
// # Shape
//
// Every link has the same lines in the same order: mic, camera, screen and
// screen-audio, sent and received; in a star, after these, Extra.Audio audio
// and Extra.Video video lines that only the SFU sends on. A line's mid is its
// index in decimal. Two data channels are made alike by both ends: "control"
// (id 0) and "beat" (id 1). It is offered once; only an ICE restart touches
// SDP again. An offer of another shape is refused.
//
// Codecs are Opus with audio levels (RFC 6464), VP8, and VP9 profile 0.
// Retransmissions go out on the line's own SSRC; RTX is not negotiated.
//
// # Contract
//
// A Link is an actor: one goroutine owns its state, and pion's callbacks post
// to it. Accept, NetworkChanged and Close post too, and return at once. Events
// are called by that goroutine and must not block; Media is called by the
// goroutines that read the link, one per kind of traffic, and what it is given
// is valid during the call only. WriteRTP, the RTCP senders and Flush may be
// called from any goroutine; WriteRTP does not allocate.
//
// What the peer sends is bounded before it is kept. A peer that breaks the
// bounds loses this link (Broken) and nothing else.
//
// web/src/link is this package in TypeScript.
package link
