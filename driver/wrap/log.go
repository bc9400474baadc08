package wrap

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// Log returns a store that logs every call when it ends: at level Warn if it
// failed, else at Info, and at Debug if it is one of a reader or an iterator. A nil
// logger is slog.Default().
func Log(st storage.Storage, logger *slog.Logger) storage.Storage {
	logger = cmp.Or(logger, slog.Default())
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		start := time.Now()
		err := next(ctx)
		level := slog.LevelInfo
		switch {
		case failed(err):
			level = slog.LevelWarn
		case c.isStep():
			level = slog.LevelDebug
		}
		if logger.Enabled(ctx, level) {
			logger.LogAttrs(ctx, level, "storage", attrs(c, time.Since(start), err)...)
		}
		return err
	})
}

func attrs(c *Call, took time.Duration, err error) []slog.Attr {
	list := []slog.Attr{slog.String("op", c.Op)}
	if c.Bucket != "" {
		list = append(list, slog.String("bucket", c.Bucket))
	}
	if c.Key != "" {
		list = append(list, slog.String("key", c.Key))
	}
	if n := c.Bytes(); n > 0 {
		list = append(list, slog.Int64("bytes", n))
	}
	list = append(list, slog.Duration("took", took))
	if failed(err) {
		list = append(list, slog.Any("err", err))
	}
	return list
}

// failed reports whether err is a failure. The end of a reader is none.
func failed(err error) bool { return err != nil && err != io.EOF }

// isStep reports whether the call is one of a reader or an iterator.
func (c *Call) isStep() bool {
	return strings.HasPrefix(c.Op, "reader.") || strings.HasSuffix(c.Op, ".next") || strings.HasSuffix(c.Op, ".close")
}
