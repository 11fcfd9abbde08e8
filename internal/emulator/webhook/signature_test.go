package webhook

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// What is signed is verified by the library that the standard's authors publish, with every key that signs, and no change
// to it is.
func FuzzSignatures(f *testing.F) {
	f.Add([]byte("a key of enough bytes"), []byte("another one"), "msg_1", []byte(`{"type":"organization.created"}`))
	f.Add([]byte{0}, []byte{255}, "", []byte{})
	f.Add([]byte("a.b"), []byte("a"), "b.c", []byte("1.2"))
	f.Fuzz(func(t *testing.T, first, second []byte, id string, payload []byte) {
		seconds := strconv.FormatInt(time.Now().Unix(), 10)
		header := http.Header{}
		header.Set("Webhook-Id", id)
		header.Set("Webhook-Timestamp", seconds)
		header.Set("Webhook-Signature", signatures([][]byte{first, second}, id, seconds, payload))
		for _, key := range [][]byte{first, second} {
			verifier, err := standardwebhooks.NewWebhookRaw(key)
			if err != nil || len(key) == 0 || id == "" {
				return // The library takes an empty key and an empty id for missing ones.
			}
			if err := verifier.Verify(payload, header); err != nil {
				t.Errorf("not verified: %v", err)
			}
			if verifier.Verify(append(bytes.Clone(payload), 'x'), header) == nil {
				t.Error("a payload that was added to is verified")
			}
			header.Set("Webhook-Id", id+"x")
			if verifier.Verify(payload, header) == nil {
				t.Error("another id is verified")
			}
			header.Set("Webhook-Id", id)
		}
	})
}

// A secret that a client chooses is refused, or signs, and stays the same when it is given back.
func FuzzSigningSecret(f *testing.F) {
	f.Add(newSecret())
	f.Add("whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	f.Add("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	f.Add("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=\n")
	f.Add(strings.Repeat("=", 64))
	f.Fuzz(func(t *testing.T, chosen string) {
		in := newSvixInput([]byte("{}"))
		kept := in.secret("key", chosen)
		if in.err() != nil {
			return
		}
		keys := (&webhookEndpoint{Secret: kept}).signingKeys(time.Now())
		if len(keys) != 1 || len(keys[0]) < 20 {
			t.Errorf("%q is kept as %q, and signs with %q", chosen, kept, keys)
		}
		again := newSvixInput([]byte("{}"))
		if same := again.secret("key", kept); same != kept || again.err() != nil {
			t.Errorf("%q is kept as %q, and given back as %q (%v)", chosen, kept, same, again.err())
		}
	})
}
