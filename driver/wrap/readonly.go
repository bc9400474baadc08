package wrap

import (
	"context"

	"open-lake.dev/lib/storage"
)

// ReadOnly returns a store that can be read. A call that would change what it holds
// is storage.ErrPermission, and so is a signed URL for another method than GET and
// HEAD. Closing it closes st.
func ReadOnly(st storage.Storage) storage.Storage {
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		if err := ctx.Err(); err != nil {
			return c.Fail(err)
		}
		if c.Writes() || c.Op == "signedurl" && c.Method != "GET" && c.Method != "HEAD" {
			return c.Fail(storage.ErrPermission)
		}
		return next(ctx)
	})
}
