package role

import "time"

// What a test expects to be refused for good is not worth half a minute's wait.
func init() { settleTime = 8 * time.Second }
