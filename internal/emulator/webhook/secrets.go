package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	signingSecretPrefix = "whsec_"
	signingSecretSize   = 24 // bytes of a generated secret [S]
	maxOldSecrets       = 10 // [S]
	maxGracePeriod      = 604_800
	usualGraceHours     = 24
)

var signingSecretPattern = regexp.MustCompile(`^(whsec_)?[a-zA-Z0-9+/=]{32,100}$`)

// expiringSecret is a secret that has been replaced and still signs.
type expiringSecret struct {
	Key     string    `json:"key"`
	Expires time.Time `json:"expires"`
}

func newSecret() string {
	var random [signingSecretSize]byte
	_, _ = rand.Read(random[:]) // Never fails.
	return signingSecretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// secret checks a secret that a client has chosen, and gives it its prefix.
func (in *svixInput) secret(field, secret string) string {
	bare := strings.TrimPrefix(secret, signingSecretPrefix)
	if _, err := base64.StdEncoding.DecodeString(bare); err != nil || !signingSecretPattern.MatchString(secret) {
		in.problem(valueProblem, "Must be the base64 encoding of 24 to 75 bytes, with or without the prefix whsec_", field)
	}
	return signingSecretPrefix + bare
}

func (s *Server) getSecret(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"key": endpoint.Secret}, nil
}

// rotateSecret replaces the secret. The old one signs as well until the grace period is over; older ones keep theirs.
func (s *Server) rotateSecret(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	in := newSvixInput(call.body)
	next := newSecret()
	if key, sent := field[string](in, "key", "a string", true); sent && key != nil {
		next = in.secret("key", *key)
	}
	grace := usualGraceHours * time.Hour
	if seconds, sent := field[int64](in, "gracePeriodSeconds", "a number", true); sent && seconds != nil {
		if *seconds < 0 || *seconds > maxGracePeriod {
			in.problem(valueProblem, "must be 0 to 604800", "gracePeriodSeconds")
		}
		grace = time.Duration(*seconds) * time.Second
	}
	if err := in.err(); err != nil {
		return 0, nil, err
	}

	now := s.store.Now().UTC()
	var old []expiringSecret
	if grace > 0 {
		old = append(old, expiringSecret{Key: endpoint.Secret, Expires: now.Add(grace)})
	}
	for _, secret := range endpoint.OldSecrets {
		if now.Before(secret.Expires) {
			old = append(old, secret)
		}
	}
	if len(old) > maxOldSecrets {
		return 0, nil, &svixError{
			status: http.StatusBadRequest,
			Code:   "limit_reached", Detail: "You can only rotate a key 10 times within its grace period.",
		}
	}
	endpoint.Secret, endpoint.OldSecrets = next, old
	s.putChanged(endpoint)
	return http.StatusNoContent, nil, nil
}

// signingKeys are the keys that sign now, the newest first.
func (e *webhookEndpoint) signingKeys(now time.Time) [][]byte {
	var keys [][]byte
	add := func(secret string) {
		if key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, signingSecretPrefix)); err == nil {
			keys = append(keys, key)
		}
	}
	add(e.Secret)
	for _, old := range e.OldSecrets {
		if now.Before(old.Expires) {
			add(old.Key)
		}
	}
	return keys
}
