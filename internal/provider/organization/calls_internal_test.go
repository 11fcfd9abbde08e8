package organization

import (
	"testing"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// An organization that differs in one property from what was sent is not what was created.
func TestEqual(t *testing.T) {
	t.Parallel()
	sent := &organizationsv1.CreateOrganization{
		DisplayName: "Acme", ExternalId: new("acme"), Slug: new("acme"), Metadata: map[string]string{"plan": "enterprise"},
	}
	organization := func(change func(*organizationsv1.Organization)) *organizationsv1.Organization {
		org := &organizationsv1.Organization{
			Id: "org_1", DisplayName: "Acme", ExternalId: new("acme"), Slug: new("acme"), Metadata: map[string]string{"plan": "enterprise"},
		}
		change(org)
		return org
	}
	if !equal(sent, organization(func(*organizationsv1.Organization) {})) {
		t.Error("what was sent is not recognized")
	}
	for name, change := range map[string]func(*organizationsv1.Organization){
		"display_name":       func(org *organizationsv1.Organization) { org.DisplayName = "Acme Inc" },
		"external_id":        func(org *organizationsv1.Organization) { org.ExternalId = new("acme-2") },
		"no external_id":     func(org *organizationsv1.Organization) { org.ExternalId = nil },
		"slug":               func(org *organizationsv1.Organization) { org.Slug = new("acme-2") },
		"a metadata value":   func(org *organizationsv1.Organization) { org.Metadata["plan"] = "starter" },
		"a pair of metadata": func(org *organizationsv1.Organization) { org.Metadata["region"] = "eu" },
		"no metadata":        func(org *organizationsv1.Organization) { org.Metadata = nil },
	} {
		if equal(sent, organization(change)) {
			t.Errorf("an organization with another %s is taken for what was created", name)
		}
	}
	sent.Slug = nil // then the platform may choose one
	if !equal(sent, organization(func(*organizationsv1.Organization) {})) {
		t.Error("a slug that the platform chose is held against it")
	}
}
