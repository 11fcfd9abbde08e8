package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const shutdownGrace = 5 * time.Second

// Listen starts to serve on an address such as "127.0.0.1:8787"; port 0 picks a free one. It returns the environment
// URL. An address that other machines can reach is refused unless Options.AllowNonLoopback is set.
func (e *Emulator) Listen(addr string) (url string, err error) {
	if err := e.checkListen(addr); err != nil {
		return "", fmt.Errorf("listen on %q: %w", addr, err)
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return "", errors.New("listen: the emulator is closed")
	case e.server != nil:
		return "", fmt.Errorf("listen: the emulator serves %s already", e.url)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return "", err
	}
	bound, ok := listener.Addr().(*net.TCPAddr)
	if !ok || (!e.options.AllowNonLoopback && !bound.IP.IsLoopback()) {
		// A hosts file may give "localhost" any address.
		return "", errors.Join(fmt.Errorf("listen on %q, which is %s: %w", addr, listener.Addr(), ErrNotLoopback), listener.Close())
	}

	handler := e.Handler()
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.running.Add(1)
		defer e.running.Add(-1)
		handler.ServeHTTP(w, r)
	})
	e.server = e.newServer(counted)
	e.listener = listener
	e.url = "http://" + reachable(bound).String()
	go func() { _ = e.server.Serve(listener) }() // Ends with Close; it has no other way to fail once it listens.
	return e.url, nil
}

// ErrNotLoopback is in the chain of the error with which [Emulator.Listen] refuses an address.
var ErrNotLoopback = errors.New("not a loopback address such as 127.0.0.1:8787, and whoever reaches the emulator can " +
	"read and change everything in it")

// reachable turns "all addresses" into one that a client on this machine can use.
func reachable(bound *net.TCPAddr) *net.TCPAddr {
	if bound.IP.IsUnspecified() {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: bound.Port}
	}
	return bound
}

// Close ends delays, hangs and the delivery of events, lets running calls finish and stops serving. Closing twice is fine.
func (e *Emulator) Close() error {
	e.mu.Lock()
	server := e.server
	if !e.closed {
		e.closed = true
		close(e.closing)
	}
	e.mu.Unlock()
	e.webhooks.Close()
	if server == nil {
		return nil
	}
	// Not Shutdown, which waits a second for every client that keeps an idle HTTP/2 connection.
	for deadline := time.Now().Add(shutdownGrace); e.running.Load() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	err := server.Close()
	// Serve may not have taken the listener over yet, and closes it late then.
	_ = e.listener.Close()
	return err
}
