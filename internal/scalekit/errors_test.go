package scalekit_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

func TestExplainReadsErrorInfo(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL())

	_, err := createOrganization(t.Context(), client, "", "")
	explained := scalekit.Explain(fmt.Errorf("wrapped: %w", err))
	if explained.Code != "invalid_argument" || explained.ErrorCode != "INVALID_ARGUMENT" || explained.Message == "" {
		t.Errorf("got %+v", explained)
	}
	if want := requests(e, "CreateOrganization")[0].RequestID; explained.RequestID != want {
		t.Errorf("request id %q, want %q", explained.RequestID, want)
	}
	onField := func(v scalekit.Violation) bool {
		return v.Field == "organization.display_name" && v.Description != ""
	}
	if !slices.ContainsFunc(explained.Violations, onField) {
		t.Errorf("violations %+v, want one of organization.display_name", explained.Violations)
	}

	failure := new(scalekit.CallError)
	if !errors.As(err, &failure) || failure.Method != "CreateOrganization" || failure.Attempts != 1 {
		t.Errorf("got %#v", err)
	}
	if scalekit.IsNotFound(err) || scalekit.IsUnimplemented(err) {
		t.Errorf("%v is taken for something else", err)
	}
}

func TestExplainKeepsTheMessageOfOtherErrors(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"boom": errors.New("boom"),
		"could not be reached: x could not be reached: no route": fmt.Errorf("could not be reached: %w",
			&scalekit.HostError{URL: "x", Err: errors.New("no route")}),
	} {
		if got := scalekit.Explain(err); got.Message != want || got.Code != "" || got.ErrorCode != "" || got.Violations != nil {
			t.Errorf("got %+v, want the message %q alone", got, want)
		}
	}
	if got := scalekit.Explain(connect.NewError(connect.CodeInternal, errors.New("boom"))); got.Code != "internal" || got.Message != "boom" {
		t.Errorf("got %+v", got)
	}
}

func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL())
	_, err := client.Organizations.GetOrganization(t.Context(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_Id{Id: "org_1"},
	}))
	if !scalekit.IsNotFound(err) || scalekit.IsUnimplemented(err) {
		t.Errorf("%v is not taken for NOT_FOUND", err)
	}
	setFaults(t, e, emulator.Fault{RPC: "ListOrganization", Kind: emulator.FaultErrorBefore, Code: "UNIMPLEMENTED"})
	if err := listOrganizations(t.Context(), client); !scalekit.IsUnimplemented(err) || scalekit.IsNotFound(err) {
		t.Errorf("%v is not taken for UNIMPLEMENTED", err)
	}
	if scalekit.IsNotFound(nil) || scalekit.IsUnimplemented(nil) {
		t.Error("no error is taken for one")
	}
}
