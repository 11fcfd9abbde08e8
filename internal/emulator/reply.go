package emulator

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// reply holds a whole answer back, so that it can be delayed, cut or thrown away after the call has taken effect. It is
// an http.ResponseWriter.
type reply struct {
	header http.Header // what the handler writes; trailers too
	sent   http.Header // header as it was when the body began
	status int
	body   bytes.Buffer
}

func newReply() *reply { return &reply{header: http.Header{}} }

func (r *reply) Header() http.Header { return r.header }

func (r *reply) WriteHeader(status int) {
	if r.sent == nil {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *reply) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// Flush lets a gRPC handler flush; there is nothing to do.
func (r *reply) Flush() {}

// trailer returns the trailers, in both of the ways in which net/http lets a handler set them.
func (r *reply) trailer() http.Header {
	r.WriteHeader(http.StatusOK)
	out := http.Header{}
	for name, values := range r.header {
		if plain, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			out[plain] = values
		} else if _, before := r.sent[name]; !before {
			out[name] = values
		}
	}
	return out
}

// code is the gRPC code's name, or the HTTP status of a reply that is not gRPC.
func (r *reply) code() string {
	status := r.trailer().Get("Grpc-Status")
	if status == "" {
		return strconv.Itoa(r.status)
	}
	number, err := strconv.ParseUint(status, 10, 32)
	if err != nil {
		return status
	}
	if number == 0 {
		return "OK"
	}
	return apierr.CodeName(connect.Code(number))
}

// bareError returns the error of a gRPC reply that has no ErrorInfo: one that the protocol layer made before any handler
// saw the request, which it could not decode. It is nil for all other replies.
func (r *reply) bareError() error {
	trailer := r.trailer()
	status, details := trailer.Get("Grpc-Status"), trailer.Get("Grpc-Status-Details-Bin")
	if status == "" || status == "0" || details != "" {
		return nil
	}
	number, err := strconv.ParseUint(status, 10, 32)
	if err != nil {
		return apierr.New(connect.CodeInternal, "grpc-status %q", status)
	}
	message, err := url.PathUnescape(trailer.Get("Grpc-Message"))
	if err != nil {
		message = trailer.Get("Grpc-Message")
	}
	return apierr.New(connect.Code(number), "%s", message)
}

func (r *reply) send(w http.ResponseWriter) {
	trailer := r.sendHeader(w)
	_, _ = w.Write(r.body.Bytes()) // A client that has gone away needs no reply.
	maps.Copy(w.Header(), trailer)
}

// sendTruncated sends half of the body and resets the connection, or the HTTP/2 stream. It does not return.
func (r *reply) sendTruncated(w http.ResponseWriter) {
	r.sendHeader(w)
	_, _ = w.Write(r.body.Bytes()[:r.body.Len()/2])
	_ = http.NewResponseController(w).Flush() // The half must be on its way before the reset.
	drop()
}

// sendHeader sends everything before the body, and returns the trailers. They are announced, because net/http may lose
// a trailer that is not when the body is empty.
func (r *reply) sendHeader(w http.ResponseWriter) http.Header {
	trailer := r.trailer()
	for name, values := range r.sent {
		if !strings.HasPrefix(name, http.TrailerPrefix) {
			w.Header()[name] = values
		}
	}
	if len(trailer) > 0 {
		w.Header().Set("Trailer", strings.Join(slices.Sorted(maps.Keys(trailer)), ","))
	}
	w.WriteHeader(r.status)
	return trailer
}

// drop resets the connection, or the HTTP/2 stream, of the request that is being served. It does not return.
func drop() { panic(http.ErrAbortHandler) }
