package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// The environment variables that stand in for attributes of the configuration.
const (
	environmentURLVariable = "SCALEKIT_ENVIRONMENT_URL"
	clientIDVariable       = "SCALEKIT_CLIENT_ID"
	clientSecretVariable   = "SCALEKIT_CLIENT_SECRET"
)

const (
	defaultMaxRetries     = 5
	mostRetries           = 10
	defaultRequestTimeout = 30 * time.Second
)

type config struct {
	EnvironmentURL types.String `tfsdk:"environment_url"`
	ClientID       types.String `tfsdk:"client_id"`
	ClientSecret   types.String `tfsdk:"client_secret"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	PlanChecks     types.Bool   `tfsdk:"plan_checks"`
	Webhooks       types.Object `tfsdk:"webhooks"`
	PreviousURLs   types.List   `tfsdk:"previous_environment_urls"`
}

type webhooksConfig struct {
	ServerURL     types.String `tfsdk:"server_url"`
	ApplicationID types.String `tfsdk:"application_id"`
	Token         types.String `tfsdk:"token"`
}

// Schema implements provider.Provider.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Declares organizations and what belongs to them in one Scalekit environment.",
		Attributes: map[string]schema.Attribute{
			"environment_url": schema.StringAttribute{
				MarkdownDescription: "The environment's URL, such as `https://acme.scalekit.com`; plain http only for a loopback host. " +
					"May be given as `" + environmentURLVariable + "`.",
				Optional:   true,
				Validators: []validator.String{environmentURLValidator{}},
			},
			"client_id": schema.StringAttribute{
				MarkdownDescription: "The API client's id. May be given as `" + clientIDVariable + "`.",
				Optional:            true,
			},
			"client_secret": schema.StringAttribute{
				MarkdownDescription: "The API client's secret. May be given as `" + clientSecretVariable + "`, which keeps it out of configuration and plan files.",
				Optional:            true,
				Sensitive:           true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How often a call is repeated when the environment refuses it as too many or is not available, 0 to %d. "+
					"Calls that might create a thing twice are not repeated. Defaults to %d.", mostRetries, defaultMaxRetries),
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, mostRetries)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt at a call may take, as a duration such as `\"45s\"` or `\"2m\"`. Defaults to `\"30s\"`.",
				Optional:            true,
				Validators:          []validator.String{timeoutValidator{}},
			},
			"plan_checks": schema.BoolAttribute{
				MarkdownDescription: "Whether plans look things up in the environment: conflicts that would fail the apply are errors, and what a " +
					"destroy takes with it is a warning. Defaults to `true`.",
				Optional: true,
			},
			"previous_environment_urls": schema.ListAttribute{
				MarkdownDescription: "URLs that the environment had before, such as before it moved to a custom domain. Every object in the " +
					"state remembers the host of its environment, and the provider refuses state of another one; state of these is " +
					"accepted, and remembers `environment_url` from then on.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.List{
					listvalidator.NoNullValues(), listvalidator.ValueStringsAre(environmentURLValidator{}),
				},
			},
			"webhooks": schema.SingleNestedAttribute{
				MarkdownDescription: "Where webhook endpoints are managed. Only for environments whose portal link the provider does not understand: " +
					"it takes the link for one to a Svix application portal, which is inferred and not documented.",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"server_url": schema.StringAttribute{
						MarkdownDescription: "The base URL of the webhook server's API, such as `https://api.eu.svix.com`; plain http only for a loopback host.",
						Required:            true,
						Validators:          []validator.String{webhookServerValidator{}},
					},
					"application_id": schema.StringAttribute{
						MarkdownDescription: "The environment's application on that server, `app_…`.",
						Required:            true,
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"token": schema.StringAttribute{
						MarkdownDescription: "A bearer token for that application.",
						Required:            true,
						Sensitive:           true,
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				},
			},
		},
	}
}

// Configure implements provider.Provider. It authenticates at once, so that wrong credentials are one error and not
// one for each resource.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var given config
	resp.Diagnostics.Append(req.Config.Get(ctx, &given)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings := scalekit.Config{
		EnvironmentURL: setting(&resp.Diagnostics, "environment_url", given.EnvironmentURL, environmentURLVariable),
		ClientID:       setting(&resp.Diagnostics, "client_id", given.ClientID, clientIDVariable),
		ClientSecret:   setting(&resp.Diagnostics, "client_secret", given.ClientSecret, clientSecretVariable),
		MaxRetries:     defaultMaxRetries,
		RequestTimeout: defaultRequestTimeout,
		UserAgent:      fmt.Sprintf("terraform-provider-scalekit/%s (Terraform %s)", p.version, req.TerraformVersion),
		Logger:         logger{},
	}
	for name, isUnknown := range map[string]bool{
		"max_retries": given.MaxRetries.IsUnknown(), "request_timeout": given.RequestTimeout.IsUnknown(),
		"plan_checks": given.PlanChecks.IsUnknown(), "webhooks": given.Webhooks.IsUnknown(),
		"previous_environment_urls": !isKnown(given.PreviousURLs),
	} {
		if isUnknown {
			resp.Diagnostics.AddAttributeError(path.Root(name), "The provider's configuration is not known yet",
				"The value of "+name+" depends on something that is not applied yet. Give it a fixed value, or apply what it depends on first, with -target.")
		}
	}
	direct := directWebhooks(ctx, &resp.Diagnostics, given.Webhooks)
	if resp.Diagnostics.HasError() {
		return
	}
	url, err := scalekit.ParseEnvironmentURL(settings.EnvironmentURL)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("environment_url"), "Invalid environment URL",
			fmt.Sprintf("The environment URL %s.", err)) // not the URL itself, which may hold a password
		return
	}
	settings.EnvironmentURL = url
	if !given.MaxRetries.IsNull() {
		settings.MaxRetries = int(given.MaxRetries.ValueInt64())
	}
	if !given.RequestTimeout.IsNull() {
		settings.RequestTimeout, _ = time.ParseDuration(given.RequestTimeout.ValueString()) // the validator has seen it
	}

	client := scalekit.New(settings)
	if err := client.Authenticate(ctx); err != nil {
		addAuthenticationError(&resp.Diagnostics, err)
		return
	}
	data := &tf.Data{
		Client:      client,
		Environment: host(url),
		PlanChecks:  given.PlanChecks.IsNull() || given.PlanChecks.ValueBool(),
		Run:         run.New(),
	}
	for _, previous := range given.PreviousURLs.Elements() {
		text, _ := previous.(types.String)
		if parsed, err := scalekit.ParseEnvironmentURL(text.ValueString()); err == nil {
			data.PreviousEnvironments = append(data.PreviousEnvironments, host(parsed))
		}
	}
	data.Webhooks = svixportal.New(svixportal.Config{
		PortalURL:      client.PortalURL,
		Direct:         direct,
		MaxRetries:     settings.MaxRetries,
		RequestTimeout: settings.RequestTimeout,
		UserAgent:      settings.UserAgent,
		Logger:         settings.Logger,
	})
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// host is what an environment's URL has behind the scheme.
func host(environmentURL string) string {
	_, rest, _ := strings.Cut(environmentURL, "://")
	return strings.ToLower(rest)
}

// isKnown reports whether a list and all its elements are known.
func isKnown(list types.List) bool {
	return !list.IsUnknown() && !slices.ContainsFunc(list.Elements(), attr.Value.IsUnknown)
}

// directWebhooks is what the webhooks attribute says, nil without one.
func directWebhooks(ctx context.Context, diags *diag.Diagnostics, given types.Object) *svixportal.Direct {
	if given.IsNull() || given.IsUnknown() {
		return nil
	}
	var webhooks webhooksConfig
	diags.Append(given.As(ctx, &webhooks, basetypes.ObjectAsOptions{})...)
	for name, value := range map[string]types.String{
		"server_url": webhooks.ServerURL, "application_id": webhooks.ApplicationID, "token": webhooks.Token,
	} {
		if value.IsUnknown() {
			diags.AddAttributeError(path.Root("webhooks").AtName(name), "The provider's configuration is not known yet", fmt.Sprintf(
				"The value of webhooks.%s depends on something that is not applied yet. Give it a fixed value, or apply what it depends on first, with -target.", name))
		}
	}
	return &svixportal.Direct{
		ServerURL:     webhooks.ServerURL.ValueString(),
		ApplicationID: webhooks.ApplicationID.ValueString(),
		Token:         webhooks.Token.ValueString(),
	}
}

// setting is an attribute's value, or that of its environment variable; neither, or an unknown one, is an error.
func setting(diags *diag.Diagnostics, name string, value types.String, variable string) string {
	given := cmp.Or(value.ValueString(), os.Getenv(variable))
	switch {
	case value.IsUnknown() && os.Getenv(variable) != "":
		diags.AddAttributeError(path.Root(name), "The provider's configuration is not known yet", fmt.Sprintf(
			"The value of %s depends on something that is not applied yet. %s is set: leave %s out of the provider block to use it.",
			name, variable, name))
	case value.IsUnknown():
		diags.AddAttributeError(path.Root(name), "The provider's configuration is not known yet", fmt.Sprintf(
			"The value of %s depends on something that is not applied yet. Give it a fixed value, leave it out and set %s, "+
				"or apply what it depends on first, with -target.", name, variable))
	case given == "":
		diags.AddAttributeError(path.Root(name), "The provider's configuration is incomplete", fmt.Sprintf(
			"Set %s in the provider block, or the environment variable %s.", name, variable))
	case strings.TrimSpace(given) != given:
		where := "The value of " + name
		if value.ValueString() == "" {
			where = "The environment variable " + variable
		}
		// Not on the attribute: Terraform would print the line, and a secret with it.
		diags.AddError("White space in the provider's configuration", where+
			" begins or ends with white space or a line break, which a copied or a piped value often has. Remove it.")
	default:
		return given
	}
	return ""
}

// addAuthenticationError reports why there is no access token, at the attribute that most likely is the cause.
func addAuthenticationError(diags *diag.Diagnostics, err error) {
	attribute, summary := "environment_url", "This is not a Scalekit environment"
	if refused := new(scalekit.CredentialsError); errors.As(err, &refused) {
		attribute, summary = "client_id", "The client credentials are wrong"
	}
	if unreachable := new(scalekit.HostError); errors.As(err, &unreachable) {
		summary = "The Scalekit environment cannot be reached"
	}
	var explained diag.Diagnostics
	tf.AddError(&explained, summary, err, nil)
	for _, diagnostic := range explained {
		diags.AddAttributeError(path.Root(attribute), diagnostic.Summary(), diagnostic.Detail())
	}
}

// logger passes the client's log to Terraform's.
type logger struct{}

func (logger) Debug(ctx context.Context, message string, fields map[string]any) {
	tflog.Debug(ctx, message, fields)
}

func (logger) Trace(ctx context.Context, message string, fields map[string]any) {
	tflog.Trace(ctx, message, fields)
}

type environmentURLValidator struct{}

func (environmentURLValidator) Description(context.Context) string {
	return "must be https://HOST, or http://HOST for a loopback host"
}

func (v environmentURLValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (environmentURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.ValueString() == "" { // null, unknown, or left to the environment variable
		return
	}
	if _, err := scalekit.ParseEnvironmentURL(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid URL", fmt.Sprintf("The environment URL %s.", err))
	}
}

type webhookServerValidator struct{}

func (webhookServerValidator) Description(context.Context) string {
	return "must be the base URL of the server's API: https, or http for a loopback host"
}

func (v webhookServerValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (webhookServerValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := svixportal.ParseServerURL(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid URL", fmt.Sprintf("The URL of the webhook server %s.", err))
	}
}

type timeoutValidator struct{}

func (timeoutValidator) Description(context.Context) string {
	return `must be a duration above zero, such as "30s"`
}

func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeoutValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if timeout, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || timeout <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
