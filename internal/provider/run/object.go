package run

// Kind is a kind of object that resources declare.
type Kind string

// The kinds. Settings of an organization are objects of their own: each has one resource that declares it.
const (
	Organization            Kind = "organization"
	Features                Kind = "features"
	SessionPolicy           Kind = "session policy"
	UserManagement          Kind = "user management"
	Domain                  Kind = "domain"
	Directory               Kind = "directory"
	DirectorySecret         Kind = "directory secret"
	RoleAssignments         Kind = "role assignments"
	RoleAssignment          Kind = "role assignment"
	Group                   Kind = "group"
	Role                    Kind = "role"
	Permission              Kind = "permission"
	DefaultRoles            Kind = "default roles"
	OrganizationDefaultRole Kind = "organization default role"
	WebhookEndpoint         Kind = "webhook endpoint"
)

// Object names an object of the platform. It need not exist.
type Object struct {
	Kind Kind
	// Scope is the id of what the object belongs to: an organization, or a directory. It is "" for the environment.
	Scope string
	// Name is the object's id, or the name that is its key in the scope. It is "" where the scope has one of the kind, and
	// for all objects of the kind in the scope together, in order to lock them or to look them up.
	Name string
}

// InEnvironment names an object that belongs to the environment.
func InEnvironment(kind Kind, name string) Object { return Object{Kind: kind, Name: name} }

// In names an object that belongs to an organization or a directory.
func In(scope string, kind Kind, name string) Object { return Object{kind, scope, name} }

// Of names what an organization or a directory has one of, or all that it has of the kind.
func Of(scope string, kind Kind) Object { return Object{Kind: kind, Scope: scope} }
