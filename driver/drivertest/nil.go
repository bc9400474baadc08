package drivertest

import (
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var nilCases = []testCase{
	{"C3_nil_context", c3NilContext},
	{"C3_nil_upload", c3NilUpload},
	{"C3_zero_upload", c3ZeroUpload},
	{"C3_nil_part", c3NilPart},
	{"C3_nil_option", c3NilOption},
	{"C3_nil_snapshot", c3NilSnapshot},
}

func c3NilContext(h *harness) {
	ops := h.operations()
	h.unchanged("C3: an operation without a context must change nothing", func() {
		for _, op := range ops {
			err := survive(func() error { return op.do(nil, nil) })
			require.NotErrorIs(h, err, errPanicked, "C3: %s with a nil context", op.op)
			require.ErrorIs(h, err, storage.ErrInvalid, "C3: %s with a nil context", op.op)
		}
	})
}

func c3NilUpload(h *harness) {
	_, parts := h.upload("key", "part")
	h.refused(nil, parts[0], storage.ErrInvalid, "a nil upload")
}

func c3ZeroUpload(h *harness) {
	_, parts := h.upload("key", "part")
	h.refused(new(storage.MultipartUpload), parts[0], storage.ErrNotExist, "an empty upload")
}

func c3NilPart(h *harness) {
	mu, parts := h.upload("key", "one")
	h.wantInvalid(mu, parts, "a nil PartInfo", nil, parts[0])
	mu, parts = h.upload("key", "one")
	h.wantInvalid(mu, parts, "only a nil PartInfo", []*storage.PartInfo{nil}...)
	mu, parts = h.upload("key", "one")
	h.wantInvalid(mu, parts, "a zero PartInfo", new(storage.PartInfo))
}

// c3NilOption passes every known option as nil, which is as if it were not given.
func c3NilOption(h *harness) {
	opts := storage.Options{"x-unknown": nil}
	for key := range optionValues {
		opts[key] = nil
	}
	for _, op := range h.operations() {
		h.wantDone(op, op.do(h.ctx, opts), "C3: with nil options")
	}
}

func c3NilSnapshot(h *harness) {
	st := h.rewindable()
	h.put("key", "content")
	h.unchanged("C3: Restore of nil must change nothing", func() {
		require.ErrorIs(h, st.Restore(nil), storage.ErrInvalid, "C3: Restore of nil")
	})
}
