package emulator

// control is what tests and users see of the webhook server from outside.
func (s *webhooks) control(string) control {
	return control{
		"deliveries": {
			"GET": {"lists the attempts to deliver events to webhook endpoints, oldest first", func([]byte) (any, error) {
				return map[string]any{"deliveries": nonNil(s.deliveries.all())}, nil
			}},
		},
		"webhooks/session": {
			"POST": {"opens a session on the webhook server, without the portal link", func([]byte) (any, error) {
				return s.session(), nil
			}},
		},
	}
}
