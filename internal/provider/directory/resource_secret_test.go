package directory_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const tokenOutput = `
output "token" {
  value     = nonsensitive(scalekit_directory_secret.token.secret)
}
`

func token(attributes string) string { return block("secret", "token", attributes) + tokenOutput }

// active are the ids of the active secrets of the seed's directory.
func active(t *testing.T, env *acctest.Env) []string {
	t.Helper()
	ids := []string{}
	for _, secret := range getDirectory(t, env).GetSecrets() {
		if secret.GetStatus() == directoriesv1.SecretStatus_ACTIVE {
			ids = append(ids, secret.GetId())
		}
	}
	return ids
}

// createSecret adds a secret to the seed's directory behind Terraform's back.
func createSecret(t *testing.T, env *acctest.Env) string {
	t.Helper()
	reply, err := env.Client().Directories.CreateDirectorySecret(t.Context(), connect.NewRequest(&directoriesv1.CreateDirectorySecretRequest{
		OrganizationId: orgID, DirectoryId: dirID,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetSecret().GetId()
}

// regenerate makes the secrets of the seed's directory inactive behind Terraform's back, and adds one.
func regenerate(t *testing.T, env *acctest.Env) string {
	t.Helper()
	reply, err := env.Client().Directories.RegenerateDirectorySecret(t.Context(), connect.NewRequest(&directoriesv1.RegenerateDirectorySecretRequest{
		OrganizationId: orgID, DirectoryId: dirID,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetSecret().GetId()
}

func TestSecret(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(token(``))
	workspace.MustApply()
	workspace.MustBeClean()
	first := stateOf(t, workspace, "scalekit_directory_secret")
	value := first["secret"].(string)
	if !regexp.MustCompile(`^[A-Za-z0-9]{64}$`).MatchString(value) || value[60:] != first["secret_suffix"] || first["expire_time"] != nil {
		t.Errorf("the state is %v", first)
	}

	// A refresh keeps the value.
	if output, err := workspace.Run("apply", "-refresh-only", "-auto-approve", "-no-color"); err != nil {
		t.Fatalf("refresh: %v\n%s", err, output)
	}
	if got := stateOf(t, workspace, "scalekit_directory_secret"); !maps.Equal(got, first) {
		t.Errorf("the refresh changed the state to %v", got)
	}

	// A rotation gives a new value to what uses it, in the same apply, and the old one stops working.
	for i, rotation := range []string{`rotation = { month = "1" }`, `rotation = { month = "2" }`, ``} {
		workspace.Write(token(rotation))
		output := workspace.MustApply()
		acctest.MustContain(t, output, "forces replacement", "will be replaced", "stops working as soon as the new one is made",
			`~ token = "`+value+`" -> (known after apply)`)
		workspace.MustBeClean()
		got := stateOf(t, workspace, "scalekit_directory_secret")
		if got["secret"] == value || got["id"] == first["id"] {
			t.Errorf("rotation %d: the secret is the same", i)
		}
		value = got["secret"].(string)
		if ids := active(t, env); !slices.Equal(ids, []string{got["id"].(string)}) {
			t.Errorf("rotation %d: active are %v", i, ids)
		}
	}

	// Another secret would stop working, too, and the plan says so.
	other := createSecret(t, env)
	workspace.Write(token(`rotation = { month = "3" }`))
	output, err := workspace.Run("plan", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "So it is with the secret "+other)
	acctest.MustContain(t, mustDestroy(t, workspace), "will only be forgotten", "The API cannot delete a directory's secret")
}

// With create_before_destroy the old secret keeps working.
func TestSecretOverlap(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	for i, month := range []string{"1", "2"} {
		workspace.Write(token(fmt.Sprintf("rotation = { month = %q }\nlifecycle {\n create_before_destroy = true\n}", month)))
		workspace.MustApply()
		workspace.MustBeClean()
		if ids := active(t, env); len(ids) != i+1 {
			t.Errorf("active are %v", ids)
		}
	}
}

func TestSecretDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(token(``))
	workspace.MustApply()

	// One that somebody else made inactive is of no use: another is added, which leaves theirs alone.
	theirs := regenerate(t, env)
	acctest.MustContain(t, workspace.MustApply(), "1 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()
	if ids := active(t, env); len(ids) != 2 || ids[0] != theirs {
		t.Errorf("active are %v", ids)
	}
	deleteDirectory(t, env, orgID, dirID)
	mustFail(t, workspace, "Could not make a secret of directory "+dirID)
	mustDestroy(t, workspace)
}

func TestSecretImport(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	id := createSecret(t, env)
	workspace := env.Workspace(t)
	workspace.Write(token(``) + fmt.Sprintf("import {\n  to = scalekit_directory_secret.token\n  id = %q\n}", orgID+"/"+dirID+"/"+id))
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed", "The secret's value is not known", "apply with -replace")
	workspace.MustBeClean()
	if got := stateOf(t, workspace, "scalekit_directory_secret"); got["secret"] != nil || got["id"] != id {
		t.Errorf("the state is %v", got)
	}
	// The first rotation is only recorded, so that importing a secret in use does not replace it.
	workspace.Write(token(`rotation = { imported = "yes" }`))
	acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()
	workspace.Write(token(`rotation = { imported = "and rotated" }`))
	acctest.MustContain(t, workspace.MustApply(), "1 added, 0 changed, 1 destroyed")
	workspace.MustBeClean()
	if got := stateOf(t, workspace, "scalekit_directory_secret"); got["secret"] == nil || len(active(t, env)) != 1 {
		t.Errorf("the state is %v", got)
	}

	// Of many imports one warns.
	both := env.Workspace(t)
	both.Write(fmt.Sprintf("import {\n  to = scalekit_directory_secret.one\n  id = %[1]q\n}\nimport {\n  to = scalekit_directory_secret.two\n  id = %[2]q\n}\n",
		orgID+"/"+dirID+"/"+active(t, env)[0], orgID+"/"+dirID+"/"+createSecret(t, env)))
	output, err := both.Run("plan", "-generate-config-out=generated.tf", "-no-color")
	if err != nil || strings.Count(output, "The secret's value is not known") != 1 {
		t.Errorf("two imports: %v\n%s", err, output)
	}

	state, identity := protocol.Start(t, env).ImportByIdentity("scalekit_directory_secret",
		map[string]string{"organization_id": orgID, "directory_id": dirID, "id": active(t, env)[0]})
	if state["directory_id"] != dirID || identity["id"] != active(t, env)[0] {
		t.Errorf("the imported secret has the state %v and the identity %v", state, identity)
	}

	for bad, complaint := range map[string]string{
		id:                              "is not an import id of a directory secret",
		orgID + "/" + dirID + "/sec_1":  "Cannot import non-existent remote object",
		orgID + "/" + dirID + "/" + id:  "Cannot import non-existent remote object", // inactive
		orgID + "/dir_1/sec_1":          "Cannot import non-existent remote object",
		orgID + "/" + dirID + "/dir_12": "is not an import id of a directory secret",
	} {
		workspace := env.Workspace(t)
		workspace.Write(token(``) + fmt.Sprintf("import {\n  to = scalekit_directory_secret.token\n  id = %q\n}", bad))
		mustFailPlan(t, workspace, complaint)
	}
}

// A secret whose value was lost on the way is not used; where it is the only one it is made inactive at once.
func TestLostSecret(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]int{"alone": 0, "beside another": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, emulator.Quirks{})
			for range others {
				createSecret(t, env)
			}
			workspace := env.Workspace(t)
			workspace.Write(token(``))
			if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "CreateDirectorySecret", Kind: emulator.FaultDropAfter}}); err != nil {
				t.Fatal(err)
			}
			workspace.MustApply()
			workspace.MustBeClean()
			got := stateOf(t, workspace, "scalekit_directory_secret")
			ids := active(t, env)
			if got["secret"] == nil || ids[len(ids)-1] != got["id"] || len(ids) != 1+2*others {
				t.Errorf("the state is %v, active are %v", got, ids)
			}
		})
	}
}

// A rotation whose reply is lost every time is done again by the next apply, and leaves no active secret behind.
func TestLostRotation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault emulator.Fault
		says  []string
	}{
		"not made": {
			emulator.Fault{RPC: "RegenerateDirectorySecret", Kind: emulator.FaultErrorBefore},
			[]string{"The value of a new secret was not received", "Apply again, which makes another one."},
		},
		"made": {
			emulator.Fault{RPC: "RegenerateDirectorySecret", Kind: emulator.FaultErrorAfter},
			[]string{"The value of a new secret was not received", "Apply again, which makes another one."},
		},
		"not tried": { // after the reads of the plan
			emulator.Fault{RPC: "GetDirectory", Kind: emulator.FaultErrorBefore, Skip: 2},
			[]string{"Could not make a secret of directory " + dirID, "Apply again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, emulator.Quirks{})
			workspace := env.Workspace(t)
			workspace.Configure(env.Provider("max_retries = 1"))
			workspace.Write(token(``))
			workspace.MustApply()
			workspace.Write(token(`rotation = { month = "1" }`))
			test.fault.Count = -1
			if err := env.Emulator.SetFaults([]emulator.Fault{test.fault}); err != nil {
				t.Fatal(err)
			}
			mustFail(t, workspace, test.says...)
			if err := env.Emulator.SetFaults(nil); err != nil {
				t.Fatal(err)
			}
			workspace.MustApply()
			workspace.MustBeClean()
			got := stateOf(t, workspace, "scalekit_directory_secret")
			if ids := active(t, env); got["secret"] == nil || !slices.Equal(ids, []string{got["id"].(string)}) {
				t.Errorf("the state is %v, active are %v", got, ids)
			}
		})
	}
}

// Two secrets of one directory that rotate together both work afterwards.
func TestTwoSecrets(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	for i := range 3 {
		rotation := fmt.Sprintf("rotation = { month = \"%d\" }", i)
		workspace.Write(block("secret", "a", rotation) + block("secret", "b", rotation))
		workspace.MustApply()
		workspace.MustBeClean()
		if ids := active(t, env); len(ids) != 2 {
			t.Errorf("active are %v", ids)
		}
	}
}
