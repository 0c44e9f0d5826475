// Package record writes a meeting to disk as it comes.
//
// It owns the folder of a recording: the files, how they are sealed, and what a
// crash leaves of them. It takes RTP packets as the router's sink hands them over,
// puts frames together, and writes those that a [Stream] opens: what somebody else
// than the participant put in their place is counted and not written. It transcodes
// nothing, holds no key of the meeting, and knows neither links nor the room.
//
// # Files
//
// A participant has one WebM file for what they show of themselves (camera and
// mic) and one for what they share (screen and its sound), so that a file plays as
// that person was seen and heard: sound and picture on one clock, which no player
// would align for two files. A picture that comes within seconds of the sound joins
// its file; later a file cannot gain one, nor change its codec: the next part begins
// then, and meeting.json ties the parts together. It says who, when and in which
// file, and is replaced as a whole. Files are named by time, the end of the
// participant's ID and source; what people call themselves is inside meeting.json
// only.
//
// # Crashes
//
// Frames are written within half a second, and a person's first sound within one,
// for it waits for a picture. Each write is a whole cluster, and the file plays
// without its end. A file is synced every few seconds at most, in
// turns, so that a power cut loses seconds and a killed process less than one. The
// next New in the same folder gives files their end and goes on with the recording
// of the same meeting.
//
// # Sealing
//
// With a passphrase nothing plain touches the disk; see seal.go for the format and
// [Unseal] for the way back. Names, times and sizes of files stay visible.
package record
