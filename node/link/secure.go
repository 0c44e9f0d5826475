package link

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v5/packetio"
)

const (
	// certificateLasts is how long links are made with one certificate. It says
	// nothing of its own: what is believed of it comes sealed, by its fingerprint.
	certificateLasts = 24 * time.Hour
	// flightEvery is after what time an unanswered handshake is repeated at first:
	// the path has proven to carry, and a round trip on it is known to be shorter.
	flightEvery = 250 * time.Millisecond
	// maxHandshake bounds what waits for DTLS to read it, bytes.
	maxHandshake = 256 << 10
)

// profiles of SRTP, the best first; the last is what every browser has.
var profiles = []dtls.SRTPProtectionProfile{
	dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80,
}

// fingerprint is a certificate's, by SHA-256 (RFC 8122, section 5).
type fingerprint [sha256.Size]byte

func (f fingerprint) String() string {
	pairs := make([]string, len(f))
	for i := range f {
		pairs[i] = strings.ToUpper(hex.EncodeToString(f[i : i+1]))
	}
	return strings.Join(pairs, ":")
}

func parseFingerprint(text string) (f fingerprint, ok bool) {
	method, value, _ := strings.Cut(text, " ")
	if !strings.EqualFold(method, "sha-256") || len(value) != 3*len(f)-1 {
		return f, false
	}
	decoded, err := hex.DecodeString(strings.ReplaceAll(value, ":", ""))
	return f, err == nil && copy(f[:], decoded) == len(f) && len(decoded) == len(f)
}

// certificate is that of new links.
type certificate struct {
	mu    sync.Mutex
	made  time.Time
	chain tls.Certificate
}

// now gives the certificate and its fingerprint.
func (c *certificate) now() (tls.Certificate, fingerprint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made.IsZero() || time.Since(c.made) > certificateLasts {
		chain, err := selfsign.GenerateSelfSigned()
		if err != nil {
			return tls.Certificate{}, fingerprint{}, fmt.Errorf("link: certificate: %w", err)
		}
		c.chain, c.made = chain, time.Now()
	}
	return c.chain, sha256.Sum256(c.chain.Certificate[0]), nil
}

// errFingerprint: a certificate other than the description names. Somebody is in
// between.
var errFingerprint = errors.New("link: another certificate than was named")

// handshake agrees on keys with who has the certificate that the peer named.
func handshake(ctx context.Context, wire *dtlsWire, chain tls.Certificate, peer remoteEnd, logger *slog.Logger) (*dtls.Conn, *keys, error) {
	shared := []dtls.Option{
		dtls.WithCertificates(chain),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		// Nobody signs these certificates: the fingerprint is what is checked.
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(func(certificates [][]byte, _ [][]*x509.Certificate) error {
			if len(certificates) == 0 || sha256.Sum256(certificates[0]) != peer.fingerprint {
				return errFingerprint
			}
			return nil
		}),
		dtls.WithFlightInterval(flightEvery),
		dtls.WithLoggerFactory(pionLog{logger: logger}),
	}
	var conn *dtls.Conn
	var err error
	if peer.client {
		options := []dtls.ServerOption{
			dtls.WithClientAuth(dtls.RequireAnyClientCert),
			// ICE has proven already that who asks can be reached.
			dtls.WithInsecureSkipVerifyHello(true),
		}
		for _, option := range shared {
			options = append(options, option)
		}
		conn, err = dtls.ServerWithOptions(wire, wire.LocalAddr(), options...)
	} else {
		var options []dtls.ClientOption
		for _, option := range shared {
			options = append(options, option)
		}
		conn, err = dtls.ClientWithOptions(wire, wire.LocalAddr(), options...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("link: DTLS: %w", err)
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("link: DTLS: %w", err), conn.Close())
	}
	made, err := newKeys(conn, !peer.client, wire.send)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, made, nil
}

// keys seal and open a link's media (RFC 3711, RFC 7714).
type keys struct {
	send func([]byte) error

	sealing sync.Mutex
	seal    *srtp.Context // guarded by sealing
	plain   []byte        // guarded by sealing
	sealed  []byte        // guarded by sealing
	header  rtp.Header    // guarded by sealing; what SRTP reads of it

	media   *srtp.Context // of who reads media
	heading rtp.Header    // the same

	opening sync.Mutex
	reports *srtp.Context // guarded by opening
}

// newKeys takes the keys from a handshake; what is sealed is sent.
func newKeys(conn *dtls.Conn, client bool, send func([]byte) error) (*keys, error) {
	state, ok := conn.ConnectionState()
	selected, agreed := conn.SelectedSRTPProtectionProfile()
	if !ok || !agreed {
		return nil, fmt.Errorf("%w: no SRTP", ErrShape)
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(selected)}
	if err := config.ExtractSessionKeysFromDTLS(&state, client); err != nil {
		return nil, fmt.Errorf("link: SRTP: %w", err)
	}
	return keysOf(config.Keys, config.Profile, send)
}

func keysOf(k srtp.SessionKeys, profile srtp.ProtectionProfile, send func([]byte) error) (*keys, error) {
	made := &keys{send: send, plain: make([]byte, 0, receiveMTU), sealed: make([]byte, 0, receiveMTU)}
	window := []srtp.ContextOption{srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow)}
	var failed [3]error
	made.seal, failed[0] = srtp.CreateContext(k.LocalMasterKey, k.LocalMasterSalt, profile)
	made.media, failed[1] = srtp.CreateContext(k.RemoteMasterKey, k.RemoteMasterSalt, profile, window...)
	made.reports, failed[2] = srtp.CreateContext(k.RemoteMasterKey, k.RemoteMasterSalt, profile, window...)
	if err := errors.Join(failed[:]...); err != nil {
		return nil, fmt.Errorf("link: SRTP: %w", err)
	}
	return made, nil
}

// replayWindow is how far back a packet may come late: the largest that a
// retransmission bridges.
const replayWindow = 512

// sealRTP seals a packet and sends it. It allocates nothing.
func (k *keys) sealRTP(header *rtp.Header, payload []byte) error {
	k.sealing.Lock()
	defer k.sealing.Unlock()
	size := header.MarshalSize() + len(payload)
	if size > receiveMTU-srtpOverhead {
		return ErrSize
	}
	k.plain = k.plain[:size]
	n, err := header.MarshalTo(k.plain)
	if err != nil {
		return fmt.Errorf("link: RTP: %w", err)
	}
	copy(k.plain[n:], payload)
	sealed, err := k.seal.EncryptRTP(k.sealed[:0], k.plain, &k.header)
	if err != nil {
		return fmt.Errorf("link: SRTP: %w", err)
	}
	return k.send(sealed)
}

// srtpOverhead is what sealing adds at most.
const srtpOverhead = 16

// sealRTCP seals a compound and sends it.
func (k *keys) sealRTCP(packets []rtcp.Packet) error {
	compound, err := rtcp.Marshal(packets)
	if err != nil {
		return fmt.Errorf("link: RTCP: %w", err)
	}
	k.sealing.Lock()
	defer k.sealing.Unlock()
	sealed, err := k.seal.EncryptRTCP(k.sealed[:0], compound, nil)
	if err != nil {
		return fmt.Errorf("link: SRTCP: %w", err)
	}
	return k.send(sealed)
}

// openRTP opens a packet where it lies. One goroutine does.
func (k *keys) openRTP(packet []byte) ([]byte, error) {
	return k.media.DecryptRTP(packet, packet, &k.heading)
}

// openRTCP opens a compound where it lies.
func (k *keys) openRTCP(packet []byte) ([]byte, error) {
	k.opening.Lock()
	defer k.opening.Unlock()
	return k.reports.DecryptRTCP(packet, packet, nil)
}

// dtlsWire is a link's datagrams of DTLS as a net.PacketConn.
type dtlsWire struct {
	waiting *packetio.Buffer
	send    func([]byte) error
}

func newDTLSWire(send func([]byte) error) *dtlsWire {
	w := &dtlsWire{waiting: packetio.NewBuffer(), send: send}
	w.waiting.SetLimitSize(maxHandshake)
	return w
}

// deliver keeps a copy of a datagram to be read; one too many is lost.
func (w *dtlsWire) deliver(packet []byte) { _, _ = w.waiting.Write(packet, nil) }

// ReadFrom gives the next datagram.
func (w *dtlsWire) ReadFrom(b []byte) (int, net.Addr, error) {
	n, _, err := w.waiting.Read(b, nil)
	return n, w.LocalAddr(), err
}

// WriteTo sends a datagram to the peer, wherever ICE finds it.
func (w *dtlsWire) WriteTo(b []byte, _ net.Addr) (int, error) {
	if err := w.send(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close ends reading.
func (w *dtlsWire) Close() error { return w.waiting.Close() }

// LocalAddr stands for either end: ICE has the addresses.
func (w *dtlsWire) LocalAddr() net.Addr { return &net.UDPAddr{} }

// SetDeadline is SetReadDeadline: no write waits.
func (w *dtlsWire) SetDeadline(t time.Time) error { return w.waiting.SetReadDeadline(t) }

// SetReadDeadline ends a read that waits.
func (w *dtlsWire) SetReadDeadline(t time.Time) error { return w.waiting.SetReadDeadline(t) }

// SetWriteDeadline does nothing.
func (w *dtlsWire) SetWriteDeadline(time.Time) error { return nil }
