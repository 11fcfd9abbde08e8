package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

func creation(plan resourceModel) *organizationsv1.CreateOrganization {
	return &organizationsv1.CreateOrganization{
		DisplayName: plan.DisplayName.ValueString(),
		ExternalId:  known(plan.ExternalID),
		Metadata:    tf.Strings(plan.Metadata),
		Slug:        known(plan.Slug),
	}
}

// known is the value for the API, nil for null and for what the platform is to choose.
func known(value types.String) *string {
	if value.IsUnknown() {
		return nil
	}
	return value.ValueStringPointer()
}

// create makes the organization exactly once. An external_id or a slug is unique in the environment, so a repeated
// create is refused; without either, creates of equal organizations wait for each other, so that the one whose outcome
// is unknown can be told from its siblings.
func (r *organizationResource) create(ctx context.Context, diags *diag.Diagnostics, org *organizationsv1.CreateOrganization) (*organizationsv1.Organization, error) {
	unique := org.ExternalId != nil || org.Slug != nil
	if !unique {
		defer r.Run.Lock(run.InEnvironment(run.Organization, org.GetDisplayName()))()
	}
	started := time.Now()
	return scalekit.Create(ctx, r.Client, scalekit.Creation[*organizationsv1.Organization]{
		Create: func(ctx context.Context) (*organizationsv1.Organization, error) {
			reply, err := r.Client.Organizations.CreateOrganization(ctx, connect.NewRequest(
				&organizationsv1.CreateOrganizationRequest{Organization: org}))
			if err != nil {
				return nil, err
			}
			return reply.Msg.GetOrganization(), nil
		},
		Find: func(ctx context.Context) (*organizationsv1.Organization, bool, error) {
			return r.find(ctx, org, started)
		},
		Adopted: func(org *organizationsv1.Organization) { tf.AddAdopted(diags, "organization "+org.GetId()) },
		Unique:  unique,
	})
}

// find looks for the organization that a create made whose outcome is unknown: equal in all that was sent, no older
// than the create, and not another resource's of this run.
func (r *organizationResource) find(ctx context.Context, sent *organizationsv1.CreateOrganization, started time.Time) (*organizationsv1.Organization, bool, error) {
	isIt := func(org *organizationsv1.Organization) bool {
		return !r.Run.Wrote(run.InEnvironment(run.Organization, org.GetId())) &&
			r.Client.RecentEnough(org.GetCreateTime().AsTime(), started) && equal(sent, org)
	}
	if sent.ExternalId != nil {
		got, err := r.Client.Organizations.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(sent.GetExternalId())))
		if scalekit.IsNotFound(err) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		return got.Msg.GetOrganization(), isIt(got.Msg.GetOrganization()), nil
	}
	var found *organizationsv1.Organization
	for org, err := range r.Client.AllOrganizations(ctx) {
		switch {
		case err != nil:
			return nil, false, err
		case !r.Client.RecentEnough(org.GetCreateTime().AsTime(), started):
			return found, found != nil, nil // newest come first, so the rest is older still
		case !isIt(org):
		case found != nil:
			return nil, false, fmt.Errorf("organizations %s and %s are new and equal, so somebody else has created one too", found.GetId(), org.GetId())
		default:
			found = org
		}
	}
	return found, found != nil, nil
}

// equal reports whether an organization has all that was sent, and nothing else that a create could have sent.
func equal(sent *organizationsv1.CreateOrganization, org *organizationsv1.Organization) bool {
	return org.GetDisplayName() == sent.GetDisplayName() &&
		org.GetExternalId() == sent.GetExternalId() &&
		(sent.Slug == nil || org.GetSlug() == sent.GetSlug()) &&
		maps.Equal(org.GetMetadata(), sent.GetMetadata())
}

// update sends what differs between plan and state, and returns the organization as the platform then has it.
//
// What the platform does with an empty external_id, or with metadata that lacks a key, is not documented. So the reply
// is compared with the plan, and what was to go and did not is cleared once more with an update mask, after which
// metadata is written anew. The organization is returned together with an error when one of these later calls failed.
func (r *organizationResource) update(ctx context.Context, plan, state model) (*organizationsv1.Organization, error) {
	change := &organizationsv1.UpdateOrganization{}
	if !plan.DisplayName.Equal(state.DisplayName) {
		change.DisplayName = plan.DisplayName.ValueStringPointer()
	}
	if !plan.ExternalID.Equal(state.ExternalID) {
		change.ExternalId = new(plan.ExternalID.ValueString())
	}
	if !plan.Metadata.Equal(state.Metadata) {
		change.Metadata = tf.Strings(plan.Metadata)
	}
	if !plan.Slug.Equal(state.Slug) {
		change.Slug = known(plan.Slug)
	}
	org, err := r.send(ctx, state.ID, change, nil)
	if err != nil {
		return nil, err
	}
	clearing, mask := &organizationsv1.UpdateOrganization{}, []string(nil)
	if plan.ExternalID.IsNull() && org.GetExternalId() != "" {
		mask = append(mask, "external_id")
		clearing.ExternalId = new("")
	}
	if lacksKey(change.GetMetadata(), org.GetMetadata()) && !plan.Metadata.Equal(state.Metadata) {
		mask = append(mask, "metadata")
	}
	if mask == nil {
		return org, nil
	}
	cleared, err := r.send(ctx, state.ID, clearing, mask)
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeUnimplemented:
		return org, nil // the platform does not take the mask: the caller reports what is left
	}
	if err != nil {
		return org, err
	}
	if len(cleared.GetMetadata()) > 0 || len(change.GetMetadata()) == 0 {
		return cleared, nil
	}
	rewritten, err := r.send(ctx, state.ID, &organizationsv1.UpdateOrganization{Metadata: change.GetMetadata()}, nil)
	if err != nil {
		return cleared, err
	}
	return rewritten, nil
}

// lacksKey reports whether wanted lacks a key that got has.
func lacksKey(wanted, got map[string]string) bool {
	for key := range got {
		if _, ok := wanted[key]; !ok {
			return true
		}
	}
	return false
}

func (r *organizationResource) send(ctx context.Context, id types.String, change *organizationsv1.UpdateOrganization, mask []string) (*organizationsv1.Organization, error) {
	request := &organizationsv1.UpdateOrganizationRequest{
		Identities:   &organizationsv1.UpdateOrganizationRequest_Id{Id: id.ValueString()},
		Organization: change,
	}
	if mask != nil {
		request.UpdateMask = &fieldmaskpb.FieldMask{Paths: mask}
	}
	reply, err := r.Client.Organizations.UpdateOrganization(ctx, connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

// reportDeviations says where the platform stored something else than was planned, which would otherwise come back as
// a diff with every plan.
func reportDeviations(diags *diag.Diagnostics, plan, got model) {
	for _, cleared := range []tf.Deviation{
		{Attribute: "external_id", Wanted: plan.ExternalID, Stored: got.ExternalID}, {Attribute: "slug", Wanted: plan.Slug, Stored: got.Slug},
	} {
		if !cleared.Wanted.IsNull() || cleared.Stored.IsNull() {
			tf.ReportDeviations(diags, cleared)
			continue
		}
		diags.AddAttributeError(path.Root(cleared.Attribute), tf.NotStored, fmt.Sprintf(
			"The organization kept its %s %s: this environment does not clear it. Set %s to that or another value, "+
				"or replace the organization (terraform apply -replace=…), which deletes all that belongs to it.",
			cleared.Attribute, tf.Text(cleared.Stored.String()), cleared.Attribute))
	}
	tf.ReportDeviations(diags, tf.Deviation{Attribute: "display_name", Wanted: plan.DisplayName, Stored: got.DisplayName})
	if plan.Metadata.IsUnknown() || maps.Equal(tf.Strings(plan.Metadata), tf.Strings(got.Metadata)) {
		return
	}
	if lacksKey(tf.Strings(plan.Metadata), tf.Strings(got.Metadata)) {
		diags.AddAttributeError(path.Root("metadata"), tf.NotStored,
			"The organization kept metadata that is no longer in the configuration: this environment does not remove "+
				"it. It has now: "+got.Metadata.String()+". Declare these pairs, or replace the organization "+
				"(terraform apply -replace=…), which deletes all that belongs to it.")
		return
	}
	diags.AddAttributeError(path.Root("metadata"), tf.NotStored,
		"The platform stored other metadata than it was sent: "+got.Metadata.String()+". Declare what it stores.")
}

// mostLooked is among how many of the newest organizations one with a slug is looked for, which the API does not do.
const mostLooked = 1000

// addCreateConflict reports the organization that has the wanted external_id or slug already, if there is one.
func (r *organizationResource) addCreateConflict(ctx context.Context, diags *diag.Diagnostics, plan resourceModel) bool {
	if externalID := plan.ExternalID.ValueString(); externalID != "" {
		got, err := r.Client.Organizations.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(externalID)))
		if err == nil {
			addConflictError(diags, "external_id", externalID, got.Msg.GetOrganization(), true)
			return true
		}
	}
	slug, looked := plan.Slug.ValueString(), 0
	if slug == "" {
		return false
	}
	for org, err := range r.Client.AllOrganizations(ctx) {
		if looked++; err != nil || looked > mostLooked {
			return false
		}
		if org.GetSlug() == slug {
			addConflictError(diags, "slug", slug, org, true)
			return true
		}
	}
	return false
}

// addCreateError reports a failed create. The platform says in words only that an external_id or a slug is taken, so
// whose it is is looked up.
func (r *organizationResource) addCreateError(ctx context.Context, diags *diag.Diagnostics, plan resourceModel, err error) {
	summary := fmt.Sprintf("Could not create organization %s", tf.Quote(plan.DisplayName.ValueString()))
	unknown := new(scalekit.UnknownOutcomeError)
	if !errors.As(err, &unknown) {
		if len(scalekit.Explain(err).Violations) > 0 || !r.addCreateConflict(ctx, diags, plan) {
			tf.AddError(diags, summary, err, fields)
		}
		return
	}
	var check strings.Builder
	fmt.Fprintf(&check, "It is not known whether the organization was created: %s.\n\n", tf.Text(err.Error()))
	if externalID := plan.ExternalID.ValueString(); externalID != "" {
		fmt.Fprintf(&check, "Apply again: if the organization exists, the plan says so and gives the import block for external_id %q.", externalID)
	} else {
		fmt.Fprintf(&check, "Look for an organization named %s in the Scalekit dashboard before you apply again. If it is there, "+
			"import it by its id; otherwise another apply would create a second one. An external_id makes such a case decidable.", tf.Quote(plan.DisplayName.ValueString()))
	}
	diags.AddError(summary, check.String())
}
