package webhook

import (
	"errors"
	"net"
	"testing"
)

// The connections of deliveries go to this machine, whatever becomes of a URL on its way to them.
func TestDialLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"acme.example:80", "192.0.2.1:80", "0.0.0.0:80", "[::]:80", "[::ffff:192.0.2.1]:80", "localhost.acme.example:80", ":80", "80",
	} {
		if conn, err := dialLoopback(t.Context(), "tcp", address); err == nil {
			t.Errorf("%s: connected to %s", address, conn.RemoteAddr())
			_ = conn.Close()
		} else if _, dialed := errors.AsType[*net.OpError](err); dialed {
			t.Errorf("%s: %v: it was tried", address, err)
		}
	}
}
