package directory_test

import (
	"maps"
	"testing"
	"time"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	syncAction = "scalekit_directory_sync"
	trigger    = "TriggerDirectorySync"
)

// ofSeed is the configuration of a sync of the seed's directory.
var ofSeed = map[string]string{"organization_id": orgID, "directory_id": dirID}

// with is a sync's configuration with another value of one attribute.
func with(attribute, value string) map[string]string {
	config := maps.Clone(ofSeed)
	config[attribute] = value
	return config
}

// synced is what a sync says that was started.
var synced = protocol.Invocation{Progress: []string{
	"Starting a sync of directory " + dirID + " of organization " + orgID + ".",
	"Scalekit has taken on the sync of directory " + dirID + " of organization " + orgID + ". It goes on by itself and is not waited for.",
}}

func disable(t *testing.T, env *acctest.Env) {
	t.Helper()
	if _, err := env.Client().Directories.DisableDirectory(t.Context(), connect.NewRequest(&directoriesv1.ToggleDirectoryRequest{
		OrganizationId: orgID, Id: dirID,
	})); err != nil {
		t.Fatal(err)
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	started := time.Now()
	protocol.Start(t, env).InvokeAction(syncAction, ofSeed).MustSay(t, synced)
	if env.Calls(trigger) != 1 {
		t.Errorf("%d syncs were started", env.Calls(trigger))
	}
	if at := getDirectory(t, env).GetLastSyncedAt(); at == nil || at.AsTime().Before(started.Truncate(time.Second)) {
		t.Errorf("the directory was last synced at %v", at.AsTime())
	}
}

// A plan tells what is known, and an action in it does nothing.
func TestSyncPlan(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	driver := protocol.Start(t, env)
	disabled := protocol.Invocation{Warnings: []string{
		"directory_id: Directory " + dirID + " is disabled: Directory " + dirID + " takes in no users and groups as long as it is disabled.",
	}}
	driver.PlanAction(syncAction, ofSeed).MustSay(t, protocol.Invocation{})
	disable(t, env)
	driver.PlanAction(syncAction, ofSeed).MustSay(t, disabled)
	enabling := protocol.Start(t, env)
	enabling.PlanEnable("scalekit_directory", map[string]string{"organization_id": orgID, "id": dirID})
	enabling.PlanAction(syncAction, ofSeed).MustSay(t, protocol.Invocation{})
	for _, missing := range []struct{ attribute, value, complaint string }{
		{"directory_id", "dir_9", "Organization " + orgID + " has no directory dir_9."},
		{"organization_id", "org_9", "Organization org_9 has no directory " + dirID + "."},
	} {
		driver.PlanAction(syncAction, with(missing.attribute, missing.value)).MustSay(t, protocol.Invocation{
			Errors: []string{"directory_id: No such directory: " + missing.complaint},
		})
	}
	env.Emulator.ResetRequests()
	driver.PlanAction(syncAction, with("directory_id", protocol.Unknown)).MustSay(t, protocol.Invocation{})
	driver.PlanAction(syncAction, with("organization_id", protocol.Unknown)).MustSay(t, protocol.Invocation{})
	protocol.StartWith(t, env, map[string]any{"plan_checks": false}).PlanAction(syncAction, with("directory_id", "dir_9")).MustSay(t, protocol.Invocation{})
	if made := env.Calls("GetDirectory") + env.Calls(trigger); made != 0 {
		t.Errorf("%d calls were made in vain", made)
	}
	if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "GetDirectory", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1}}); err != nil {
		t.Fatal(err)
	}
	driver.PlanAction(syncAction, with("directory_id", "dir_9")).MustSay(t, protocol.Invocation{})
	if env.Calls("GetDirectory") != 1 {
		t.Error("the directory was not looked up")
	}
}

func TestSyncValidation(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, startSeeded(t, emulator.Quirks{}))
	driver.InvokeAction(syncAction, map[string]string{"directory_id": "acme"}).MustSay(t, protocol.Invocation{Errors: []string{
		`directory_id: Invalid id: "acme" must be an id that begins with "dir_"`,
		"organization_id: Missing Configuration for Required Attribute",
	}})
	driver.InvokeAction(syncAction, with("organization_id", dirID)).MustSay(t, protocol.Invocation{Errors: []string{
		`organization_id: Invalid id: "` + dirID + `" must be an id that begins with "org_"`,
	}})
}

// The refusals, as an apply meets them that was planned without look-ups.
func TestSyncRefused(t *testing.T) {
	t.Parallel()
	const summary = "Could not start a sync of directory " + dirID
	starting := synced.Progress[:1]
	for name, refusal := range map[string]struct {
		quirks    emulator.Quirks
		fault     emulator.Fault
		disabled  bool
		complaint string
	}{
		"disabled": {
			emulator.Quirks{},
			emulator.Fault{},
			true,
			summary + `, which is disabled and of type SCIM, not POLL: directory "` + dirID + `" is disabled.`,
		},
		"not polling": {
			emulator.Quirks{DirectorySyncNeedsPolling: true},
			emulator.Fault{},
			false,
			summary + `, which is of type SCIM, not POLL: directory "` + dirID + `" is SCIM; only a POLL directory can do this.`,
		},
		"not found": {
			emulator.Quirks{},
			emulator.Fault{Kind: emulator.FaultErrorBefore, Code: "NOT_FOUND"},
			false,
			"directory_id: No such directory: Organization " + orgID + " has no directory " + dirID + ".",
		},
		"unimplemented": {
			emulator.Quirks{},
			emulator.Fault{Kind: emulator.FaultErrorBefore, Code: "UNIMPLEMENTED"},
			false,
			summary + ": This environment does not offer to start a sync: the call is a preview.",
		},
		"forbidden": {
			emulator.Quirks{},
			emulator.Fault{Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED"},
			false,
			summary + ": injected fault.\n\nThe API client lacks the permission for this call.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, refusal.quirks)
			if refusal.disabled {
				disable(t, env)
			}
			if refusal.fault.Kind != "" {
				refusal.fault.RPC = trigger
				if err := env.Emulator.SetFaults([]emulator.Fault{refusal.fault}); err != nil {
					t.Fatal(err)
				}
			}
			protocol.Start(t, env).InvokeActionUnplanned(syncAction, ofSeed).MustSay(t, protocol.Invocation{Progress: starting, Errors: []string{refusal.complaint}})
			if env.Calls(trigger) != 1 {
				t.Errorf("the sync was asked for %d times", env.Calls(trigger))
			}
		})
	}
}

// A sync that may or may not have been started is started again, and if that does not help, the error says what is known.
func TestSyncUnderFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []emulator.FaultKind{
		emulator.FaultErrorBefore, emulator.FaultErrorAfter, emulator.FaultDropBefore, emulator.FaultDropAfter, emulator.FaultHang,
		emulator.FaultGarbage, emulator.FaultRateLimit,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, emulator.Quirks{})
			settings := map[string]any{"max_retries": 1}
			if kind == emulator.FaultHang {
				settings["request_timeout"] = "500ms"
			}
			driver := protocol.StartWith(t, env, settings)
			fault := emulator.Fault{RPC: trigger, Kind: kind}
			if kind == emulator.FaultRateLimit {
				fault.RetryAfter = time.Second
			}
			if err := env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
				t.Fatal(err)
			}
			driver.InvokeAction(syncAction, ofSeed).MustSay(t, synced)

			fault.Count = -1
			if err := env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
				t.Fatal(err)
			}
			complaint := "It is not known whether the sync was started: " + trigger
			if kind == emulator.FaultRateLimit {
				complaint = "rate limit was still exceeded after all retries. Raise max_retries"
			}
			failed := driver.InvokeAction(syncAction, ofSeed)
			failed.MustSay(t, protocol.Invocation{Progress: synced.Progress[:1], Errors: []string{complaint}})
			failed.MustSay(t, protocol.Invocation{Progress: synced.Progress[:1], Errors: []string{"terraform apply -invoke=action.scalekit_directory_sync.NAME"}})
		})
	}
}
