package organization_test

import (
	"maps"
	"testing"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
)

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	created, err := env.Client().Organizations.CreateOrganization(t.Context(), connect.NewRequest(&organizationsv1.CreateOrganizationRequest{
		Organization: &organizationsv1.CreateOrganization{DisplayName: "Acme", ExternalId: new(env.Name("identity"))},
	}))
	if err != nil {
		t.Fatal(err)
	}
	id := created.Msg.GetOrganization().GetId()
	t.Cleanup(func() { remove(t, env, env.Name("identity")) })
	driver := protocol.Start(t, env)

	state, identity := driver.ImportByIdentity("scalekit_organization", map[string]string{"id": id})
	if state["display_name"] != "Acme" || state["external_id"] != env.Name("identity") {
		t.Errorf("the imported organization has the state %v", state)
	}
	if !maps.Equal(identity, map[string]string{"id": id}) {
		t.Errorf("the imported organization has the identity %v", identity)
	}

	state, identity = driver.ImportByIdentity("scalekit_organization_features", map[string]string{"organization_id": id})
	if state["organization_id"] != id || !maps.Equal(identity, map[string]string{"organization_id": id}) {
		t.Errorf("the imported features have the state %v and the identity %v", state, identity)
	}
}
