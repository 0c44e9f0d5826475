package router

// Upstream is the way back to a source's sender. Its methods are called with no
// lock held, and may be called from several goroutines at once.
type Upstream interface {
	// RequestKeyFrame asks for a key frame of a layer (PLI, RFC 4585 section 6.3.1).
	RequestKeyFrame(layer int)
	// Nack asks for packets again, by the numbers they had (RFC 4585 section 6.2.1).
	Nack(layer int, seqs []uint16)
}

// Downstream is the way to a receiver. Slots are numbered as in AddReceiver.
//
// WriteRTP, Flush and SendReport are called with a lock of the router held, and
// by as many goroutines at once as there are sources: they must neither call the
// router nor wait for somebody who does.
type Downstream interface {
	// WriteRTP sends one packet. An error is counted, and nothing else: who
	// owns the link knows when it is broken.
	WriteRTP(slot int, out *Out) error
	// Flush tells that nothing follows at once: after audio, a video frame's
	// last packet and retransmissions. It is told when all receivers have been
	// written to, so that what goes to them can leave together.
	Flush()
	// SendReport is a sender report (RFC 3550 section 6.4.1) for a slot: ntp in
	// the source's clock, rtp in the slot's timestamps, and what the slot has
	// been sent since it exists.
	SendReport(slot int, ntp uint64, rtp, packets, octets uint32)
	// Slots tells what now flows, all of it, on every change, in order. It is
	// called with no lock held; the slice is the callee's.
	Slots(flows []Flow)
}

// Sink is handed a source's packets on this node: for a recorder, a level
// meter. Of several layers it gets the largest there is, changing between layers
// at key frames only, in order of arrival. Seq, Time and picture IDs run on as
// in a slot. It is called with the source's lock held.
type Sink func(key Key, at int64, p *Packet)
