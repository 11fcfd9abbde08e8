package web

import (
	"encoding/json"
	"net/http"
)

// WriteJSON writes a JSON reply. The values are the emulator's own, so that encoding cannot fail.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n')) // A client that has gone away needs no reply.
}

// NonNil makes an empty list [] in JSON, not null.
func NonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
