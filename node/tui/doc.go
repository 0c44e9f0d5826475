// Package tui is a meeting in a terminal: who is here, who speaks, the links,
// the chat, what happened, and the keys.
//
// It owns what is drawn and what keys mean. What it draws is a pure function of
// a [session.State], the lines that were told, and the window's size; what keys
// do to the meeting goes through a [Meeting]. It owns no meeting, no media and
// no file.
//
// Whatever other people wrote (names, titles, chat) passes [Plain] before it is
// drawn: no control character, escape sequence or text-direction override of
// theirs reaches the terminal.
//
// With NO_COLOR set nothing is coloured, and nothing is told by colour alone.
package tui
