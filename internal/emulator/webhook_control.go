package emulator

import "github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

// control is what tests and users see of the webhook server from outside.
func (s *webhooks) control() web.Control {
	return web.Control{
		"deliveries": {
			"GET": {Does: "lists the attempts to deliver events to webhook endpoints, oldest first", Run: func([]byte) (any, error) {
				return map[string]any{"deliveries": web.NonNil(s.attempts())}, nil
			}},
		},
		"webhooks/session": {
			"POST": {Does: "opens a session on the webhook server, without the portal link", Run: func([]byte) (any, error) {
				return s.session(), nil
			}},
		},
	}
}
