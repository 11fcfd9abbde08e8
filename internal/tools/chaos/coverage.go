package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// coverage is what matrices are to disturb, or have disturbed.
type coverage struct {
	resourceTypes []string
	// calls are those by which resources change something, by the names that the emulator gives them.
	calls []string
}

// wanted asks the provider for its resources, and the type checker for the calls that they make.
func wanted(ctx context.Context, packages string) (coverage, error) {
	schemas, err := providerserver.NewProtocol6(provider.New("dev")())().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return coverage{}, fmt.Errorf("asking for the provider's schema: %w", err)
	}
	calls, err := changingCalls(ctx, packages)
	return coverage{slices.Sorted(maps.Keys(schemas.ResourceSchemas)), calls}, err
}

const (
	resourceInterface = "github.com/hashicorp/terraform-plugin-framework/resource"
	rpcPackages       = "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/"
	webhookClient     = "(*github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal.Client)."
)

// webhookCalls are the methods of the webhook client that change something, and their calls of the webhook server.
var webhookCalls = map[string]string{
	"Create":         "svix.endpoint.create",
	"Replace":        "svix.endpoint.update",
	"Delete":         "svix.endpoint.delete",
	"RotateSecret":   "svix.endpoint.rotate-secret",
	"ReplaceHeaders": "svix.endpoint.update-headers",
}

// webhookReads are its other methods that resources may call.
var webhookReads = []string{"Get", "FindByUID", "List", "Secret", "EventTypes", "KnownEventTypes"}

// changingCalls finds the calls by which resources change something: those that can be reached from the methods of a type
// that implements resource.Resource. What actions, data sources and lists do is no part of an apply.
func changingCalls(ctx context.Context, packages string) ([]string, error) {
	sources, err := load(ctx, packages)
	if err != nil {
		return nil, err
	}
	calls := map[string]bool{}
	var problems []error
	for name := range sources.reachable() {
		method, isWebhook := strings.CutPrefix(name, webhookClient)
		switch {
		case strings.HasPrefix(name, "("+rpcPackages) && strings.Contains(name, "Client)."):
			if method = name[strings.LastIndex(name, ".")+1:]; !isRead(method) {
				calls[method] = true
			}
		case !isWebhook || slices.Contains(webhookReads, method):
		case webhookCalls[method] != "":
			calls[webhookCalls[method]] = true
		default:
			problems = append(problems, fmt.Errorf("a resource calls %s of the webhook client, of which this program does not know whether it changes something", method))
		}
	}
	return slices.Sorted(maps.Keys(calls)), errors.Join(problems...)
}

// isRead tells by the name, as the API's own names do.
func isRead(method string) bool {
	for _, prefix := range []string{"Get", "List", "Search"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}
