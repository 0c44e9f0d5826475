package tui

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks is how many combining marks a letter may carry: a stack of them
// covers the lines above and below.
const maxMarks = 3

// Plain makes text of strangers fit for a terminal's line: control and format
// characters, with which it could move the cursor, turn the direction of what
// follows or hide, are gone, line ends and tabs are spaces, and what is no
// UTF-8 is replaced. Emoji are taken apart into those that every terminal finds
// equally wide: what joins, colours or varies them is gone.
func Plain(s string) string { return plain(s, ' ') }

// plainLines is Plain for text of several lines.
func plainLines(s string) []string { return strings.Split(plain(s, '\n'), "\n") }

func plain(s string, newline rune) string {
	marks := 0
	before := newline // the last that was neither a mark nor a joiner
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u2028', r == '\u2029':
			return newline
		case r == '\t':
			return ' '
		case r == '\ufe0e', r == '\ufe0f', r == '\u20e3', isSkin(r) && unicode.Is(unicode.So, before):
			return -1
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				return -1
			}
			return r
		}
		marks = 0
		if r == '\u200c' || r == '\u200d' { // several scripts join their letters with them
			if unicode.IsLetter(before) {
				return r
			}
			return -1
		}
		before = r
		switch {
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// isSkin tells whether a character colours the emoji before it.
func isSkin(r rune) bool { return r >= '\U0001f3fb' && r <= '\U0001f3ff' }

// width counts columns as most terminals do, character by character. The
// interface's renderer is kept to the same count: where two counts differ, ends of
// lines are lost.
func width(s string) int { return ansi.StringWidthWc(s) }

// fit makes a text that may be styled exactly w columns wide.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = ansi.TruncateWc(s, w, "…")
	return s + strings.Repeat(" ", max(0, w-width(s)))
}

// right is fit with the text at the right end.
func right(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = ansi.TruncateWc(s, w, "…")
	return strings.Repeat(" ", max(0, w-width(s))) + s
}

// spread puts one text at the left and one at the right of a line; the left
// one gives way.
func spread(left, end string, w int) string {
	end = ansi.TruncateWc(end, w, "…")
	room := w - width(end)
	if end != "" && room > 0 {
		room--
		return fit(left, room) + " " + end
	}
	return fit(left, room) + end
}

// wrap breaks a text into lines of at most w columns, at spaces where it can.
func wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for _, paragraph := range plainLines(s) {
		lines = append(lines, strings.Split(ansi.WrapWc(paragraph, w, " "), "\n")...)
	}
	return lines
}

// Words in an error's text that are for who looks for its place: in the program,
// where nothing but another error's text may stand before them, or in ffmpeg.
var (
	places   = regexp.MustCompile(`(^|[:;] )(?:(?:client|identity|link|media|meeting|node|overlay|protocol|record|room|session|tui|webm): )+`)
	pointers = regexp.MustCompile(`\[[^\[\]]* @ 0x[0-9a-f]+\] `)
)

// Sentence is an error's text as people are told it.
func Sentence(text string) string {
	text = places.ReplaceAllString(strings.ReplaceAll(text, "\n", "; "), "$1")
	return Plain(pointers.ReplaceAllString(text, ""))
}
