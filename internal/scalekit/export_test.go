package scalekit

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
)

// Repeatable is what decides whether a call may be repeated when its outcome is unknown.
var Repeatable = repeatable

// RepeatableWrites are the names of the writes that may be repeated.
func RepeatableWrites() []string {
	var names []string
	for name := range repeatableWrites {
		names = append(names, name)
	}
	return names
}

// SecretFields are the names of the fields that are masked in the log.
func SecretFields() []string {
	var names []string
	for name := range secretFields {
		names = append(names, string(name))
	}
	return names
}

// MaskedBody prints a message as the log does.
func MaskedBody(message any) fmt.Stringer { return body{message} }

// NewWithRoots is New for a server whose certificate only the given authorities have signed.
func NewWithRoots(config Config, roots *x509.CertPool) *Client {
	transport := newTransport(config.EnvironmentURL)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return newClient(config, transport)
}

// CloseIdleConnections ends the client's connections that no call uses.
func (c *Client) CloseIdleConnections() {
	if o, ok := c.tokens.httpClient.Transport.(observer); ok {
		(&http.Client{Transport: o.next}).CloseIdleConnections()
	}
}
