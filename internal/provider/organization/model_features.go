package organization

import (
	"context"
	"fmt"
	"slices"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// featuresModel is the features of an organization.
type featuresModel struct {
	OrganizationID     types.String `tfsdk:"organization_id"`
	SSO                types.Bool   `tfsdk:"sso"`
	SCIM               types.Bool   `tfsdk:"scim"`
	DomainVerification types.Bool   `tfsdk:"domain_verification"`
	SessionPolicy      types.Bool   `tfsdk:"session_policy"`
}

// feature is one feature of the model.
type feature struct {
	attribute string
	// names are the API's names, the preferred one first. Sources differ on the name of SCIM provisioning: the
	// documented one is dir_sync; a platform that lists another is followed.
	names []string
	value *types.Bool
}

func (m *featuresModel) features() []feature {
	return []feature{
		{"sso", []string{"sso"}, &m.SSO},
		{"scim", []string{"dir_sync", "scim"}, &m.SCIM},
		{"domain_verification", []string{"domain_verification"}, &m.DomainVerification},
		{"session_policy", []string{"session_policy"}, &m.SessionPolicy},
	}
}

// listed finds the feature in the organization's list, nil if it is not there.
func (f feature) listed(org *organizationsv1.Organization) *organizationsv1.OrganizationSettingsFeature {
	for _, name := range f.names {
		for _, setting := range org.GetSettings().GetFeatures() {
			if setting.GetName() == name {
				return setting
			}
		}
	}
	return nil
}

// isSet reports whether the feature is to be written: one that the configuration leaves out is left alone.
func (f feature) isSet() bool { return !f.value.IsNull() && !f.value.IsUnknown() }

// fromAPI takes over the organization's features. One that the platform does not list is off.
func (m *featuresModel) fromAPI(org *organizationsv1.Organization) {
	for _, feature := range m.features() {
		*feature.value = types.BoolValue(feature.listed(org).GetEnabled())
	}
}

// turningOn are the attributes of the features that are off and shall be on.
func (m *featuresModel) turningOn(before *organizationsv1.Organization) []string {
	names := []string{}
	for _, feature := range m.features() {
		if feature.isSet() && feature.value.ValueBool() && !feature.listed(before).GetEnabled() {
			names = append(names, feature.attribute)
		}
	}
	return names
}

// turningOff is the wish to turn features off, named by their attributes.
func turningOff(attributes []string) featuresModel {
	var m featuresModel
	for _, feature := range m.features() {
		if slices.Contains(attributes, feature.attribute) {
			*feature.value = types.BoolValue(false)
		}
	}
	return m
}

// reportDeviations says which features the platform did not set as it was asked to.
func (m *featuresModel) reportDeviations(diags *diag.Diagnostics, got featuresModel) {
	stored := got.features()
	for i, feature := range m.features() {
		if feature.isSet() && !feature.value.Equal(*stored[i].value) {
			diags.AddAttributeError(path.Root(feature.attribute), tf.NotStored, fmt.Sprintf(
				"The platform accepted %s = %s and still reports %s. The feature may not be available to this environment.",
				feature.attribute, feature.value, stored[i].value))
		}
	}
}

func (r *featuresResource) read(ctx context.Context, id string) (*organizationsv1.Organization, error) {
	reply, err := r.Client.Organizations.GetOrganization(ctx, connect.NewRequest(byID(types.StringValue(id))))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

// write sets the wanted features, and them alone: what another workspace has just switched stays as it is. A feature that
// the platform does not list is tried by its other name when the first is refused. That the platform merges the list by
// name is inferred; where the reply shows that it has replaced the list, what was on before is sent along.
func (r *featuresResource) write(ctx context.Context, id string, wanted featuresModel, before *organizationsv1.Organization) (*organizationsv1.Organization, error) {
	choice := 0
	org, err := r.send(ctx, id, settings(wanted, before, choice))
	if connect.CodeOf(err) == connect.CodeInvalidArgument && wanted.SCIM.ValueBool() {
		choice = 1
		other, otherErr := r.send(ctx, id, settings(wanted, before, choice))
		if otherErr == nil {
			org, err = other, nil
		}
	}
	if err != nil {
		return nil, err
	}
	dropped := droppedFeatures(wanted, before, org)
	if len(dropped) == 0 {
		return org, nil
	}
	list := settings(wanted, before, choice)
	list.Features = append(list.Features, dropped...)
	return r.send(ctx, id, list)
}

// settings is the list to write. The choice is among the names of a feature that is not listed.
func settings(wanted featuresModel, before *organizationsv1.Organization, choice int) *organizationsv1.OrganizationSettings {
	list := &organizationsv1.OrganizationSettings{}
	for _, feature := range wanted.features() {
		if !feature.isSet() {
			continue
		}
		name := feature.names[min(choice, len(feature.names)-1)]
		if listed := feature.listed(before); listed != nil {
			name = listed.GetName()
		} else if !feature.value.ValueBool() {
			continue // what is not listed is off
		}
		list.Features = append(list.Features, &organizationsv1.OrganizationSettingsFeature{Name: name, Enabled: feature.value.ValueBool()})
	}
	return list
}

// droppedFeatures are those that were on before, that nobody wanted off, and that the list after a write lacks: a list
// that is merged still has them, on or off.
func droppedFeatures(wanted featuresModel, before, after *organizationsv1.Organization) []*organizationsv1.OrganizationSettingsFeature {
	has := map[string]bool{}
	for _, setting := range after.GetSettings().GetFeatures() {
		has[setting.GetName()] = true
	}
	for _, feature := range wanted.features() {
		if listed := feature.listed(before); listed != nil && feature.isSet() {
			has[listed.GetName()] = true
		}
	}
	var dropped []*organizationsv1.OrganizationSettingsFeature
	for _, setting := range before.GetSettings().GetFeatures() {
		if setting.GetEnabled() && !has[setting.GetName()] {
			dropped = append(dropped, &organizationsv1.OrganizationSettingsFeature{Name: setting.GetName(), Enabled: true})
		}
	}
	return dropped
}

func (r *featuresResource) send(ctx context.Context, id string, list *organizationsv1.OrganizationSettings) (*organizationsv1.Organization, error) {
	reply, err := r.Client.Organizations.UpdateOrganizationSettings(ctx, connect.NewRequest(
		&organizationsv1.UpdateOrganizationSettingsRequest{Id: id, Settings: list}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}
