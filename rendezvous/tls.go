package rendezvous

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// TLS says how connections are encrypted. The zero TLS does not encrypt.
type TLS struct {
	// SelfSigned makes a certificate, kept in the data folder, which browsers warn
	// of.
	SelfSigned bool
	// CertFile and KeyFile are a certificate chain and its key, in PEM.
	CertFile, KeyFile string
}

func (t TLS) on() bool { return t.SelfSigned || t.CertFile != "" }

func (t TLS) validate() error {
	if (t.CertFile == "") != (t.KeyFile == "") || t.SelfSigned && t.CertFile != "" {
		return fmt.Errorf("%w: TLS is off, self-signed, or a certificate with its key", ErrConfig)
	}
	return nil
}

const (
	certFile  = "self-signed.pem"
	certLife  = 365 * 24 * time.Hour
	certRenew = 30 * 24 * time.Hour
)

// config loads or makes the certificate for the hosts of urls.
func (t TLS) config(dataDir string, urls []string, now time.Time) (*tls.Config, error) {
	var cert tls.Certificate
	var err error
	if t.SelfSigned {
		cert, err = selfSigned(filepath.Join(dataDir, certFile), hostsOf(urls), now)
	} else {
		cert, err = tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			err = fmt.Errorf("%w: the certificate or its key cannot be used: %w", ErrConfig, err)
		}
	}
	if err != nil {
		return nil, err
	}
	// WebSockets are HTTP/1.1; offering nothing else keeps one connection per browser.
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

func hostsOf(urls []string) []string {
	var hosts []string
	for _, text := range urls {
		if u, err := url.Parse(text); err == nil && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// selfSigned returns the certificate in a file, or a new one if that is missing,
// soon over, or for other hosts. The same one again spares people a warning.
func selfSigned(path string, hosts []string, now time.Time) (tls.Certificate, error) {
	if kept, err := tls.LoadX509KeyPair(path, path); err == nil && covers(kept.Leaf, hosts, now) {
		return kept, nil
	}
	pair, err := makeCertificate(hosts, now)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("rendezvous: make a certificate: %w", err)
	}
	if err := os.WriteFile(path, pair, 0o600); err != nil {
		return tls.Certificate{}, fmt.Errorf("rendezvous: keep the certificate: %w", err)
	}
	return tls.X509KeyPair(pair, pair)
}

func covers(cert *x509.Certificate, hosts []string, now time.Time) bool {
	if cert == nil || now.Before(cert.NotBefore) || now.Add(certRenew).After(cert.NotAfter) {
		return false
	}
	for _, host := range hosts {
		if cert.VerifyHostname(host) != nil {
			return false
		}
	}
	return true
}

// makeCertificate returns a certificate and its key in one PEM text.
func makeCertificate(hosts []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Parley, self-signed"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(certLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	pair := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(pair, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}
