package webhook

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The API's own rules for event types and own ids, for channels, and for descriptions.
var (
	namePattern    = regexp.MustCompile(`^[a-zA-Z0-9\-_.]{1,256}$`)
	channelPattern = regexp.MustCompile(`^[a-zA-Z0-9\-_.]{1,128}$`)
	printable      = regexp.MustCompile(`^[\t\n\P{Cc}]*$`)
	uidPattern     = regexp.MustCompile(`^(?:[^e]|e[^p]|ep[^_]|e$|ep$)`)
)

const (
	nameRule    = "must be 1 to 256 letters, digits, hyphens, underscores and dots"
	channelRule = "must be 1 to 128 letters, digits, hyphens, underscores and dots"
)

// defaultGracePeriod is the server's.
const defaultGracePeriod = "24h"

// mostMessages is the highest rate limit that Svix's server stores.
const mostMessages = 65_535

// inferred is what the documentation says of where the facts are from.
const inferred = "Scalekit documents no API for webhook endpoints, only that its webhooks run on Svix. The provider asks the environment for " +
	"its webhook portal link, a preview, and manages endpoints through the API behind it. That this is a Svix application portal is inferred; " +
	"should an environment's link be another, the provider says what it found, and its `webhooks` block takes the link's place."

func (r *endpointResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanging := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A webhook endpoint: a URL to which Scalekit sends the environment's events, signed as [Standard Webhooks](https://www.standardwebhooks.com) describes.\n\n" + inferred,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The endpoint's id, `ep_…`.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"url": schema.StringAttribute{
				MarkdownDescription: "Where events are sent: an https URL of at most 65,536 characters, or an http one of a loopback host. " +
					"Another http one that an imported endpoint has is a warning until it is changed. " +
					"It must hold no credentials: send them in a header, with `headers_wo`.",
				Required:   true,
				Validators: []validator.String{urlValidator{}},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "What the endpoint is for, in a text without control characters other than tabs and newlines. Defaults to an empty text.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(""),
				Validators: []validator.String{
					stringvalidator.RegexMatches(printable, "must hold no control characters but tabs and newlines (\\t and \\n)"),
				},
			},
			"event_types": schema.SetAttribute{
				MarkdownDescription: "The types of the events that the endpoint receives, such as `organization.created`; the data source " +
					"`scalekit_webhook_event_types` lists them. **Left out, the endpoint receives every event**, those of types yet to come included. " +
					"A type that the platform is not known to have is a warning in the plan.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					notEmpty{"Leave event_types out to receive every event, or set enabled to false to receive none."},
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.RegexMatches(namePattern, nameRule)),
				},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether events are sent. A server that disables an endpoint because it fails is seen as drift. Defaults to `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"channels": schema.SetAttribute{
				MarkdownDescription: "The channels that the endpoint listens to, 1 to 10; left out, all. That Scalekit sends events to channels is not documented.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators: []validator.Set{
					notEmpty{"Leave channels out to listen to all."},
					setvalidator.SizeAtMost(10),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.RegexMatches(channelPattern, channelRule)),
				},
			},
			"rate_limit": schema.Int64Attribute{
				MarkdownDescription: "How many events are sent in a second at most, 1 to 65,535. Left out, there is no limit.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(1, mostMessages)},
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Your own data about the endpoint. The map is authoritative: a pair that is not in it is removed.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"uid": schema.StringAttribute{
				MarkdownDescription: "Your own id of the endpoint, unique in the environment: 1 to 256 letters, digits, hyphens, underscores and dots, not " +
					"beginning with `ep_`. It makes the endpoint easy to find and to import.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(namePattern, nameRule),
					stringvalidator.RegexMatches(uidPattern, `must not begin with "ep_", as the platform's ids do`),
				},
			},
			"headers_wo": schema.MapAttribute{
				MarkdownDescription: "Headers to send along with every event, such as an `Authorization` for the receiver. Write-only: they are neither in " +
					"plans nor in the state, and a change is only sent together with one of `headers_wo_version`. Headers that were set elsewhere are " +
					"not seen. Needs Terraform 1.11 or OpenTofu 1.11.",
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
				WriteOnly:   true,
				Validators: []validator.Map{
					headersValidator{},
					mapvalidator.AlsoRequires(path.MatchRoot("headers_wo_version")),
				},
			},
			"headers_wo_version": schema.Int64Attribute{
				MarkdownDescription: "A number to change whenever `headers_wo` changes. Removing both removes the headers from the endpoint.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("headers_wo"))},
			},
			"secret_rotation": schema.MapAttribute{
				MarkdownDescription: "Triggers: any change of the map, such as `{ quarter = \"2026-1\" }`, gives an endpoint that exists a new signing secret. " +
					"So does adding the map; removing it does not.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"secret_grace_period": schema.StringAttribute{
				MarkdownDescription: "How long events are signed with the old secret too after a rotation, `\"0s\"` to `\"168h\"`, so that receivers can change " +
					"over. Servers older than this setting keep it for 24 hours. Defaults to `\"24h\"`.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(defaultGracePeriod),
				Validators: []validator.String{graceValidator{}},
			},
			"signing_secret": schema.StringAttribute{
				MarkdownDescription: "The secret with which the receiver verifies events, `whsec_…`. The state holds it, so protect the state.",
				Computed:            true,
				Sensitive:           true,
				PlanModifiers:       unchanging,
			},
			"create_time": schema.StringAttribute{
				MarkdownDescription: "When the endpoint was created, in RFC 3339 form, UTC.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
		},
	}
}

func (r *endpointResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "The endpoint's id, ep_….",
				RequiredForImport: true,
			},
		},
	}
}

// notEmpty refuses an empty set, and says what to do instead: on the wire none and all are the same.
type notEmpty struct{ advice string }

func (notEmpty) Description(context.Context) string { return "must not be empty" }

func (v notEmpty) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v notEmpty) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || len(req.ConfigValue.Elements()) > 0 {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty set", "The set is empty. "+v.advice)
}
