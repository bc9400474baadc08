package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// TransferOptions says what [Transfer] copies. The zero value copies the default
// bucket.
type TransferOptions struct {
	Bucket string // of the source
	Key    string // the one object to copy
	Prefix string // copy only keys that begin with it, as in Bucket.List

	ToBucket string                  // of the destination; the source's name if empty
	ToKey    func(key string) string // the key in the destination; the same if nil

	// PartSize is the length above which an object goes in parts of that length, if
	// the destination is HasMultipart. 0 is 64 MiB. Parts are longer where the
	// destination's Limits or MaxParts demand it.
	PartSize int64

	// Progress, if it is set, is called as bytes are read and when an object is
	// stored.
	Progress func(Transferred)
}

// Transferred says what [Transfer] has done so far.
type Transferred struct {
	Key     string // the source's, of the current object
	Objects int    // stored
	Bytes   int64  // read
}

// TransferError lists the objects that [Transfer] could not carry, each with the
// source's bucket and key and the reason.
type TransferError struct{ Objects []*Error }

// Error counts the objects and names the first ones.
func (e *TransferError) Error() string {
	const most = 10
	var b strings.Builder
	fmt.Fprintf(&b, "storage: transfer: %d not carried", len(e.Objects))
	for _, o := range e.Objects[:min(len(e.Objects), most)] {
		fmt.Fprintf(&b, "\n\t%q: %v", o.Key, o.Err)
	}
	if more := len(e.Objects) - most; more > 0 {
		fmt.Fprintf(&b, "\n\tand %d more", more)
	}
	return b.String()
}

// Unwrap returns the errors of the objects.
func (e *TransferError) Unwrap() []error {
	var errs []error
	for _, o := range e.Objects {
		errs = append(errs, o)
	}
	return errs
}

// Transfer copies an object, all objects under a prefix or a bucket to another
// store, and returns what it has done. An object's content, content type, metadata
// and digests come along, and the digests are verified; times and ETags are the
// destination's. A missing destination bucket is created, with the attributes of
// the source's if that is copied whole.
//
// An object that the destination cannot hold, because of its [Limits], its rules
// for keys or an object beside it, is left out; the rest is copied, and the error
// is a [*TransferError] with all that were left out. Any other error ends the
// transfer. What was stored by then stays, and a second transfer overwrites it.
func Transfer(ctx context.Context, dst, src Storage, opts TransferOptions) (Transferred, error) {
	if ctx == nil || dst == nil || src == nil {
		return Transferred{}, &Error{Op: "transfer", Err: fmt.Errorf("%w: the context or a store is nil", ErrInvalid)}
	}
	if opts.PartSize <= 0 {
		opts.PartSize = defaultPartSize
	}
	t := &transfer{ctx: ctx, TransferOptions: opts, src: src.Bucket(opts.Bucket), limits: LimitsOf(dst)}
	t.dst = dst.Bucket(cmp.Or(opts.ToBucket, t.src.Name()))
	err := t.createBucket(dst)
	if err == nil {
		err = t.run()
	}
	if err == nil && len(t.left) > 0 {
		err = &TransferError{t.left}
	}
	return t.done, err
}

// transfer is a Transfer under way.
type transfer struct {
	TransferOptions
	ctx      context.Context
	src, dst Bucket
	limits   Limits // of dst
	done     Transferred
	left     []*Error
}

// createBucket creates the destination's bucket if it does not exist.
func (t *transfer) createBucket(dst Storage) error {
	from, err := t.src.Info(t.ctx)
	if err != nil {
		return err
	}
	if _, err := t.dst.Info(t.ctx); !errors.Is(err, ErrNoBucket) {
		return err
	}
	var opts Options
	if t.Key == "" && t.Prefix == "" {
		opts = Options{OptPublic: from.Public, OptMetadata: from.Metadata}
	}
	_, err = dst.CreateBucket(t.ctx, t.dst.Name(), opts)
	if errors.Is(err, ErrExist) { // made meanwhile
		return nil
	}
	return err
}

func (t *transfer) run() error {
	if t.Key != "" {
		r, o, err := t.src.Open(t.ctx, t.Key, 0, 0, nil)
		if err != nil {
			return err
		}
		return t.object(r, o)
	}
	list, err := t.src.List(t.ctx, t.Prefix, 0, 0, nil)
	if err != nil {
		return err
	}
	for listed, err := range All(list) {
		if err != nil {
			return err
		}
		switch r, o, err := t.src.Open(t.ctx, listed.Key, 0, 0, nil); {
		case errors.Is(err, ErrNotExist): // it was deleted meanwhile
			t.leave(listed, err)
		case err != nil:
			return err
		default:
			if err := t.object(r, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// object copies o, whose content is r, or notes that dst cannot hold it.
func (t *transfer) object(r io.ReadCloser, o *Object) error {
	defer r.Close()
	t.done.Key = o.Key
	key := o.Key
	if t.ToKey != nil {
		key = t.ToKey(key)
	}
	if err := t.check(key, o); err != nil {
		t.leave(o, err)
		return nil
	}
	switch err := t.store(key, o, &countingReader{r, t}); {
	case errors.Is(err, ErrInvalid), errors.Is(err, ErrExist), errors.Is(err, ErrUnsupported):
		t.leave(o, err)
		return nil
	case err != nil:
		return err
	}
	t.done.Objects++
	t.report()
	return nil
}

// leave notes that dst cannot hold o.
func (t *transfer) leave(o *Object, err error) {
	if e := (*Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	t.left = append(t.left, &Error{Op: "transfer", Bucket: t.src.Name(), Key: o.Key, Err: err})
}

// check returns the error of an object that dst cannot hold at a key.
func (t *transfer) check(key string, o *Object) error {
	l := t.limits
	return cmp.Or(t.checkNormal(key), l.CheckKey(key), l.CheckMetadata(o.Metadata), l.CheckSize(o.Size))
}

// checkNormal returns the error of a key that dst would change.
func (t *transfer) checkNormal(key string) error {
	if e, ok := t.dst.(HasExactKeys); ok && e.ExactKeys() {
		return nil
	}
	clean, err := CleanKey(key)
	if err == nil && clean != key {
		err = fmt.Errorf("%w: the key would become %q", ErrInvalid, clean)
	}
	return err
}

const defaultPartSize = 64 << 20

// store stores o, whose content is src, at a key of dst.
func (t *transfer) store(key string, o *Object, src io.Reader) error {
	digests := Options{}
	if len(o.Hash) > 0 {
		digests[OptChecksum] = o.Hash
		digests[OptChecksumAlgorithms] = slices.Collect(maps.Keys(o.Hash))
	}
	if m, ok := t.dst.(HasMultipart); ok && o.Size > t.PartSize {
		return t.storeParts(m, key, o, src, digests)
	}
	opts := maps.Clone(digests)
	opts[OptMetadata] = o.Metadata
	_, err := t.dst.Write(t.ctx, key, src, o.Size, o.ContentType, opts)
	return err
}

// storeParts is store by a multipart upload, which it aborts if it fails.
func (t *transfer) storeParts(m HasMultipart, key string, o *Object, src io.Reader, digests Options) (err error) {
	mu, err := m.InitMultipart(t.ctx, key, o.ContentType, Options{OptMetadata: o.Metadata})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			m.AbortMultipart(context.WithoutCancel(t.ctx), mu, nil) // err is the one to return
		}
	}()
	length := max(t.PartSize, t.limits.MinPart, (o.Size+MaxParts-1)/MaxParts)
	var parts []*PartInfo
	for rest := o.Size; rest > 0; rest -= length {
		part, err := m.UploadPart(t.ctx, mu, len(parts)+1, io.LimitReader(src, length), min(rest, length), nil)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	_, err = m.CompleteMultipart(t.ctx, mu, parts, digests)
	return err
}

func (t *transfer) report() {
	if t.Progress != nil {
		t.Progress(t.done)
	}
}

// countingReader reports the bytes that are read.
type countingReader struct {
	io.Reader
	t *transfer
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.t.done.Bytes += int64(n)
	if n > 0 {
		r.t.report()
	}
	return n, err
}
