package session

// Loudness makes of a packet's level (RFC 6464: decibels below full scale) the
// 0 to 127 of a beat: nothing from −60 dB down or when the packet has none, all
// from −10 dB up, as the web client measures a microphone.
func Loudness(level uint8) int {
	const quietest, loudest, most = 60, 10, 127
	return min(most, max(0, quietest-int(level))*most/(quietest-loudest))
}
