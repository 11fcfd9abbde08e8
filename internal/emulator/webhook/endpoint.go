package webhook

import (
	"maps"
	"slices"
	"time"
)

// webhookEndpoint is an endpoint as it is stored. It is no message of the platform's.
type webhookEndpoint struct {
	ID          string            `json:"id"`
	URL         string            `json:"url"`
	Description string            `json:"description"`
	Disabled    bool              `json:"disabled"`
	EventTypes  *[]string         `json:"event_types"` // sorted; nil means all
	Channels    *[]string         `json:"channels"`    // sorted; nil means all
	RateLimit   *int              `json:"rate_limit"`
	Metadata    map[string]string `json:"metadata"`
	UID         *string           `json:"uid"`
	Created     time.Time         `json:"created"`
	Updated     time.Time         `json:"updated"`
	Secret      string            `json:"secret"`
	OldSecrets  []expiringSecret  `json:"old_secrets"` // newest first
	Headers     map[string]string `json:"headers"`
}

// ObjectID returns the endpoint's id.
func (e *webhookEndpoint) ObjectID() string { return e.ID }

// Clone returns a copy that shares nothing with the endpoint.
func (e *webhookEndpoint) Clone() *webhookEndpoint {
	clone := *e
	clone.EventTypes, clone.Channels = cloneList(e.EventTypes), cloneList(e.Channels)
	clone.RateLimit, clone.UID = clonePointer(e.RateLimit), clonePointer(e.UID)
	clone.Metadata, clone.Headers = maps.Clone(e.Metadata), maps.Clone(e.Headers)
	clone.OldSecrets = slices.Clone(e.OldSecrets)
	return &clone
}

func clonePointer[V any](pointer *V) *V {
	if pointer == nil {
		return nil
	}
	return new(*pointer)
}

func cloneList(list *[]string) *[]string {
	if list == nil {
		return nil
	}
	return new(slices.Clone(*list))
}
