package link

import (
	"testing"
	"time"
)

// Guards the estimate where feedback is rare: until it remembers the most, a
// history forgets nothing that was not spoken of.
func TestHistoryGrowsRatherThanForgets(t *testing.T) {
	t.Parallel()
	h := history{next: 65_000} // across the end of the numbers
	first := h.next
	for i := range sentPackets {
		h.add(time.Duration(i), i)
	}
	for i := range sentPackets {
		p, known := h.take(first + uint16(i))
		if !known || p.at != time.Duration(i) || int(p.size) != i {
			t.Fatalf("packet %d: %+v, known %v", i, p, known)
		}
	}
	if _, again := h.take(first); again {
		t.Error("a packet was spoken of twice")
	}
	h.add(0, 1)
	if len(h.packets) != sentPackets {
		t.Errorf("%d packets are remembered, want %d at most", len(h.packets), sentPackets)
	}
}

// Guards the memory of a link: who hears of its packets in time keeps few.
func TestHistoryStaysSmall(t *testing.T) {
	t.Parallel()
	var h history
	for i := range 10 * sentPackets {
		seq := h.add(time.Duration(i), 1)
		if _, known := h.take(seq - 100); i >= 100 && !known {
			t.Fatalf("packet %d was forgotten", i-100)
		}
	}
	if len(h.packets) != firstSentPackets {
		t.Errorf("%d packets are remembered, want %d", len(h.packets), firstSentPackets)
	}
}
