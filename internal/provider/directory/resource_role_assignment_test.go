package directory_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func TestRoleAssignment(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	assign(t, env, itID, "admin") // somebody else's
	workspace := env.Workspace(t)
	for _, step := range []struct {
		config, summary string
		pairs           []string
	}{
		{single("one", engID, "engineer"), "1 added, 0 changed, 0 destroyed", []string{engID, "engineer", itID, "admin"}},
		{single("one", engID, "buyer"), "0 added, 1 changed, 0 destroyed", []string{engID, "buyer", itID, "admin"}},
		{single("one", salesID, "buyer"), "1 added, 0 changed, 1 destroyed", []string{salesID, "buyer", itID, "admin"}},
		{single("one", salesID, "buyer") + single("two", engID, "buyer"), "1 added, 0 changed, 0 destroyed", []string{salesID, "buyer", engID, "buyer", itID, "admin"}},
		{single("two", engID, "seller"), "0 added, 1 changed, 1 destroyed", []string{engID, "seller", itID, "admin"}},
	} {
		workspace.Write(step.config)
		acctest.MustContain(t, workspace.MustApply(), step.summary)
		workspace.MustBeClean()
		mustHaveRoles(t, env, step.pairs...)
	}
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace=scalekit_directory_role_assignment.two"); err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	if output, err := workspace.Run("taint", "scalekit_directory_role_assignment.two"); err != nil {
		t.Fatalf("taint: %v\n%s", err, output)
	}
	workspace.MustApply()
	workspace.MustBeClean()
	mustDestroy(t, workspace)
	mustHaveRoles(t, env, itID, "admin")
}

func TestRoleAssignmentDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(single("eng", engID, "engineer") + single("sales", salesID, "seller"))
	workspace.MustApply()

	assign(t, env, engID, "admin", itID, "admin") // one changed, one removed, one added
	acctest.MustContain(t, workspace.MustApply(), "1 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()
	mustHaveRoles(t, env, engID, "engineer", salesID, "seller", itID, "admin")

	// What somebody else has changed since the last look is theirs.
	if output, err := workspace.Run("plan", "-destroy", "-out=saved", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	assign(t, env, engID, "admin", salesID, "seller", itID, "admin")
	if output, err := workspace.Run("apply", "-no-color", "saved"); err != nil {
		t.Fatalf("apply: %v\n%s", err, output)
	}
	mustHaveRoles(t, env, engID, "admin", itID, "admin")

	assign(t, env)
	workspace.MustApply()
	deleteGroup(t, env, engID)
	deleteDirectory(t, env, orgID, dirID)
	mustDestroy(t, workspace)
}

func TestRoleAssignmentImport(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	assign(t, env, engID, "engineer")
	workspace := env.Workspace(t)
	workspace.Write(single("eng", engID, "engineer") + importAs("scalekit_directory_role_assignment.eng", allID+"/"+engID))
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()

	identity := map[string]string{"organization_id": orgID, "directory_id": dirID, "group_id": engID}
	state, got := protocol.Start(t, env).ImportByIdentity("scalekit_directory_role_assignment", identity)
	if !maps.Equal(got, identity) || state["role_name"] != "engineer" {
		t.Errorf("the imported role assignment has the state %v and the identity %v", state, got)
	}
	for id, complaint := range map[string]string{
		engID:                 "is not an import id of a directory role assignment",
		allID + "/" + salesID: "Cannot import non-existent remote object",
	} {
		workspace := env.Workspace(t)
		workspace.Write(single("eng", engID, "engineer") + importAs("scalekit_directory_role_assignment.eng", id))
		mustFailPlan(t, workspace, complaint)
	}
}

// A group that has another role is not taken over but by an import, which the error gives.
func TestRoleAssignmentRefusesForeignOne(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	assign(t, env, engID, "admin")
	workspace := env.Workspace(t)
	workspace.Write(single("eng", engID, "engineer"))
	complaints := []string{
		"The group has a role already", `has the role "admin", and a group has one role`,
		"import { to = scalekit_directory_role_assignment.NAME id = \"" + allID + "/" + engID + "\"",
	}
	mustFailPlan(t, workspace, complaints...)
	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(single("eng", engID, "engineer"))
	mustFail(t, workspace, complaints...)
	mustHaveRoles(t, env, engID, "admin")
	workspace.Write(single("eng", engID, "engineer") + importAs("scalekit_directory_role_assignment.eng", allID+"/"+engID))
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 1 changed, 0 destroyed")
	mustHaveRoles(t, env, engID, "engineer")
}

func TestRoleAssignmentOnPlatformThatMerges(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{AssignRolesMerges: true})
	workspace := env.Workspace(t)
	workspace.Write(single("eng", engID, "engineer") + single("sales", salesID, "seller"))
	workspace.MustApply()
	workspace.MustBeClean()
	workspace.Write(single("eng", engID, "admin"))
	acctest.MustContain(t, workspace.MustApply(), "The platform kept role assignments", salesID)
	workspace.MustBeClean()
}

// manyGroups is a seed whose directory has that many groups, and their ids.
func manyGroups(count int) (*emulator.Seed, []string) {
	crowded := seed()
	directory := &crowded.Organizations[0].Directories[0]
	directory.Groups, directory.Users = nil, nil
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("dirgroup_2%016d", i)
		directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{ID: ids[i], DisplayName: fmt.Sprintf("Group %d", i)})
	}
	return crowded, ids
}

// All of many parallel role assignments on one directory arrive, and all of them go.
func TestParallelRoleAssignments(t *testing.T) {
	t.Parallel()
	crowded, ids := manyGroups(65)
	env := acctest.StartEmulator(t, emulator.Options{Seed: crowded})
	workspace := env.Workspace(t)
	config := ""
	for i, id := range ids[:20] {
		config += single(fmt.Sprintf("g%d", i), id, "engineer")
	}
	workspace.Write(config)
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-parallelism=20"); err != nil {
		t.Fatalf("apply: %v\n%s", err, output)
	}
	if got := len(roles(t, env)); got != 20 {
		t.Errorf("%d role assignments arrived", got)
	}
	workspace.MustBeClean()
	// Three pages of groups and one list of roles serve the whole plan; the apply looks at them once more.
	if got := env.Calls("ListDirectoryGroups"); got > 6 {
		t.Errorf("the groups were listed by %d calls", got)
	}
	if got := env.Calls("ListOrganizationRoles"); got > 2 {
		t.Errorf("the roles were listed by %d calls", got)
	}
	mustDestroy(t, workspace)
	mustHaveRoles(t, env)
}

// Workspaces that apply at the same time share a directory.
func TestRoleAssignmentsOfParallelWorkspaces(t *testing.T) {
	t.Parallel()
	const workspaces, each = 3, 5
	crowded, ids := manyGroups(workspaces * each)
	env := acctest.StartEmulator(t, emulator.Options{Seed: crowded})
	all := make([]*acctest.Workspace, workspaces)
	for i := range all {
		config := ""
		for j, id := range ids[i*each : (i+1)*each] {
			config += single(fmt.Sprintf("g%d", j), id, "engineer")
		}
		all[i] = env.Workspace(t)
		all[i].Write(config)
	}
	var wait sync.WaitGroup
	for _, workspace := range all {
		wait.Go(func() {
			if output, err := workspace.Apply(); err != nil {
				t.Errorf("apply: %v\n%s", err, output)
			}
		})
	}
	wait.Wait()
	if got := len(roles(t, env)); got != workspaces*each {
		t.Errorf("%d role assignments of %d arrived", got, workspaces*each)
	}
	for _, workspace := range all {
		workspace.MustBeClean()
	}
}

// A rival that had read the mapping before a role was taken away, and writes it afterwards, does not bring the role back.
func TestARevokedRoleStaysRevoked(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(single("eng", engID, "engineer"))
	workspace.MustApply()

	env.Emulator.ResetRequests()
	rival := make(chan bool, 1)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				rival <- false
				return
			case <-time.After(10 * time.Millisecond):
				if env.Calls("AssignRoles") > 0 {
					assign(t, env, engID, "engineer", salesID, "seller") // what it read, and a role of its own
					rival <- true
					return
				}
			}
		}
	}()
	output, err := workspace.Destroy()
	close(stop)
	if !<-rival {
		t.Fatal("the rival did not come in")
	}
	if err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	mustHaveRoles(t, env, salesID, "seller")
}
