package scalekit

import (
	"net/http"
	"strings"

	"connectrpc.com/connect"
)

// repeatableWrites are the writes that say what the outcome shall be, so that doing them twice is doing them once.
// Reads and deletes are recognised by their names; any other call is done at most once. A directory's secret is
// regenerated once more for a reply that was lost: the one that nobody received becomes inactive with that. A sync brings
// a directory to what its provider has, so that another brings nothing else; in REST the call is even a GET.
var repeatableWrites = map[string]bool{
	"AssignRoles":                     true,
	"DisableDirectory":                true,
	"EnableDirectory":                 true,
	"RegenerateDirectorySecret":       true,
	"RemovePermissionFromRole":        true,
	"TriggerDirectorySync":            true,
	"UpdateAttributes":                true,
	"UpdateDefaultOrganizationRoles":  true,
	"UpdateDefaultRoles":              true,
	"UpdateOrganization":              true,
	"UpdateOrganizationRole":          true,
	"UpdateOrganizationSessionPolicy": true,
	"UpdateOrganizationSettings":      true,
	"UpdatePermission":                true,
	"UpdateRole":                      true,
	"UpsertUserManagementSettings":    true,
}

// repeatable reports whether a call may be repeated when its outcome is unknown.
func repeatable(method string) bool {
	return isRead(method) || strings.HasPrefix(method, "Delete") || repeatableWrites[method]
}

// isRead reports whether a call changes nothing.
func isRead(method string) bool {
	for _, prefix := range []string{"Get", "List", "Search"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// shouldRetry decides on a failed attempt at a call.
func shouldRetry(method string, err error, seen *exchange) bool {
	switch {
	case isRateLimit(err, seen):
		return true
	case isNeverSent(err, seen):
		return true
	case !repeatable(method):
		return false
	default:
		return isTransient(err)
	}
}

// isRateLimit reports a refusal for too many calls, which took no effect. The RPC library uses the same code for a
// reply that is too large and for some broken connections, after which nothing is known of the effect.
func isRateLimit(err error, seen *exchange) bool {
	return seen.status() == http.StatusTooManyRequests ||
		connect.CodeOf(err) == connect.CodeResourceExhausted && connect.IsWireError(err)
}

// isNeverSent reports a failure to connect: nothing left this machine, so even a create may be repeated.
func isNeverSent(err error, seen *exchange) bool {
	return !seen.sent() && !connect.IsWireError(err) && connect.CodeOf(err) == connect.CodeUnavailable
}

// isTransient reports a failure that says nothing of the call itself: the environment was not available, the attempt
// timed out, or the connection broke or carried something that is no reply.
func isTransient(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded:
		return true
	case connect.CodeUnauthenticated, connect.CodePermissionDenied, connect.CodeUnimplemented:
		// HTTP statuses that a proxy gives; asking again does not change them.
		return false
	default:
		return !connect.IsWireError(err)
	}
}
