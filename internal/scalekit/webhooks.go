package scalekit

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
)

// PortalURL returns a link to the environment's webhook portal. The link works as a credential.
func (c *Client) PortalURL(ctx context.Context) (string, error) {
	var reply struct {
		URL string `json:"url"`
	}
	err := c.rest(ctx, restCall{
		name: "GetPortalURL", method: http.MethodGet, path: "/api/v1/webhooks/portal-url",
		read: func(content []byte) error {
			if json.Unmarshal(content, &reply) != nil || reply.URL == "" {
				return errors.New("the reply holds no link to the webhook portal")
			}
			return nil
		},
	})
	return reply.URL, err
}

// eventID is what is taken for an event's id: what the platform puts into a test event is not documented.
var eventID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// SendTestEvent makes the platform send an example of an event of a type. It returns the event's id, empty if the reply
// has none. The call is not repeated where its outcome is unknown, which IsOutcomeUnknown tells.
func (c *Client) SendTestEvent(ctx context.Context, eventType string) (string, error) {
	var reply struct {
		EventType string         `json:"event_type"`
		Payload   map[string]any `json:"event_payload"`
	}
	err := c.rest(ctx, restCall{
		name: "SendTestEvent", method: http.MethodPost, path: "/api/v1/webhooks/test-event/" + url.PathEscape(eventType),
		read: func(content []byte) error {
			if json.Unmarshal(content, &reply) != nil || reply.EventType == "" {
				return errors.New("the reply does not say that a test event was sent")
			}
			return nil
		},
	})
	id, _ := reply.Payload["id"].(string)
	if err != nil || !eventID.MatchString(id) {
		return "", err
	}
	return id, nil
}
