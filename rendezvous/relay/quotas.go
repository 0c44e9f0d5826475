package relay

import "time"

// Quotas bound what the relay lends. A circuit is one connection between two
// nodes.
type Quotas struct {
	Connections     int           // to the relay, at once
	PerAddress      int           // of them, and of reservations, from one address
	Reservations    int           // at once, one for each node
	Strangers       int           // of them, for who is in no room: to try a connection before a meeting
	ReservationTime time.Duration // after which a reservation is renewed or gone
	Circuits        int           // at once
	PerPeer         int           // of them with one node at an end
	Bytes           int64         // in each direction of a circuit, which then ends
	BytesPerSecond  int           // in each direction of a circuit
	CircuitTime     time.Duration // after which a circuit ends
}

// DefaultQuotas carry the signals and envelopes of some hundred nodes, and no
// media to speak of.
func DefaultQuotas() Quotas {
	return Quotas{
		Connections: 4096, PerAddress: 128, Reservations: 1024, Strangers: 32, ReservationTime: 10 * time.Minute,
		Circuits: 2048, PerPeer: 64, Bytes: 64 << 20, BytesPerSecond: 256 << 10, CircuitTime: 2 * time.Hour,
	}
}

func (q Quotas) valid() bool {
	return min(q.Connections, q.PerAddress, q.Reservations, q.Circuits, q.PerPeer, q.BytesPerSecond) > 0 &&
		q.Strangers >= 0 && q.Bytes > 0 && q.ReservationTime >= time.Minute && q.CircuitTime > 0
}
