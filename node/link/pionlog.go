package link

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pion/logging"
)

// pionLog takes pion's logs: they are for who debugs, and addresses are kept
// out of them.
type pionLog struct {
	logger *slog.Logger
	scope  string
}

// NewLogger makes the logger of one of pion's parts.
func (p pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{logger: p.logger, scope: scope}
}

func (p pionLog) say(format string, args ...any) {
	if !p.logger.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	if args != nil {
		format = fmt.Sprintf(format, args...)
	}
	p.logger.Debug("pion", "part", p.scope, "said", withoutAddresses(format))
}

// withoutAddresses blanks the words that may hold an address, a candidate or a
// credential.
func withoutAddresses(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if strings.ContainsAny(word, "0123456789") && strings.ContainsAny(word, ".:[]") || len(word) > 24 {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

// Tracef and its kin are pion's levels; here all are one.

// Trace is not kept.
func (p pionLog) Trace(string) {}

// Tracef is not kept.
func (p pionLog) Tracef(string, ...any) {}

// Debug is not kept: it tells of single packets.
func (p pionLog) Debug(string) {}

// Debugf is not kept.
func (p pionLog) Debugf(string, ...any) {}

// Info says something.
func (p pionLog) Info(text string) { p.say(text) }

// Infof says something.
func (p pionLog) Infof(format string, args ...any) { p.say(format, args...) }

// Warn says something.
func (p pionLog) Warn(text string) { p.say(text) }

// Warnf says something.
func (p pionLog) Warnf(format string, args ...any) { p.say(format, args...) }

// Error says something.
func (p pionLog) Error(text string) { p.say(text) }

// Errorf says something.
func (p pionLog) Errorf(format string, args ...any) { p.say(format, args...) }
