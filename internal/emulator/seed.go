package emulator

import (
	"fmt"
	"io"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/strictjson"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"
)

// Seed is what an environment is filled with. It names things as the API does and obeys the API's rules; everything but
// the names may be left out.
type Seed struct {
	Permissions   []platform.SeedPermission   `json:"permissions"`
	Roles         []platform.SeedRole         `json:"roles"`
	Organizations []platform.SeedOrganization `json:"organizations"`

	// Connections are those of the environment itself.
	Connections []platform.SeedConnection `json:"connections"`

	WebhookEndpoints []webhook.SeedEndpoint `json:"webhook_endpoints"`
}

// ParseSeed reads a seed in JSON. A field that a seed does not have is an error that names its path, such as
// "organizations[0].name".
func ParseSeed(r io.Reader) (*Seed, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	seed := &Seed{}
	if err := strictjson.Decode(content, seed); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	return seed, nil
}

// seed creates a seed's objects; nil is none. The store must be locked for writing.
func (e *Emulator) seed(seed *Seed) error {
	if seed == nil {
		return nil
	}
	err := e.platform.Seed(&platform.Seed{
		Permissions:   seed.Permissions,
		Roles:         seed.Roles,
		Organizations: seed.Organizations,
		Connections:   seed.Connections,
	})
	if err == nil {
		err = e.webhooks.Seed(seed.WebhookEndpoints)
	}
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
