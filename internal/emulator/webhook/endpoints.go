package webhook

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
)

const (
	maxEndpointURL      = 65_536
	maxEndpointChannels = 10
	maxEndpointRate     = 65_535 // the published server keeps it in 16 bits [S]
)

var (
	eventTypePattern = regexp.MustCompile(`^[a-zA-Z0-9\-_.]{1,256}$`)
	channelPattern   = regexp.MustCompile(`^[a-zA-Z0-9\-_.]{1,128}$`)
	uidPattern       = eventTypePattern

	endpointIDPattern = regexp.MustCompile(`^ep_[a-zA-Z0-9]{1,64}$`)
)

// view is an endpoint as the API shows it: secret and headers have calls of their own.
func (s *Server) view(endpoint *webhookEndpoint) map[string]any {
	view := map[string]any{
		"id":          endpoint.ID,
		"url":         endpoint.URL,
		"version":     1,
		"description": endpoint.Description,
		"disabled":    endpoint.Disabled,
		"filterTypes": endpoint.EventTypes,
		"channels":    endpoint.Channels,
		"rateLimit":   endpoint.RateLimit,
		"metadata":    endpoint.Metadata,
		"uid":         endpoint.UID,
		"createdAt":   endpoint.Created.Format(svixTime),
		"updatedAt":   endpoint.Updated.Format(svixTime),
	}
	if !s.quirks.OldEndpointFields {
		view["eventTypes"], view["throttleRate"] = endpoint.EventTypes, endpoint.RateLimit
	}
	return view
}

const svixTime = "2006-01-02T15:04:05.000000Z"

// find returns the endpoint that a call names, by its id or its uid.
func (s *Server) find(name string) (*webhookEndpoint, error) {
	id, ok := s.uids.Get(name)
	if !ok {
		id = name
	}
	if !s.rows.Has(id) {
		return nil, svixNotFound()
	}
	return s.rows.Get(id)
}

func (s *Server) put(endpoint *webhookEndpoint) { s.rows.Put(endpoint.ID, "", endpoint) }

// putChanged stores an endpoint with a new time of change.
func (s *Server) putChanged(endpoint *webhookEndpoint) {
	endpoint.Updated = s.store.UpdateTime(endpoint.Created)
	s.put(endpoint)
}

func (s *Server) listEndpoints(call *svixCall) (int, any, error) {
	var endpoints []map[string]any
	for _, row := range s.rows.All() {
		endpoints = append(endpoints, s.view(row.Value))
	}
	id := func(endpoint map[string]any) string { return fmt.Sprint(endpoint["id"]) }
	precedes := func(a, b string) bool { return a > b } // The newest come first [S]; ids rise.
	switch order := call.query.Get("order"); order {
	case "", "descending":
		slices.SortFunc(endpoints, func(a, b map[string]any) int { return strings.Compare(id(b), id(a)) })
	case "ascending":
		slices.SortFunc(endpoints, func(a, b map[string]any) int { return strings.Compare(id(a), id(b)) })
		precedes = func(a, b string) bool { return a < b }
	default:
		return 0, nil, svixInvalid(svixProblem{[]string{"query", "order"}, "must be ascending or descending", valueProblem})
	}
	page, err := svixPage(call, endpoints, id, precedes)
	return http.StatusOK, page, err
}

func (s *Server) createEndpoint(call *svixCall) (int, any, error) {
	endpoint, err := s.create(newSvixInput(call.body), "")
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, s.view(endpoint), nil
}

// create stores a new endpoint, whose id a seed may give.
func (s *Server) create(in *svixInput, id string) (*webhookEndpoint, error) {
	created := s.store.Now().UTC()
	if id == "" {
		id, created = newSvixID(s.store.IDs, "ep_")
	}
	endpoint := &webhookEndpoint{ID: id, Created: created, Updated: created, Metadata: map[string]string{}}
	s.apply(in, endpoint)
	if secret, sent := field[string](in, "secret", "a string", true); sent && secret != nil {
		endpoint.Secret = in.secret("secret", *secret)
	} else {
		endpoint.Secret = newSecret()
	}
	if err := s.check(in, endpoint); err != nil {
		return nil, err
	}
	s.put(endpoint)
	return endpoint, nil
}

func (s *Server) getEndpoint(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.view(endpoint), nil
}

// replaceEndpoint is a PUT: what is not sent gets its default. One that does not exist is created, under an id of its own
// [S].
func (s *Server) replaceEndpoint(call *svixCall) (int, any, error) {
	old, err := s.find(call.id)
	if err != nil {
		in := newSvixInput(call.body)
		delete(in.fields, "secret")
		endpoint, err := s.create(in, "")
		if err != nil {
			return 0, nil, err
		}
		return http.StatusCreated, s.view(endpoint), nil
	}
	endpoint := &webhookEndpoint{
		ID: old.ID, Created: old.Created, Metadata: map[string]string{},
		Secret: old.Secret, OldSecrets: old.OldSecrets, Headers: old.Headers,
	}
	return s.change(call, endpoint)
}

// patchEndpoint touches the fields that are sent. A secret among them is ignored [S].
func (s *Server) patchEndpoint(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	return s.change(call, endpoint)
}

func (s *Server) change(call *svixCall, endpoint *webhookEndpoint) (int, any, error) {
	in := newSvixInput(call.body)
	s.apply(in, endpoint)
	if err := s.check(in, endpoint); err != nil {
		return 0, nil, err
	}
	s.putChanged(endpoint)
	return http.StatusOK, s.view(endpoint), nil
}

func (s *Server) deleteEndpoint(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	s.rows.Delete(endpoint.ID)
	return http.StatusNoContent, nil, nil
}

// apply writes the fields that are sent into an endpoint, and notes what is wrong with them.
func (s *Server) apply(in *svixInput, endpoint *webhookEndpoint) {
	if address, sent := field[string](in, "url", "a string", false); sent {
		endpoint.URL = s.endpointURL(in, *address)
	}
	if description, sent := field[string](in, "description", "a string", false); sent {
		if strings.ContainsFunc(*description, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			in.problem(valueProblem, "Control characters not allowed", "description")
		}
		endpoint.Description = *description
	}
	if disabled, sent := field[bool](in, "disabled", "a boolean", false); sent {
		endpoint.Disabled = *disabled
	}
	if metadata, sent := field[map[string]string](in, "metadata", "a map of strings", false); sent {
		endpoint.Metadata = *metadata
	}
	if uid, sent := field[string](in, "uid", "a string", true); sent {
		if uid != nil && (!uidPattern.MatchString(*uid) || strings.HasPrefix(*uid, "ep_")) {
			in.problem(valueProblem, "String must match the following pattern: [a-zA-Z0-9\\-_.]+, and must not look like an id", "uid")
		}
		endpoint.UID = uid
	}
	for _, name := range s.spelling("rateLimit", "throttleRate") {
		if rate, sent := field[int](in, name, "a number", true); sent {
			if rate != nil && (*rate < 1 || *rate > maxEndpointRate) {
				in.problem(valueProblem, "Endpoint rate limits must be at least one if set", name)
			}
			endpoint.RateLimit = rate
		}
	}
	for _, name := range s.spelling("filterTypes", "eventTypes") {
		if names, sent := field[[]string](in, name, "a list of strings", true); sent {
			endpoint.EventTypes = in.set(name, names, eventTypePattern)
			s.checkEventTypes(in, name, endpoint.EventTypes)
		}
	}
	if names, sent := field[[]string](in, "channels", "a list of strings", true); sent {
		endpoint.Channels = in.set("channels", names, channelPattern)
		if names != nil && len(*names) > maxEndpointChannels {
			in.problem(valueProblem, "Channels must have at least 1 and at most 10 items, or be set to null.", "channels")
		}
	}
}

// spelling is under which names a field may come: the later wins, where both are sent [U].
func (s *Server) spelling(old, current string) []string {
	if s.quirks.OldEndpointFields {
		return []string{old}
	}
	return []string{old, current}
}

// set reads a list that is a set: its order and repetitions are lost [S].
func (in *svixInput) set(name string, items *[]string, pattern *regexp.Regexp) *[]string {
	if items == nil {
		return nil
	}
	if len(*items) == 0 {
		in.problem(valueProblem, name+" can't be empty, it must have at least one item.", name)
	}
	for i, item := range *items {
		if !pattern.MatchString(item) {
			in.problem(valueProblem, "String must match the following pattern: "+pattern.String(), name, fmt.Sprintf("[%d]", i))
		}
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(*items)))
	return &sorted
}

// check holds an endpoint against what is not about one field alone.
func (s *Server) check(in *svixInput, endpoint *webhookEndpoint) error {
	if _, sent := in.fields["url"]; !sent && endpoint.URL == "" {
		in.problem(jsonProblem, "missing field `url`", "url")
	}
	if err := in.err(); err != nil {
		return err
	}
	if endpoint.UID != nil {
		if other, taken := s.uids.Get(*endpoint.UID); taken && other != endpoint.ID {
			return &svixError{status: http.StatusConflict, Code: "conflict", Detail: "An entity with that uid already exists"}
		}
	}
	return nil
}

// endpointURL checks a URL and returns it as the server keeps it: parsed and written again, so that the host is in lower
// case, the scheme's own port is gone, and a path is there [S]; see [Quirks.KeepsEndpointURL].
func (s *Server) endpointURL(in *svixInput, address string) string {
	parsed, err := url.Parse(address)
	switch {
	case address == "" || len(address) > maxEndpointURL:
		in.problem(valueProblem, "must have 1 to 65536 characters", "url")
		return ""
	case err != nil || !parsed.IsAbs():
		in.problem(jsonProblem, "relative URL without a base", "url")
		return ""
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		in.problem(valueProblem, "Endpoint URL schemes must be http or https", "url")
		return ""
	case parsed.Hostname() == "":
		in.problem(jsonProblem, "empty host", "url")
		return ""
	case s.quirks.EndpointsNeedHTTPS && parsed.Scheme != "https":
		in.problem(valueProblem, "Endpoint URL schemes must be https when endpoint_https_only is set.", "url")
		return ""
	case s.quirks.KeepsEndpointURL:
		return address
	}
	parsed.Host = strings.ToLower(parsed.Host)
	if port := parsed.Port(); port == map[string]string{"http": "80", "https": "443"}[parsed.Scheme] {
		parsed.Host = strings.TrimSuffix(parsed.Host, ":"+port)
	}
	if parsed.Path == "" {
		parsed.Path = "/"
	}
	return parsed.String()
}

// checkEventTypes refuses types that do not exist, where the environment does.
func (s *Server) checkEventTypes(in *svixInput, name string, types *[]string) {
	if types == nil || !s.quirks.ChecksEventTypes {
		return
	}
	var missing []string
	for _, wanted := range *types {
		if !slices.ContainsFunc(platform.EventTypes, func(known platform.EventType) bool { return known.Name == wanted }) {
			missing = append(missing, wanted)
		}
	}
	if len(missing) > 0 {
		in.problem(valueProblem, "The following event types don't exist: "+strings.Join(missing, ", "), name)
	}
}
