// Package media reads what a node publishes and turns it into RTP payloads.
//
// It owns the readers (IVF with VP8 or VP9, Ogg with Opus, WebM with VP8, VP9
// and Opus, and through the installed ffmpeg whatever that reads), the pace at
// which their frames leave, and how a frame is cut into packets. It encodes
// nothing itself, knows no participant and no link, and never writes a file.
//
// # From a name to packets
//
//	reader, err := media.Open(ctx, "talk.webm", media.Options{Loop: true})
//	player := media.NewPlayer(reader, media.PlayerConfig{Loop: true, Handler: h})
//	err = player.Run(ctx)
//
// [Open] recognises a file by its first bytes and not by its name. [Player]
// calls the handler with each packet when its time has come, in real time, and
// begins again at the end without a jump in the RTP timestamps. [Packetizer] is
// the pure part in between.
//
// # Sealing
//
// No frame leaves as it is: the handler seals each, once, before it is cut into
// packets, and while it cannot, frames are dropped and time goes on. The picture then
// begins with a key frame, to which a file steps back at once. What packets say of
// a frame, its size and its loudness, is read before it is sealed.
//
// # Layers
//
// A video track has one layer, or up to three of rising size when the consumer
// asked for them and ffmpeg encodes. Layers are numbered from the smallest and
// are separate RTP streams: their sequence numbers and timestamps do not relate.
//
// # Key frames
//
// A newcomer sees nothing before a key frame, and a file cannot make one on
// demand. What ffmpeg encodes has one every second, so there a request only
// waits. A file that is played as it is may have them many seconds apart: when
// none comes by within half a second of a request, the player steps back to the
// last one and goes on from there, sound and picture together, so that a
// newcomer sees a picture within a second and the others see the last seconds
// again. Requests are merged, and each step back makes the next wait longer, so
// that nobody can hold a film at one place. Encoding every file anew would avoid
// the repetition and cost a core for each; a file with a key frame a second
// (ffmpeg -g 30) has neither.
package media
