package drivertest

import (
	"context"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// operation is a method with a context, called on a fixture where it succeeds.
type operation struct {
	op      string // as in storage.Error.Op
	do      func(ctx context.Context, opts storage.Options) error
	noOpts  bool // the method has no options
	refuses bool // the method is not supported (M3)
}

// wantDone checks the error of an operation that nothing prevents.
func (h *harness) wantDone(op operation, err error, message string) {
	if op.refuses {
		require.ErrorIs(h, err, storage.ErrUnsupported, "M3: %s", op.op)
	} else {
		require.NoError(h, err, "%s: %s must succeed", message, op.op)
	}
}

// operations makes a fixture and returns every method that the driver has.
func (h *harness) operations() []operation {
	h.putKeys("key", "dir/key")
	_, err := h.st.CreateBucket(h.ctx, "spare", nil)
	require.NoError(h, err)
	ops := append(h.storageOperations(), h.bucketOperations()...)
	if d, ok := h.b.(storage.HasDirectories); ok {
		ops = append(ops, directoryOperations(d.Directory("dir"))...)
	}
	if m, ok := h.b.(storage.HasMultipart); ok {
		mu, parts := h.upload("big", "part")
		doomed, _ := h.upload("doomed")
		ops = append(ops, multipartOperations(m, mu, parts, doomed)...)
	}
	if u, ok := h.b.(storage.HasUploads); ok {
		ops = append(ops, operation{op: "uploads", do: func(ctx context.Context, opts storage.Options) error {
			it, err := u.Uploads(ctx, "", 0, 0, opts)
			return closing(it, err)
		}})
	}
	return ops
}

func (h *harness) storageOperations() []operation {
	return []operation{
		{op: "buckets", do: func(ctx context.Context, opts storage.Options) error {
			it, err := h.st.Buckets(ctx, 0, 0, opts)
			return closing(it, err)
		}},
		{op: "createbucket", do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.st.CreateBucket(ctx, "fresh", opts)
			return err
		}},
		{op: "deletebucket", do: func(ctx context.Context, opts storage.Options) error {
			return h.st.DeleteBucket(ctx, "spare", opts)
		}},
	}
}

func (h *harness) bucketOperations() []operation {
	return []operation{
		{op: "info", noOpts: true, do: func(ctx context.Context, _ storage.Options) error {
			_, err := h.b.Info(ctx)
			return err
		}},
		{op: "write", do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.b.Write(ctx, "key", strings.NewReader("new"), 3, "", opts)
			return err
		}},
		{op: "open", do: func(ctx context.Context, opts storage.Options) error {
			rc, _, err := h.b.Open(ctx, "key", 0, 0, opts)
			return closing(rc, err)
		}},
		{op: "stat", do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.b.Stat(ctx, "key", opts)
			return err
		}},
		{op: "copy", do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.b.Copy(ctx, "copy", "", "key", opts)
			return err
		}},
		{op: "list", do: func(ctx context.Context, opts storage.Options) error {
			it, err := h.b.List(ctx, "", 0, 0, opts)
			return closing(it, err)
		}},
		{op: "signedurl", refuses: !h.has(storage.FeatureSignedURL), do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.b.SignedURL(ctx, "key", "GET", time.Minute, opts)
			return err
		}},
		{op: "move", refuses: !h.has(storage.FeatureMove), do: func(ctx context.Context, opts storage.Options) error {
			_, err := h.b.Move(ctx, "moved", "", "key", opts)
			return err
		}},
		{op: "delete", do: func(ctx context.Context, opts storage.Options) error {
			return h.b.Delete(ctx, "copy", opts)
		}},
	}
}

func directoryOperations(d storage.Directory) []operation {
	return []operation{
		{op: "directory.info", noOpts: true, do: func(ctx context.Context, _ storage.Options) error {
			_, err := d.Info(ctx)
			return err
		}},
		{op: "directory.list", do: func(ctx context.Context, opts storage.Options) error {
			it, err := d.List(ctx, 0, 0, opts)
			return closing(it, err)
		}},
		{op: "directory.move", do: func(ctx context.Context, opts storage.Options) error {
			_, err := d.Move(ctx, "dir", opts)
			return err
		}},
		{op: "directory.delete", do: func(ctx context.Context, opts storage.Options) error { return d.Delete(ctx, opts) }},
	}
}

func multipartOperations(m storage.HasMultipart, mu *storage.MultipartUpload, parts []*storage.PartInfo, doomed *storage.MultipartUpload) []operation {
	return []operation{
		{op: "initmultipart", do: func(ctx context.Context, opts storage.Options) error {
			_, err := m.InitMultipart(ctx, "other", "", opts)
			return err
		}},
		{op: "uploadpart", do: func(ctx context.Context, opts storage.Options) error {
			_, err := m.UploadPart(ctx, mu, 2, strings.NewReader("x"), 1, opts)
			return err
		}},
		{op: "copypart", refuses: true, do: func(ctx context.Context, opts storage.Options) error {
			_, err := m.CopyPart(ctx, mu, 3, opts)
			return err
		}},
		{op: "listparts", do: func(ctx context.Context, opts storage.Options) error {
			_, err := m.ListParts(ctx, mu, 0, 0, opts)
			return err
		}},
		{op: "completemultipart", do: func(ctx context.Context, opts storage.Options) error {
			_, err := m.CompleteMultipart(ctx, mu, parts, opts)
			return err
		}},
		{op: "abortmultipart", do: func(ctx context.Context, opts storage.Options) error {
			return m.AbortMultipart(ctx, doomed, opts)
		}},
	}
}
