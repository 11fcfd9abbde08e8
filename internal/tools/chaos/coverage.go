package main

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
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

// wanted asks the provider for its resources, and its source for their calls.
func wanted(ctx context.Context, packages string) (coverage, error) {
	schemas, err := providerserver.NewProtocol6(provider.New("dev")())().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return coverage{}, fmt.Errorf("asking for the provider's schema: %w", err)
	}
	// The package of the provider itself has no resources, only their list.
	files, err := goList(ctx, `{{$package := .}}{{if ne .Name "provider"}}{{range .GoFiles}}{{$package.Dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, packages)
	if err != nil {
		return coverage{}, err
	}
	calls, err := changingCalls(files)
	return coverage{slices.Sorted(maps.Keys(schemas.ResourceSchemas)), calls}, err
}

// otherFiles begin the names of the files that belong to no resource: what these do is no part of an apply, or leaves
// nothing that an apply would have to mend.
var otherFiles = []string{"action", "data_source", "ephemeral", "list"}

// services are the fields of scalekit.Client through which the API is called.
var services = []string{"Organizations", "Domains", "Directories", "Roles", "Users", "Connections"}

// webhookCalls are the methods of the webhook client that change something, and their calls of the webhook server.
var webhookCalls = map[string]string{
	"Create":         "svix.endpoint.create",
	"Replace":        "svix.endpoint.update",
	"Delete":         "svix.endpoint.delete",
	"RotateSecret":   "svix.endpoint.rotate-secret",
	"ReplaceHeaders": "svix.endpoint.update-headers",
}

// webhookReads are its other methods.
var webhookReads = []string{"Get", "FindByUID", "List", "Secret", "EventTypes", "KnownEventTypes"}

// changingCalls finds the calls by which the resources of these files change something.
func changingCalls(files []string) ([]string, error) {
	calls := map[string]bool{}
	var problems []error
	for _, file := range files {
		if file == "" || slices.ContainsFunc(otherFiles, func(prefix string) bool { return strings.HasPrefix(filepath.Base(file), prefix) }) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		for node := range ast.Preorder(parsed) {
			client, method, ok := methodOf(node)
			switch {
			case !ok:
			case slices.Contains(services, client) && !isRead(method):
				calls[method] = true
			case client == "Webhooks" && webhookCalls[method] != "":
				calls[webhookCalls[method]] = true
			case client == "Webhooks" && !slices.Contains(webhookReads, method):
				problems = append(problems, fmt.Errorf("%s calls Webhooks.%s, of which this program does not know whether it changes something",
					filepath.Base(file), method))
			}
		}
	}
	return slices.Sorted(maps.Keys(calls)), errors.Join(problems...)
}

// methodOf reads …Client.Roles.CreateRole as Roles and CreateRole, and ….Webhooks.Create as Webhooks and Create.
func methodOf(node ast.Node) (client, method string, ok bool) {
	outer, ok := node.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	inner, ok := outer.X.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	if slices.Contains(services, inner.Sel.Name) {
		through, isSelector := inner.X.(*ast.SelectorExpr)
		named, isName := inner.X.(*ast.Ident)
		ok = isSelector && through.Sel.Name == "Client" || isName && named.Name == "client"
	}
	return inner.Sel.Name, outer.Sel.Name, ok
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
