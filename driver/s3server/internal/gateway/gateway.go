// Package gateway keeps what S3 keeps in a [snapshot.Store]. It implements the back
// end interface of the protocol layer, versitygw's s3api, and knows nothing of HTTP
// but what the layer does not pass on.
//
// The current object at a key is the object at that key in the store's bucket of
// that name, so a Go program that opens the store sees what an S3 client sees.
// What S3 keeps beside objects is in the store, too, and therefore in every
// snapshot:
//
//   - System headers, tags, checksums, locks and version ids are metadata of the
//     object under keys that begin with a colon, which no HTTP header does.
//   - The documents of a bucket (ACL, policy, CORS rules, …), the noncurrent
//     versions of its objects, its delete markers and the checksums of its uploads'
//     parts are objects of a hidden bucket; see [Hidden].
//
// A read works on one snapshot. A change is one commit, by the store's Update,
// whatever it is made of; only a long body is received before it, into a hidden
// bucket.
package gateway

import (
	"context"

	"github.com/versity/versitygw/backend"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// gateway is the back end of one endpoint.
type gateway struct {
	backend.BackendUnsupported
	store snapshot.Store
	owner string // of a bucket that has no ACL
}

// New returns a back end over a store with exact keys. owner is the access key of
// the account that owns the buckets without an ACL, such as those that a Go program
// created.
func New(store snapshot.Store, owner string) Backend {
	return detached{&gateway{store: store, owner: owner}}
}

// Backend is a back end that also keeps documents of buckets which the protocol layer
// does not know.
type Backend interface {
	backend.Backend
	// Document returns a document of a bucket, nil if there is none.
	Document(ctx context.Context, bucket, name string) ([]byte, error)
	// SetDocument stores a document of a bucket, or removes it if it is nil.
	SetDocument(ctx context.Context, bucket, name string, doc []byte) error
}

// String implements [backend.Backend].
func (g *gateway) String() string { return "open-lake.dev/lib/storage" }

// state is one state of the store: a snapshot, or a store within an Update.
type state struct {
	ctx context.Context
	st  storage.Storage
	g   *gateway
}

// read returns the current state, to be read.
func (g *gateway) read(ctx context.Context) state {
	return state{ctx, g.store.Snapshot().Storage(), g}
}

// update runs f on the current state and commits what it did, or nothing if it
// returns an error. f may run more than once.
func (g *gateway) update(ctx context.Context, f func(s state) error) error {
	return apiError(g.store.Update(ctx, func(tx storage.Storage) error { return f(state{ctx, tx, g}) }))
}
