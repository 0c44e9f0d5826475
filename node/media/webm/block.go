package webm

import "time"

// blockFlags is what a block's surroundings say of it.
type blockFlags struct {
	simple   bool // the block's own flag says whether it is a key frame
	key      bool
	duration time.Duration
}

// parseGroup reads a BlockGroup: a block is a key frame when it refers to no other.
func (r *Reader) parseGroup(at int64, content []byte) error {
	flags := blockFlags{key: true}
	var block []byte
	for {
		e, rest, ok := next(content)
		if !ok {
			break
		}
		content = rest
		switch e.id {
		case idBlock:
			block = e.content
		case idReferenceBlock:
			flags.key = false
		case idBlockDuration:
			if n, ok := e.number(); ok && n < uint64(time.Hour)/r.scale {
				flags.duration = time.Duration(n * r.scale)
			}
		}
	}
	if block == nil {
		return &Error{Offset: at, Why: "a block group without a block"}
	}
	return r.parseBlock(at, block, flags)
}

// parseBlock cuts a block into its frames (RFC 9559 section 10).
func (r *Reader) parseBlock(at int64, content []byte, flags blockFlags) error {
	track, n := parseSize(content)
	if n == 0 || len(content) < n+3 {
		return &Error{Offset: at, Why: "a block shorter than its header"}
	}
	relative := int64(int16(uint16(content[n])<<8 | uint16(content[n+1])))
	bits := content[n+2]
	if flags.simple {
		flags.key = bits&0x80 != 0
	}
	frames, ok := unlace(bits>>1&3, content[n+3:])
	if !ok {
		return &Error{Offset: at, Why: "a block whose lacing does not fit it"}
	}
	start := max(0, int64(r.cluster)+relative)
	each := r.frameDuration(track)
	if each == 0 {
		each = flags.duration / time.Duration(len(frames))
	}
	blocks := r.laced[:0]
	for i, frame := range frames {
		blocks = append(blocks, Block{
			Track: track, Key: flags.key, Data: frame, Duration: each,
			Time: time.Duration(start)*time.Duration(r.scale) + time.Duration(i)*each,
		})
	}
	r.laced = blocks
	return nil
}

func (r *Reader) frameDuration(number uint64) time.Duration {
	for _, t := range r.tracks {
		if t.Number == number {
			return t.FrameDuration
		}
	}
	return 0
}

// unlace cuts laced frames apart; ok is false when the sizes do not fit.
func unlace(kind byte, content []byte) (frames [][]byte, ok bool) {
	const none, xiph, fixed = 0, 1, 2
	if kind == none {
		return [][]byte{content}, true
	}
	if len(content) == 0 {
		return nil, false
	}
	count := int(content[0]) + 1
	content = content[1:]
	if kind == fixed {
		if len(content)%count != 0 {
			return nil, false
		}
		size := len(content) / count
		for i := range count {
			frames = append(frames, content[i*size:(i+1)*size])
		}
		return frames, true
	}
	sizes := ebmlLace
	if kind == xiph {
		sizes = xiphLace
	}
	lengths, content, ok := sizes(content, count-1)
	if !ok {
		return nil, false
	}
	for _, length := range lengths {
		if length < 0 || length > int64(len(content)) {
			return nil, false
		}
		frames = append(frames, content[:length])
		content = content[length:]
	}
	return append(frames, content), true
}

// xiphLace reads sizes as runs of 255 with a last smaller byte.
func xiphLace(content []byte, count int) (lengths []int64, rest []byte, ok bool) {
	for range count {
		var length int64
		for {
			if len(content) == 0 {
				return nil, nil, false
			}
			part := content[0]
			content = content[1:]
			length += int64(part)
			if part != 255 {
				break
			}
		}
		lengths = append(lengths, length)
	}
	return lengths, content, true
}

// ebmlLace reads a first size and then differences, which are biased around zero.
func ebmlLace(content []byte, count int) (lengths []int64, rest []byte, ok bool) {
	var length int64
	for i := range count {
		value, n := parseSize(content)
		if n == 0 || value == unknownSize || value > MaxBlock<<8 {
			return nil, nil, false
		}
		content = content[n:]
		if i == 0 {
			length = int64(value)
		} else {
			length += int64(value) - (1<<(7*n-1) - 1)
		}
		if length < 0 || length > MaxBlock {
			return nil, nil, false
		}
		lengths = append(lengths, length)
	}
	return lengths, content, true
}
