// Package webhook serves webhook endpoints and event types.
//
// Scalekit has no documented API for endpoints. They are managed through the API behind the environment's webhook portal,
// which is inferred to be a Svix application portal: see internal/svixportal.
package webhook

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// idPrefix begins every endpoint's id.
const idPrefix = "ep_"

// model is an endpoint as the resource and the items of the data source have it.
type model struct {
	ID          types.String `tfsdk:"id"`
	URL         types.String `tfsdk:"url"`
	Description types.String `tfsdk:"description"`
	EventTypes  types.Set    `tfsdk:"event_types"`
	Enabled     types.Bool   `tfsdk:"enabled"`
	Channels    types.Set    `tfsdk:"channels"`
	RateLimit   types.Int64  `tfsdk:"rate_limit"`
	Metadata    types.Map    `tfsdk:"metadata"`
	UID         types.String `tfsdk:"uid"`
	CreateTime  types.String `tfsdk:"create_time"`
}

// fromAPI takes over the server's view. It stores a URL in a spelling of its own; one that means the same stays as it
// was written.
func (m *model) fromAPI(endpoint svixportal.Endpoint) {
	m.ID = types.StringValue(endpoint.ID)
	if !svixportal.SameURL(m.URL.ValueString(), endpoint.URL) {
		m.URL = types.StringValue(endpoint.URL)
	}
	m.Description = types.StringValue(endpoint.Description)
	m.EventTypes = stringSet(endpoint.FilterTypes)
	m.Enabled = types.BoolValue(!endpoint.Disabled)
	m.Channels = stringSet(endpoint.Channels)
	m.RateLimit = types.Int64Null()
	if endpoint.RateLimit != nil {
		m.RateLimit = types.Int64Value(int64(*endpoint.RateLimit))
	}
	m.Metadata = tf.StringMap(endpoint.Metadata, m.Metadata)
	m.UID = types.StringPointerValue(endpoint.UID)
	m.CreateTime = types.StringValue(endpoint.CreateTime.UTC().Format(time.RFC3339Nano))
}

// settings are what the plan says of the endpoint.
func (m *model) settings() svixportal.Settings {
	settings := svixportal.Settings{
		URL:         m.URL.ValueString(),
		Description: m.Description.ValueString(),
		Disabled:    !m.Enabled.ValueBool(),
		FilterTypes: elements(m.EventTypes),
		Channels:    elements(m.Channels),
		Metadata:    tf.Strings(m.Metadata),
		UID:         m.UID.ValueStringPointer(),
	}
	if !m.RateLimit.IsNull() {
		settings.RateLimit = new(int32(m.RateLimit.ValueInt64()))
	}
	return settings
}

// stringSet is null for what the server has no value for.
func stringSet(values []string) types.Set {
	if len(values) == 0 {
		return types.SetNull(types.StringType)
	}
	texts := make([]attr.Value, len(values))
	for i, value := range values {
		texts[i] = types.StringValue(value)
	}
	return types.SetValueMust(types.StringType, texts)
}

// elements are a set's known values, sorted.
func elements(set types.Set) []string {
	var values []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok && !text.IsUnknown() {
			values = append(values, text.ValueString())
		}
	}
	slices.Sort(values)
	return values
}

// resourceModel adds what is write-only, secret, or known to Terraform alone.
type resourceModel struct {
	model
	HeadersWO         types.Map    `tfsdk:"headers_wo"`
	HeadersWOVersion  types.Int64  `tfsdk:"headers_wo_version"`
	SecretRotation    types.Map    `tfsdk:"secret_rotation"`
	SecretGracePeriod types.String `tfsdk:"secret_grace_period"`
	SigningSecret     types.String `tfsdk:"signing_secret"`
}

// fromAPI takes over the server's view. An endpoint that Terraform has not known before has the server's grace period.
func (m *resourceModel) fromAPI(endpoint svixportal.Endpoint) {
	m.model.fromAPI(endpoint)
	if m.SecretGracePeriod.IsNull() {
		m.SecretGracePeriod = types.StringValue(defaultGracePeriod)
	}
}

// rotates reports whether the plan asks for a new secret.
func (m *resourceModel) rotates(state resourceModel) bool {
	return !m.SecretRotation.IsNull() && !m.SecretRotation.Equal(state.SecretRotation)
}

// grace is how long an old secret stays valid. The validator has seen it.
func (m *resourceModel) grace() time.Duration {
	grace, _ := time.ParseDuration(m.SecretGracePeriod.ValueString())
	return grace
}

// identityModel is what identifies an endpoint.
type identityModel struct {
	ID types.String `tfsdk:"id"`
}
