package facts_test

import (
	"fmt"
	"strings"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var directoryFacts = []fact{
	{
		key:      "directory.created",
		question: "Is a new directory enabled?",
		assumed:  "yes",
		mark:     seen,
		relies:   "scalekit_directory enables or disables it after the create, where it is not as declared.",
		probe:    func(r *run) string { return yesNo(r.directory().GetEnabled(), "yes", "no") },
		variants: []variant{{emulator.Quirks{DirectoryCreatedDisabled: true}, "no"}},
	},
	{
		key:      "directory.created-status",
		question: "Which status and name has a new directory?",
		assumed:  "IN_PROGRESS, with a name",
		mark:     unknown,
		relies:   "Nothing depends on it: the provider shows what it reads.",
		probe: func(r *run) string {
			directory := r.directory()
			return directory.GetStatus() + yesNo(directory.GetName() == "", ", without a name", ", with a name")
		},
	},
	{
		key:      "directory.created-secret",
		question: "Has a new directory a secret?",
		assumed:  "no",
		mark:     unknown,
		relies:   "scalekit_directory_secret makes one of its own.",
		probe:    func(r *run) string { return yesNo(len(r.read(r.directory()).GetSecrets()) == 0, "no", "yes") },
		variants: []variant{{emulator.Quirks{DirectoryCreatesSecret: true}, "yes"}},
	},
	{
		key:      "directory.needs-feature",
		question: "What is the answer to a new directory of an organization whose feature of directories is off?",
		assumed:  "accepted",
		mark:     unknown,
		relies:   "A configuration may declare a directory without the feature.",
		probe: func(r *run) string {
			_, err := r.createDirectory(r.organization())
			return outcome(err)
		},
	},
	{
		key:      "directory.endpoint",
		question: "What form has the endpoint of a SCIM directory?",
		assumed:  "ENVIRONMENT/directory/dir_…/scim/v2",
		mark:     contradictory,
		relies:   "Nothing depends on it: the provider shows what it reads.",
		probe: func(r *run) string {
			endpoint := r.directory().GetDirectoryEndpoint()
			_, address, _ := strings.Cut(r.redact(endpoint), "://")
			return yesNo(address != "", address, "it has none")
		},
	},
	{
		key:      "directory.second",
		question: "What is the answer to a second directory, and in which order are the two listed?",
		assumed:  "accepted, oldest first",
		mark:     unknown,
		relies:   "scalekit_directory without an id reads the first that is listed.",
		probe: func(r *run) string {
			org := r.organization()
			first := r.directoryOf(org)
			second, err := r.createDirectory(org)
			if err != nil {
				return outcome(err)
			}
			var listed []string
			for _, directory := range must(r, r.client.Directories.ListDirectories, &directoriesv1.ListDirectoriesRequest{OrganizationId: org.GetId()}).GetDirectories() {
				listed = append(listed, directory.GetId())
			}
			return "accepted, " + order(listed, first.GetId(), second.GetId())
		},
	},
	{
		key:      "directory.delete-enabled",
		question: "What is the answer to the delete of an enabled directory?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "A destroy disables the directory first.",
		probe: func(r *run) string {
			directory := r.directory()
			if _, err := r.toggle(directory, true); err != nil {
				giveUp("the directory cannot be enabled: %s", outcome(err))
			}
			_, err := try(r, r.client.Directories.DeleteDirectory, &directoriesv1.DeleteDirectoryRequest{
				OrganizationId: directory.GetOrganizationId(), Id: directory.GetId(),
			})
			return outcome(err)
		},
	},
	{
		key:      "directory.enable-again",
		question: "What is the answer to enabling an enabled directory?",
		assumed:  "accepted, with an error_message",
		mark:     inferred,
		relies:   "The provider looks at enabled in the reply, and shows the message where it is not as asked for.",
		probe: func(r *run) string {
			directory := r.directory()
			if _, err := r.toggle(directory, true); err != nil {
				giveUp("the directory cannot be enabled: %s", outcome(err))
			}
			reply, err := r.toggle(directory, true)
			return outcome(err) + yesNo(reply.GetErrorMessage() != "", ", with an error_message", "")
		},
	},
	{
		key:      "directory.attributes",
		question: "What does an update of the attribute mappings do to those that it does not send?",
		assumed:  "removes them",
		mark:     inferred,
		relies:   "scalekit_directory sends the whole mapping, and says so when a pair stays.",
		probe: func(r *run) string {
			directory := r.directory()
			r.setAttributes(directory, "userName", "mail")
			r.setAttributes(directory, "mail")
			return yesNo(len(r.read(directory).GetAttributeMappings().GetAttributes()) == 1, "removes them", "keeps them")
		},
		variants: []variant{{emulator.Quirks{DirectoryAttributesMerge: true}, "keeps them"}},
	},
	{
		key:      "directory.no-attributes",
		question: "What does an update without any attribute mapping do?",
		assumed:  "removes all",
		mark:     unknown,
		relies:   "scalekit_directory empties the mapping so, and says so when it stays.",
		probe: func(r *run) string {
			directory := r.directory()
			r.setAttributes(directory, "userName", "mail")
			r.setAttributes(directory)
			return yesNo(len(r.read(directory).GetAttributeMappings().GetAttributes()) == 0, "removes all", "nothing")
		},
	},
	{
		key:      "directory.secret",
		question: "What form has a directory's secret?",
		assumed:  "64 letters and digits, of which the suffix is the last 4, without an end",
		mark:     contradictory,
		relies:   "Nothing depends on it: the provider keeps what it gets.",
		probe: func(r *run) string {
			reply := r.createSecret(r.directory())
			answer := form(reply.GetPlainSecret())
			if suffix := reply.GetSecret().GetSecretSuffix(); strings.HasSuffix(reply.GetPlainSecret(), suffix) {
				answer += fmt.Sprintf(", of which the suffix is the last %d", len(suffix))
			}
			ends := reply.GetSecret().GetExpireTime().AsTime().Year() > 1970
			return answer + yesNo(ends, ", with an end", ", without an end")
		},
	},
	{
		key:      "directory.second-secret",
		question: "What becomes of a directory's secret when another one is created?",
		assumed:  "it stays active",
		mark:     unknown,
		relies:   "scalekit_directory_secret adds a secret and leaves the others.",
		probe: func(r *run) string {
			directory := r.directory()
			first := r.createSecret(directory).GetSecret().GetId()
			r.createSecret(directory)
			return r.stateOfSecret(directory, first)
		},
	},
	{
		key:      "directory.regenerated-secret",
		question: "What becomes of a directory's secret when it is regenerated?",
		assumed:  "it is inactive",
		mark:     inferred,
		relies:   "The documentation of scalekit_directory_secret says that a rotation makes earlier secrets inactive at once.",
		probe: func(r *run) string {
			directory := r.directory()
			first := r.createSecret(directory).GetSecret().GetId()
			must(r, r.client.Directories.RegenerateDirectorySecret, &directoriesv1.RegenerateDirectorySecretRequest{
				OrganizationId: directory.GetOrganizationId(), DirectoryId: directory.GetId(),
			})
			return r.stateOfSecret(directory, first)
		},
	},
	{
		key:      "directory.synchronise",
		question: "What is the answer to the request to synchronise a SCIM directory?",
		assumed:  "accepted",
		mark:     unknown,
		relies:   "Nothing depends on it: a refusal is passed on.",
		probe: func(r *run) string {
			directory := r.directory()
			if _, err := r.toggle(directory, true); err != nil {
				giveUp("the directory cannot be enabled: %s", outcome(err))
			}
			_, err := try(r, r.client.Directories.TriggerDirectorySync, &directoriesv1.TriggerDirectorySyncRequest{
				OrganizationId: directory.GetOrganizationId(), DirectoryId: directory.GetId(),
			})
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{DirectorySyncNeedsPolling: true}, "refused as invalid_argument"}},
	},
	{
		key:      "directory.missing-organization",
		question: "What is the answer to a list of the directories of an organization that does not exist?",
		assumed:  "refused as not_found",
		mark:     unknown,
		relies:   "The data sources say that there is no such organization.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Directories.ListDirectories, &directoriesv1.ListDirectoriesRequest{OrganizationId: missingOrganization})
			return outcome(err)
		},
	},
	{
		key:      "directory.other-organization",
		question: "What is the answer to a read of a directory by the id of another organization?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "A directory that is imported with another organization's id does not exist.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Directories.GetDirectory, &directoriesv1.GetDirectoryRequest{
				OrganizationId: r.organization().GetId(), Id: r.directory().GetId(),
			})
			return outcome(err)
		},
	},
	{
		key:      "directory.page-size",
		question: "What is the answer to a page of 100 directory users?",
		assumed:  "refused as invalid_argument",
		mark:     contradictory,
		relies:   "The provider asks for pages of 30.",
		probe: func(r *run) string {
			directory := r.directory()
			_, err := try(r, r.client.Directories.ListDirectoryUsers, &directoriesv1.ListDirectoryUsersRequest{
				OrganizationId: directory.GetOrganizationId(), DirectoryId: directory.GetId(), PageSize: 100,
			})
			return outcome(err)
		},
	},
}

func (r *run) createDirectory(org *organizationsv1.Organization) (*directoriesv1.Directory, error) {
	reply, err := try(r, r.client.Directories.CreateDirectory, &directoriesv1.CreateDirectoryRequest{
		OrganizationId: org.GetId(),
		Directory: &directoriesv1.CreateDirectory{
			DirectoryType: directoriesv1.DirectoryType_SCIM, DirectoryProvider: directoriesv1.DirectoryProvider_OKTA,
		},
	})
	directory := reply.GetDirectory()
	if directory != nil {
		directory.OrganizationId = org.GetId()
	}
	return directory, err
}

func (r *run) directoryOf(org *organizationsv1.Organization) *directoriesv1.Directory {
	directory, err := r.createDirectory(org)
	if err != nil {
		giveUp("a directory is refused: %s", r.redact(err.Error()))
	}
	return directory
}

// directory makes a directory in an organization of its own, which has the feature of directories, under whichever name
// it goes.
func (r *run) directory() *directoriesv1.Directory {
	org := r.organization()
	for _, name := range []string{featureDirSync, featureSCIM} {
		_, _ = r.setFeatures(org, name, true)
	}
	return r.directoryOf(org)
}

func (r *run) read(directory *directoriesv1.Directory) *directoriesv1.Directory {
	return must(r, r.client.Directories.GetDirectory, &directoriesv1.GetDirectoryRequest{
		OrganizationId: directory.GetOrganizationId(), Id: directory.GetId(),
	}).GetDirectory()
}

func (r *run) toggle(directory *directoriesv1.Directory, enabled bool) (*directoriesv1.ToggleDirectoryResponse, error) {
	call := r.client.Directories.DisableDirectory
	if enabled {
		call = r.client.Directories.EnableDirectory
	}
	return try(r, call, &directoriesv1.ToggleDirectoryRequest{OrganizationId: directory.GetOrganizationId(), Id: directory.GetId()})
}

// setAttributes maps each attribute to one of another name.
func (r *run) setAttributes(directory *directoriesv1.Directory, keys ...string) {
	mappings := &directoriesv1.AttributeMappings{}
	for _, key := range keys {
		mappings.Attributes = append(mappings.Attributes, &directoriesv1.AttributeMapping{Key: key, MapTo: key + "2"})
	}
	must(r, r.client.Directories.UpdateAttributes, &directoriesv1.UpdateAttributesRequest{
		OrganizationId: directory.GetOrganizationId(), Id: directory.GetId(), AttributeMapping: mappings,
	})
}

func (r *run) createSecret(directory *directoriesv1.Directory) *directoriesv1.CreateDirectorySecretResponse {
	return must(r, r.client.Directories.CreateDirectorySecret, &directoriesv1.CreateDirectorySecretRequest{
		OrganizationId: directory.GetOrganizationId(), DirectoryId: directory.GetId(),
	})
}

func (r *run) stateOfSecret(directory *directoriesv1.Directory, id string) string {
	for _, secret := range r.read(directory).GetSecrets() {
		if secret.GetId() == id {
			return yesNo(secret.GetStatus() == directoriesv1.SecretStatus_ACTIVE, "it stays active", "it is inactive")
		}
	}
	return "it is gone"
}
