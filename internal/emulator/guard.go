package emulator

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// What keeps the emulator to the programs of its own machine, and these from keeping it busy.
const (
	maxRequestBytes = 4 << 20 // gRPC servers' usual limit; the platform's is unknown [U]
	maxHeaderBytes  = 64 << 10

	// defaultPatience is how long a client may take to send the header of a request, and then its body.
	defaultPatience = 10 * time.Second

	// idleTimeout is how long a connection may stay open without a request.
	idleTimeout = 10 * time.Minute
)

// refuseForeign refuses what a web page sends, although the browser that shows it runs on this machine: no program but a
// browser says which page a request comes from; and a page whose host name has been made to mean this machine names that
// host.
func (e *Emulator) refuseForeign(r *http.Request) error {
	// A browser sends Origin with every request but a plain GET, and says of that one whether another site made it.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return apierr.New(connect.CodePermissionDenied,
			"this emulator serves programs, and the request comes from the page of another site: its Sec-Fetch-Site says so")
	}
	if r.Header.Get("Origin") != "" {
		return apierr.New(connect.CodePermissionDenied,
			"this emulator serves programs, and the request comes from a web page: it has an Origin header")
	}
	host := (&url.URL{Host: r.Host}).Hostname()
	if e.options.AllowNonLoopback || web.IsLoopback(host) {
		return nil
	}
	return apierr.New(connect.CodePermissionDenied, "this emulator serves requests to a loopback host such as 127.0.0.1 or "+
		"localhost, and this one is to %q; started with --allow-non-loopback it serves any", host)
}

// impatient gives a client that long to send the body of a request, whether anybody reads it or not: the server itself
// does, to find the next request behind it.
func (e *Emulator) impatient(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(e.patience))
		handler.ServeHTTP(w, r)
	})
}

// readBody reads the body of a request, to one byte beyond the limit, by which it is known to be too large.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes+1))
	if err == nil && len(body) <= maxRequestBytes {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // It has come. Not every ResponseWriter has deadlines.
	}
	return body, err
}

// newServer makes the server for a handler.
func (e *Emulator) newServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // Node's gRPC begins with HTTP/2; Go's SDK uses HTTP/1.1 here.
	return &http.Server{
		Handler:           e.impatient(handler),
		Protocols:         protocols,
		ReadHeaderTimeout: e.patience,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
}

// checkListen refuses an address that other machines can reach. It resolves no names.
func (e *Emulator) checkListen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return err
	case e.options.AllowNonLoopback || web.IsLoopback(host):
		return nil
	case host == "":
		return fmt.Errorf("every address of this machine: %w", ErrNotLoopback)
	default:
		return ErrNotLoopback
	}
}
