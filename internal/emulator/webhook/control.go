package webhook

import "github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

// Control is what tests and users see of the webhook server from outside.
func (s *Server) Control() web.Control {
	return web.Control{
		"deliveries": {
			"GET": {Does: "lists the attempts to deliver events to webhook endpoints, oldest first", Run: func([]byte) (any, error) {
				return map[string]any{"deliveries": web.NonNil(s.Attempts())}, nil
			}},
		},
		"webhooks/session": {
			"POST": {Does: "opens a session on the webhook server, without the portal link", Run: func([]byte) (any, error) {
				return s.Session(), nil
			}},
		},
	}
}
