package webhook

import (
	"encoding/json"
	"fmt"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// SeedEndpoint is an endpoint of the webhook server, with the properties that its API has.
type SeedEndpoint struct {
	ID          string            `json:"id"` // made where it is ""; "ep_" and letters and digits
	URL         string            `json:"url"`
	Description string            `json:"description"`
	Disabled    bool              `json:"disabled"`
	FilterTypes []string          `json:"filterTypes"` // none means all
	Channels    []string          `json:"channels"`    // none means all
	RateLimit   *int              `json:"rateLimit"`
	Metadata    map[string]string `json:"metadata"`
	UID         string            `json:"uid"`
	Secret      string            `json:"secret"` // made where it is ""
	Headers     map[string]string `json:"headers"`
}

// Seed creates a seed's endpoints, as the API would.
func (s *Server) Seed(endpoints []SeedEndpoint) error {
	for i, wanted := range endpoints {
		if err := s.seedEndpoint(wanted); err != nil {
			return fmt.Errorf("webhook_endpoints[%d]: %w", i, err)
		}
	}
	return nil
}

func (s *Server) seedEndpoint(wanted SeedEndpoint) error {
	body := map[string]any{"url": wanted.URL, "description": wanted.Description, "disabled": wanted.Disabled}
	for name, value := range map[string]struct {
		value any
		given bool
	}{
		"filterTypes": {wanted.FilterTypes, len(wanted.FilterTypes) > 0},
		"channels":    {wanted.Channels, len(wanted.Channels) > 0},
		"rateLimit":   {wanted.RateLimit, wanted.RateLimit != nil},
		"metadata":    {wanted.Metadata, wanted.Metadata != nil},
		"uid":         {wanted.UID, wanted.UID != ""},
		"secret":      {wanted.Secret, wanted.Secret != ""},
	} {
		if value.given {
			body[name] = value.value
		}
	}
	switch {
	case wanted.ID != "" && !endpointIDPattern.MatchString(wanted.ID):
		return fmt.Errorf("id: %q is not %q and letters and digits", wanted.ID, "ep_")
	case s.rows.Has(wanted.ID):
		return apierr.Duplicate("webhook endpoint", "id", wanted.ID)
	}
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	in := newSvixInput(content)
	for name, value := range wanted.Headers {
		in.checkHeader(name, value)
	}
	endpoint, err := s.create(in, wanted.ID)
	if err != nil || len(wanted.Headers) == 0 {
		return err
	}
	endpoint.Headers = wanted.Headers
	s.put(endpoint)
	return nil
}
