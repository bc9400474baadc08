// Package s3server serves a store that can be rewound as Amazon S3, so that any S3
// SDK, in any language, can be tested against it.
//
//	store := s3server.NewStore()
//	srv, err := s3server.New(store)
//	if err != nil { … }
//	defer srv.Close()
//	fmt.Println(srv.URL())
//
// The whole endpoint is the store's value: buckets, objects, versions, locks, tags,
// policies and uploads in progress. A snapshot of the store has them, and Restore
// brings them back in O(1), whatever the clients have done. What S3 keeps beside the
// objects is in hidden buckets and in metadata that S3 clients do not see; [Visible]
// returns a snapshot without it.
//
// Package s3test starts a server for a Go test. The command cmd/s3mem is a server
// for tests in other languages; it takes and restores snapshots over HTTP, see
// [Server.Control].
//
// It is for tests: it keeps everything in memory, knows one secret key, and has not
// been hardened for a network that is not trusted.
package s3server
