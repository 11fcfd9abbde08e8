package web

// Control is the paths under /_emulator/, their methods, and what they do.
type Control map[string]map[string]Action

// Action is what one method of a control path does.
type Action struct {
	// Does says it in a few words.
	Does string
	// Run answers a request. Its error is the client's doing: 400.
	Run func(body []byte) (reply any, err error)
}

// NoTargetError says that what a control path names does not exist: 404.
type NoTargetError struct{ error }

// NoTarget makes a NoTargetError of an error.
func NoTarget(err error) error { return NoTargetError{err} }

// Index lists all paths.
func (c Control) Index() any {
	paths := map[string]string{}
	for path, methods := range c {
		for method, action := range methods {
			paths[method+" /_emulator/"+path] = action.Does
		}
	}
	return map[string]any{"about": "control of this Scalekit emulator", "paths": paths}
}
