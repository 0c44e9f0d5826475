// Package router is the part of a node that puts sources into slots. In a mesh
// it routes the node's own sources, in a star everybody's; it does not know
// which of the two it serves.
//
// It owns the choice of what flows in which slot and in which layer, the
// rewriting of RTP numbers so that a decoder sees one unbroken stream per slot,
// one packet cache per source and layer from which every retransmission is
// answered, the loss detection towards the sources, the merging of key-frame
// requests, and the mapping of sender reports. It does not own sockets, RTP
// headers' bytes, RTCP, SDP, clocks or goroutines: whoever has a link feeds it
// what came in and writes what it hands out.
//
//	source := r.AddSource(key, router.Video, true, upstream)
//	receiver := r.AddReceiver(peer, slots, router.Everybody, downstream)
//	receiver.SetViews(at, views)      // a message of that peer
//	source.Write(at, &packet)         // calls downstream.WriteRTP for whoever is shown it
//	next := r.Tick(at)                // to be called again at next
//
// # Time
//
// Every at is nanoseconds of one monotonic clock, the same for all calls on a
// Router, from any origin. Times that run backwards are harmless.
//
// # Views, slots, layers
//
// What a receiver has not listed in its views is not sent to it. Before its
// first views nothing flows to a receiver of Everybody, and everything to one of
// OwnSources. Views come most important first and are given slots in that order;
// a view of no size is wanted as large as there is. A source's layers rise in
// size. A receiver is moved to another layer at a key frame of that layer only,
// and is shown the old one until then. No frame of a layer is shown in a slot
// after a newer one of it, whatever the slot has shown in between. When the
// receiver's bandwidth falls, all its pictures get smaller first, and then the
// least important go; audio stays. It falls at once and rises slowly: what is
// sent more is watched, and taken back when loss or delay grow. While pictures have
// hardly flowed yet it is no reason to show none. Audio slots go to
// the loudest of those asked for, or to all when there are slots enough.
//
// # Numbers
//
// In every slot the sequence numbers, timestamps, VP8 and VP9 picture IDs and
// TL0PICIDX that leave the router run on over changes of layer and source and
// over pauses. A packet that was lost on its way to the router leaves its number
// free: the receiver asks for it, and gets it when the source has sent it again.
//
// Only what senders leave readable under end-to-end encryption is read: the
// VP8 (RFC 7741) and VP9 (RFC 9628) payload descriptors and VP8's first ten
// bytes.
//
// # Threads and locks
//
// Every method is safe for concurrent use. Locks are taken in the order
// Router.mu, Receiver.mu, Source.mu, each at most once. The methods of
// Upstream and Downstream.Slots are called with no lock held.
// Downstream.WriteRTP, Flush and SendReport, and every Sink, are called with the
// source's lock held, so that sources on different cores do not wait for each
// other, and for retransmissions with the receiver's as well: they must not call
// the router, nor wait for somebody who does.
//
// # Ownership of bytes
//
// A Packet and its payload are the caller's again when Write returns. An Out and
// its payload are valid during the call only, and must not be written to; the
// same holds for what a Sink is given.
package router
