package console

import (
	"context"
	"fmt"
	"net/http"

	"github.com/versity/versitygw/backend"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
	"open-lake.dev/lib/storage/snapshot"
)

// background is the context of all reads. They are of a snapshot in memory, so none
// waits; and the context of a request of fasthttp would let the gateway look at the
// request as if it were one of S3.
var background = context.Background()

// view is the state that a page shows.
type view struct {
	Snapshot
	st  storage.Storage
	api backend.Backend // versions, tags and properties
}

// pinned is a store that stands still. The gateway's reads only ask for its
// snapshot.
type pinned struct {
	snapshot.Store
	snap *snapshot.Snapshot
}

func (p pinned) Snapshot() *snapshot.Snapshot { return p.snap }

// view returns the state that a request asks for: a snapshot, or the current state.
func (c *console) view(r *http.Request) (*view, error) {
	name := r.URL.Query().Get("at")
	if name == "" {
		name = Current
	}
	snap, err := c.server.Snapshot(name)
	if err != nil {
		return nil, err
	}
	return &view{snap, snap.Value.Storage(), gateway.New(pinned{snap: snap.Value}, "")}, nil
}

// at returns the state's name as it stands in links: empty for the current state.
func (v *view) at() string {
	if v.Name == Current {
		return ""
	}
	return v.Name
}

// bucket returns a bucket that S3 clients see. The name must be exact: the store
// would normalise it, and so might find a hidden bucket.
func (v *view) bucket(name string) (storage.Bucket, error) {
	b := v.st.Bucket(name)
	if name == "" || b.Name() != name || gateway.Hidden(name) {
		return nil, fmt.Errorf("%w: no bucket %q", storage.ErrNoBucket, name)
	}
	if _, err := b.Info(background); err != nil {
		return nil, err
	}
	return b, nil
}

// bucketOf returns the state and the bucket that a request asks for.
func (c *console) bucketOf(r *http.Request) (*view, storage.Bucket, error) {
	v, err := c.view(r)
	if err != nil {
		return nil, nil, err
	}
	b, err := v.bucket(r.URL.Query().Get("bucket"))
	return v, b, err
}
