package organization_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	quirksBefore = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
  metadata     = { plan = "starter", owner = "ann" }
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  sso             = true
  scim            = true
}
`
	quirksOneKeyLess = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
  metadata     = { plan = "starter" }
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  scim            = false
}
`
	quirksCleared = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  sso             = true
}
`
)

// Where it is not known which of two things the platform does, the provider works with both.
func TestUndocumentedBehaviour(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]emulator.Quirks{
		"as inferred":                         {},
		"metadata is merged":                  {MetadataMerges: true},
		"the update mask is ignored":          {IgnoresUpdateMask: true},
		"features are replaced":               {FeaturesReplace: true},
		"the directory feature is named scim": {ScimFeatureName: true},
		"slugs are generated":                 {GeneratesSlug: true},
		"fresh features are listed":           {FreshFeaturesListed: true},
		"several at once":                     {MetadataMerges: true, FeaturesReplace: true, GeneratesSlug: true, FreshFeaturesListed: true},
		"a named scim feature that is listed": {ScimFeatureName: true, FreshFeaturesListed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Quirks: quirks}).Workspace(t)
			steps := []string{quirksBefore, quirksOneKeyLess, quirksCleared, quirksBefore}
			if quirks.IgnoresUpdateMask {
				// Without a mask there is no way to clear metadata: see the refusals below.
				steps = steps[:2]
			}
			for _, resources := range steps {
				workspace.Write(resources)
				workspace.MustApply()
				workspace.MustBeClean()
			}
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// What the platform may refuse to clear is an error that says so and what to do, and the rest of the update is done.
func TestPlatformThatDoesNotClear(t *testing.T) {
	t.Parallel()
	const withoutExternalID = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  metadata     = { plan = "starter", owner = "ann" }
}
`
	const withoutMetadata = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  external_id  = "acme"
}
`
	const withoutOwner = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  external_id  = "acme"
  metadata     = { plan = "starter" }
}
`
	for name, unclearable := range map[string]struct {
		quirks    emulator.Quirks
		resources string
		complaint string
	}{
		"external_id is kept": {
			emulator.Quirks{KeepsExternalID: true},
			withoutExternalID,
			`The organization kept its external_id "acme": this environment does not clear it.`,
		},
		"an empty external_id is refused": {
			emulator.Quirks{RejectsEmptyExternalID: true},
			withoutExternalID,
			`Could not update organization`,
		},
		"metadata is not emptied": {
			emulator.Quirks{IgnoresUpdateMask: true},
			withoutMetadata,
			`The organization kept metadata that is no longer in the configuration`,
		},
		"metadata is only added to": {
			emulator.Quirks{IgnoresUpdateMask: true, MetadataMerges: true},
			withoutOwner,
			`The organization kept metadata that is no longer in the configuration`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Quirks: unclearable.quirks}).Workspace(t)
			workspace.Write(quirksBefore)
			workspace.MustApply()
			workspace.Write(unclearable.resources)
			output, err := workspace.Apply()
			if err == nil {
				t.Fatalf("the apply says nothing of what was not done:\n%s", output)
			}
			acctest.MustContain(t, output, unclearable.complaint)

			workspace.Write(quirksBefore) // which is what the platform has, but for the name
			workspace.MustApply()
			workspace.MustBeClean()
		})
	}
}
