package rendezvous_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/rendezvous"
)

// Guards the helper beside the server against everything between the public URL
// and the listener: a proxy that does the TLS, a certificate that nobody signed,
// a name that this machine does not know.
func TestInside(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]rendezvous.Config{
		"by itself":        {},
		"behind a proxy":   {PublicURLs: []string{"https://meet.example.com"}},
		"self-signed":      {PublicURLs: []string{"https://meet.example.com:8443"}, TLS: rendezvous.TLS{SelfSigned: true}},
		"at every address": {Listen: ":0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config.DataDir, config.DiskReserve, config.RelayListen = filepath.Join(t.TempDir(), "data"), 8<<20, rendezvous.RelayOff
			if config.Listen == "" {
				config.Listen = "127.0.0.1:0"
			}
			server, err := rendezvous.New(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- server.Run(ctx) }()
			helper, err := client.New(client.Config{
				Rendezvous: server.URL(), Identity: server.Helper(), HTTP: &http.Client{Transport: server.Inside()},
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := helper.MyMeetings(ctx, ""); err != nil {
				t.Error(err)
			}
			helping, done := context.WithCancel(ctx)
			registered := false
			err = helper.Help(helping, func(e client.HelpEvent) {
				_, registered = e.(client.Helping)
				done()
			})
			if !registered {
				t.Error(err)
			}
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
