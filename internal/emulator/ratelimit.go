package emulator

import (
	"sync"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// tokenBucket limits the calls of the whole environment, which is what the platform's limit counts by.
type tokenBucket struct {
	rate int // calls per second, also the burst; 0 means no limit
	now  func() time.Time

	mu     sync.Mutex
	tokens float64
	filled time.Time
}

func newTokenBucket(rate int, now func() time.Time) *tokenBucket {
	return &tokenBucket{rate: rate, now: now, tokens: float64(rate), filled: now()}
}

// take lets a call through, or returns RESOURCE_EXHAUSTED. That the platform says how long to wait is unknown [U].
func (b *tokenBucket) take() error {
	if b.rate == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if elapsed := now.Sub(b.filled); elapsed > 0 {
		b.tokens = min(float64(b.rate), b.tokens+elapsed.Seconds()*float64(b.rate))
		b.filled = now
	}
	if b.tokens < 1 {
		return rateLimited(time.Duration((1 - b.tokens) / float64(b.rate) * float64(time.Second)))
	}
	b.tokens--
	return nil
}

// rateLimited is the platform's 429. A apierr.RetryAfter of 0 leaves the header out.
func rateLimited(retryAfter time.Duration) *apierr.Error {
	err := apierr.New(connect.CodeResourceExhausted, "rate limit exceeded")
	err.ErrorCode = apierr.RateLimited
	err.RetryAfter = retryAfter
	return err
}
