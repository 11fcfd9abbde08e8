package role

import "time"

// What a test expects to be refused for good is not worth half a minute's wait, and what nothing uses not a look around.
func init() {
	settleTime = 8 * time.Second
	firstLook = 250 * time.Millisecond
}
