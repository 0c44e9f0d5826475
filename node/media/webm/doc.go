// Package webm reads and writes the WebM container (RFC 9559 on RFC 8794), as
// far as VP8, VP9 and Opus need it.
//
// It owns the bytes and nothing else: [Reader] takes any WebM or Matroska file
// or pipe apart and bounds every size before it allocates; [Muxer] is pure and
// says which bytes belong where, so that a recording can be written, sealed and
// repaired by whoever owns the file. What codecs mean is the caller's affair.
//
// A written file is complete at each cluster: its segment says that its size is
// unknown, and only [Muxer.Finish] fills in sizes, duration and cues, by patches
// that change no other byte's place. [Recover] makes the same patches for a file
// whose writer died.
package webm
