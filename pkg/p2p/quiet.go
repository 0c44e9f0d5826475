package p2p

import (
	"log/slog"
	"os"

	"github.com/libp2p/go-libp2p/gologshim"
)

// The libraries write to standard error of themselves, past the program's logger
// and with addresses, so they are told not to before they begin. What matters
// comes back as an error.
func init() {
	gologshim.SetDefaultHandler(slog.DiscardHandler)
	_ = os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true")
}
