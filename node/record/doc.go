// Package record writes a meeting to disk as it comes.
//
// It owns the folder of a recording: one WebM file for what a person shows of
// themselves (camera and mic) and one for what they share (screen and its
// sound), without transcoding, and meeting.json, which says who, when and in
// which file. It takes RTP packets as the router's sink hands them over and
// knows neither links nor the room.
package record
