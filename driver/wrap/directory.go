package wrap

import (
	"context"

	"open-lake.dev/lib/storage"
)

type directory struct {
	in storage.Directory
	b  *bucket
}

func (d *directory) Bucket() storage.Bucket { return newBucket(d.in.Bucket(), d.b.around) }
func (d *directory) Path() string           { return d.in.Path() }

func (d *directory) call(op string) *Call {
	return &Call{Op: op, Bucket: d.b.name, Key: d.in.Path()}
}

// at returns the directory that the call is about.
func (d *directory) at(c *Call) storage.Directory {
	if c.Key == d.in.Path() {
		return d.in
	}
	return d.b.in.(storage.HasDirectories).Directory(c.Key)
}

func (d *directory) Info(ctx context.Context) (*storage.Object, error) {
	c := d.call("directory.info")
	err := d.b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = d.at(c).Info(ctx)
		return err
	})
	return result(c, c.Object, err)
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	c := d.call("directory.list")
	c.Limit, c.Skip, c.Options = limit, offset, opts
	return listObjects(ctx, d.b.around, c, func(ctx context.Context) (storage.ObjectIter, error) {
		return d.at(c).List(ctx, c.Limit, c.Skip, c.Options)
	})
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) error {
	c := d.call("directory.delete")
	c.Options = opts
	return d.b.around.run(ctx, c, func(ctx context.Context) error { return d.at(c).Delete(ctx, c.Options) })
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	c := d.call("directory.move")
	c.DstPath, c.Options = dstPath, opts
	err := d.b.around.run(ctx, c, func(ctx context.Context) error {
		_, err := d.at(c).Move(ctx, c.DstPath, c.Options)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.b.Directory(dstPath), nil
}
