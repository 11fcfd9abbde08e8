package emulator

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that does not finish what it has begun to send is let go, and keeps nobody else waiting.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	serve := func(patience time.Duration) (url string) {
		e, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		e.patience = patience
		t.Cleanup(func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
		if url, err = e.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		return url
	}
	url := serve(200 * time.Millisecond)
	patient := serve(defaultPatience) // A busy machine takes its time to send all of a large body.
	for name, test := range map[string]struct{ sent, want string }{
		"nothing":         {"", ""},
		"a line":          {"POST /oauth/token HT", ""},
		"a header":        {"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: ", ""},
		"half of HTTP/2":  {"PRI * HTTP/2.0\r\n\r\nSM", ""},
		"a token's body":  {"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\ngrant", ""},
		"a call's body":   {"POST /a.B/C HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/grpc\r\nContent-Length: 99\r\n\r\n\x00", ""},
		"a control body":  {"POST /_emulator/seed HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{", "HTTP/1.1 408"},
		"a chunked body":  {"POST /_emulator/seed HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", "HTTP/1.1 408"},
		"an unsized body": {"POST /_emulator/seed HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 408"},
		"an unread body":  {"POST /keys HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n", "HTTP/1.1 200"},
		"a large body": {
			"POST /_emulator/seed HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4194404\r\n\r\n" + strings.Repeat(" ", maxRequestBytes+50),
			"HTTP/1.1 413",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url
			if len(test.sent) > maxRequestBytes {
				url = patient
			}
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if _, err := io.WriteString(conn, test.sent); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // A deadline comes unwrapped.
				t.Fatalf("the connection stays open: %q", answer)
			}
			if !strings.HasPrefix(string(answer), test.want) {
				t.Errorf("answer %q, want %q", answer, test.want)
			}
		})
	}
	t.Run("a stream's body", func(t *testing.T) {
		t.Parallel()
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		client := &http.Client{Transport: &http.Transport{Protocols: protocols}, Timeout: 30 * time.Second}
		reader, writer := io.Pipe()
		t.Cleanup(func() { _ = writer.Close() })
		go func() { _, _ = io.WriteString(writer, "{") }()
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url+"/_emulator/seed", reader)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := bufio.NewReader(resp.Body).ReadString('\n')
		if resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %d: %s", resp.StatusCode, text)
		}
	})
}
