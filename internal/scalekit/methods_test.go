package scalekit_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// once are the methods that must not be done twice when their outcome is unknown.
var once = map[string]string{
	"AddPermissionsToRole":         "not called, so not decided",
	"AssignDomainsToConnection":    "not called, so not decided",
	"AssignGroupsForDirectory":     "not called, so not decided",
	"AssignUserRoles":              "adds to what is there",
	"CreateConnection":             "makes another",
	"CreateDirectory":              "makes another",
	"CreateDirectorySecret":        "makes another",
	"CreateDomain":                 "makes another, or is refused",
	"CreateEnvironmentConnection":  "makes another",
	"CreateMembership":             "sends an invitation",
	"CreateOrganization":           "makes another",
	"CreateOrganizationRole":       "is refused",
	"CreatePermission":             "is refused",
	"CreateRole":                   "is refused",
	"CreateUserAndMembership":      "sends an invitation",
	"DisableConnection":            "not called, so not decided",
	"DisableEnvironmentConnection": "not called, so not decided",
	"DummyService":                 "not called, so not decided",
	"EnableConnection":             "not called, so not decided",
	"EnableEnvironmentConnection":  "not called, so not decided",
	"GeneratePortalLink":           "makes another credential",
	"RemoveUserRole":               "not called, so not decided",
	"ResendInvite":                 "sends an invitation",
	"UpdateConnection":             "not called, so not decided",
	"UpdateConnectionContext":      "not called, so not decided",
	"UpdateDirectory":              "not called, so not decided",
	"UpdateDirectoryContext":       "not called, so not decided",
	"UpdateDomain":                 "not called, so not decided",
	"UpdateEnvironmentConnection":  "not called, so not decided",
	"UpdateMembership":             "not called, so not decided",
	"UpdateUser":                   "not called, so not decided",
	"VerifyDomain":                 "not called, so not decided",
}

// methods are the bare names of all methods that the platform has.
func methods() []string {
	var names []string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "scalekit.v1.") {
			return true
		}
		for i := range file.Services().Len() {
			for j := range file.Services().Get(i).Methods().Len() {
				names = append(names, string(file.Services().Get(i).Methods().Get(j).Name()))
			}
		}
		return true
	})
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryMethodIsClassified(t *testing.T) {
	t.Parallel()
	reads := []string{"Get", "List", "Search", "Delete"}
	all := methods()
	for _, name := range all {
		byName := slices.ContainsFunc(reads, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		byList := slices.Contains(scalekit.RepeatableWrites(), name)
		_, isOnce := once[name]
		ways := 0
		for _, way := range []bool{byName, byList, isOnce} {
			if way {
				ways++
			}
		}
		if ways != 1 {
			t.Errorf("%s: decide whether it may be repeated: by its name, in repeatableWrites, or here as one that may not", name)
		}
		if scalekit.Repeatable(name) != (byName || byList) {
			t.Errorf("%s: repeatable is %v", name, scalekit.Repeatable(name))
		}
	}
	for name := range once {
		if !slices.Contains(all, name) {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestRepeatableWritesExist(t *testing.T) {
	t.Parallel()
	for _, name := range scalekit.RepeatableWrites() {
		if !slices.Contains(methods(), name) {
			t.Errorf("there is no %s", name)
		}
		for _, verb := range []string{"Create", "Generate", "Resend", "Add", "Send"} {
			if strings.HasPrefix(name, verb) {
				t.Errorf("%s is listed as repeatable", name)
			}
		}
	}
}
