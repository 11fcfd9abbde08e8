package webhook

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
)

// listEventTypes lists the event types by name. That a portal session may is known from the portal's page.
func (s *Server) listEventTypes(call *svixCall) (int, any, error) {
	var all []map[string]any
	for _, known := range s.knownEventTypes() {
		if known.archived && call.query.Get("include_archived") != "true" {
			continue
		}
		all = append(all, map[string]any{
			"name":        known.Name,
			"description": known.Description,
			"archived":    known.archived,
			"deprecated":  known.deprecated,
			"groupName":   known.Group(),
			"schemas":     nil,
			"createdAt":   store.Epoch.Format(svixTime),
			"updatedAt":   store.Epoch.Format(svixTime),
		})
	}
	name := func(known map[string]any) string { text, _ := known["name"].(string); return text }
	page, err := svixPage(call, all, name, func(a, b string) bool { return a < b })
	return http.StatusOK, page, err
}

// listedEventType is an event type as the list shows it.
type listedEventType struct {
	platform.EventType
	archived, deprecated bool
}

// knownEventTypes are those of the platform and, so that a client meets them, two of its past: one that older
// documentation has, as deprecated, and one that only a screenshot has, as archived [I].
func (s *Server) knownEventTypes() []listedEventType {
	listed := make([]listedEventType, 0, len(platform.EventTypes)+2)
	for _, known := range platform.EventTypes {
		listed = append(listed, listedEventType{EventType: known})
	}
	created := platform.EventType{
		Name: "organization.directory_created", Object: "Directory", Description: "A directory has been created",
	}
	deleted := platform.EventType{
		Name: "organization.directory_deleted", Object: "Directory", Description: "A directory has been deleted",
	}
	listed = append(listed,
		listedEventType{EventType: created, deprecated: true}, listedEventType{EventType: deleted, archived: true})
	slices.SortFunc(listed, func(a, b listedEventType) int { return strings.Compare(a.Name, b.Name) })
	return listed
}
