package wrap

import (
	"context"
	"io"
)

// reader is a reader with the methods of every optional interface. readerForms hide
// those that the reader within lacks.
type reader struct {
	in          io.ReadCloser
	ctx         context.Context // never done
	around      Around
	bucket, key string
}

func newReader(ctx context.Context, in io.ReadCloser, around Around, bucket, key string) io.ReadCloser {
	r := &reader{in, context.WithoutCancel(ctx), around, bucket, key}
	_, s := in.(io.Seeker)
	_, a := in.(io.ReaderAt)
	_, w := in.(io.WriterTo)
	return readerForms[mask(s, a, w)](r)
}

func (r *reader) Read(p []byte) (int, error) {
	c := &Call{Op: "reader.read", Bucket: r.bucket, Key: r.key, Buffer: p}
	n, err := r.run(c, func() (int64, error) {
		n, err := r.in.Read(c.Buffer)
		return int64(n), err
	})
	return int(n), err
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	c := &Call{Op: "reader.readat", Bucket: r.bucket, Key: r.key, Buffer: p, Offset: off}
	n, err := r.run(c, func() (int64, error) {
		n, err := r.in.(io.ReaderAt).ReadAt(c.Buffer, c.Offset)
		return int64(n), err
	})
	return int(n), err
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	c := &Call{Op: "reader.seek", Bucket: r.bucket, Key: r.key, Offset: offset, Whence: whence}
	return r.run(c, func() (int64, error) { return r.in.(io.Seeker).Seek(c.Offset, c.Whence) })
}

func (r *reader) WriteTo(w io.Writer) (int64, error) {
	c := &Call{Op: "reader.writeto", Bucket: r.bucket, Key: r.key, Writer: w}
	return r.run(c, func() (int64, error) { return r.in.(io.WriterTo).WriteTo(c.Writer) })
}

func (r *reader) Close() error {
	c := &Call{Op: "reader.close", Bucket: r.bucket, Key: r.key}
	_, err := r.run(c, func() (int64, error) { return 0, r.in.Close() })
	return err
}

// run makes a call whose result is N.
func (r *reader) run(c *Call, do func() (int64, error)) (int64, error) {
	err := r.around.run(r.ctx, c, func(context.Context) (err error) {
		c.N, err = do()
		return err
	})
	return c.N, err
}
