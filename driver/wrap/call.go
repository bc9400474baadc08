package wrap

import (
	"context"
	"io"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Call is one call of an operation. The arguments and results that the operation
// has are set; the rest are zero.
//
// A function passed to [Intercept] may change the arguments before it calls next,
// and the results after. It must not change what they point to, which is the
// caller's or the store's.
type Call struct {
	// Op is the operation's name, as in storage.Error: "write", "directory.move".
	// There are more names than in storage.Error:
	//
	//   - "close", "restore" and "update" of the store;
	//   - "reader.read", "reader.readat", "reader.seek", "reader.writeto" and
	//     "reader.close" of a reader that open returned;
	//   - "list.next" and "list.close" of an iterator that list returned, and so for
	//     "buckets", "directory.list" and "uploads".
	Op string

	// Bucket and Key say what the call is about, as the caller named it. Key may also
	// be a prefix or the path of a directory. Changing Bucket has no effect, nor has
	// changing Key of a reader, an iterator or where Upload is set.
	Bucket, Key string

	// Arguments.
	SrcBucket, SrcKey string                      // copy, move
	DstPath           string                      // directory.move
	Src               io.Reader                   // write, uploadpart
	Size              int64                       // write, uploadpart
	ContentType       string                      // write, initmultipart
	Offset, Length    int64                       // open; Offset: reader.readat, reader.seek
	Limit, Skip       int                         // listings: the limit and the offset
	Method            string                      // signedurl
	Expires           time.Duration               // signedurl
	Upload            *storage.MultipartUpload    // multipart; the result of initmultipart
	Number            int                         // uploadpart, copypart
	Parts             []*storage.PartInfo         // completemultipart; the result of listparts
	Options           storage.Options             // all that take some
	Snapshot          *snapshot.Snapshot          // restore
	Update            func(storage.Storage) error // update; its store is wrapped
	Buffer            []byte                      // reader.read, reader.readat
	Writer            io.Writer                   // reader.writeto
	Whence            int                         // reader.seek

	// Results.
	Object  *storage.Object     // also of the next of an iterator
	Info    *storage.BucketInfo // also of buckets.next
	UpInfo  *storage.UploadInfo // uploads.next
	Part    *storage.PartInfo   // uploadpart, copypart
	URL     string              // signedurl
	Reader  io.ReadCloser       // open
	Objects storage.ObjectIter  // list, directory.list
	Buckets storage.BucketIter  // buckets
	Uploads storage.UploadIter  // uploads
	N       int64               // bytes read or written; the offset of reader.seek
}

// Around is code around an operation. It does the operation by next, which sets the
// results in c, and returns the operation's error, or one of its own: then the
// caller gets no results, and what the operation did stays done.
//
// It may call next more than once. A source has been read by then, and a reader or
// an iterator that came before is its to close. If it returns nil without a result
// that the operation must have, the operation is storage.ErrInvalid.
//
// ctx is not nil. That of a reader's calls is never done, like that of "close" and
// "restore". An Around is called from any number of goroutines.
type Around func(ctx context.Context, c *Call, next func(context.Context) error) error

// Fail returns err as the error of the call, which names the operation, the bucket
// and the key.
func (c *Call) Fail(err error) error {
	return &storage.Error{Op: c.Op, Bucket: c.Bucket, Key: c.Key, Err: err}
}

// Writes reports whether the operation changes what the store holds.
func (c *Call) Writes() bool {
	switch c.Op {
	case "createbucket", "deletebucket", "restore", "update",
		"write", "delete", "copy", "move", "directory.delete", "directory.move",
		"initmultipart", "uploadpart", "copypart", "completemultipart", "abortmultipart":
		return true
	}
	return false
}

// Bytes returns the bytes of content that the call has moved: into the store by
// write and uploadpart, out of it by a reader.
func (c *Call) Bytes() int64 {
	switch {
	case c.Op == "write" && c.Object != nil:
		return c.Object.Size
	case c.Op == "uploadpart" && c.Part != nil:
		return c.Part.Size
	case c.Op == "reader.read", c.Op == "reader.readat", c.Op == "reader.writeto":
		return c.N
	}
	return 0
}
