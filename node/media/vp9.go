package media

import "encoding/binary"

// The first byte of a VP9 payload (RFC 9628 section 4.2).
const (
	vp9PictureID = 0x80 // I: a picture id follows
	vp9Inter     = 0x40 // P: refers to other pictures
	vp9Flexible  = 0x10 // F: and says to which
	vp9Begin     = 0x08 // B
	vp9End       = 0x04 // E
	vp9Structure = 0x02 // V: sizes follow
)

// payloadVP9 cuts a sealed picture in flexible mode with a 15-bit picture id. Each
// picture says that it refers to the one before, and key frames to none, which is
// by what forwarders and receivers tell them; pion's payloader calls all pictures
// of this mode key frames, and receivers drop its other mode for want of TL0PICIDX.
func payloadVP9(frame Frame, sealed []byte, pictureID uint16) [][]byte {
	var payloads [][]byte
	for rest, first := sealed, true; len(rest) > 0; first = false {
		payload := make([]byte, 0, MTU)
		payload = append(payload, vp9PictureID|vp9Flexible, 0x80|byte(pictureID>>8), byte(pictureID))
		if first {
			payload[0] |= vp9Begin
		}
		if !frame.Key {
			const before = 1 << 1 // P_DIFF 1, no more
			payload[0] |= vp9Inter
			payload = append(payload, before)
		} else if first {
			payload[0] |= vp9Structure
			payload = appendStructure(payload, frame.Data)
		}
		part := min(len(rest), MTU-len(payload))
		payload = append(payload, rest[:part]...)
		rest = rest[part:]
		if len(rest) == 0 {
			payload[0] |= vp9End
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// appendStructure tells the one spatial layer's size.
func appendStructure(payload, data []byte) []byte {
	picture, _ := inspectVP9(data)
	const sizes = 0x10 // N_S 0, Y 1, G 0
	payload = append(payload, sizes)
	payload = binary.BigEndian.AppendUint16(payload, uint16(picture.Width))
	return binary.BigEndian.AppendUint16(payload, uint16(picture.Height))
}
