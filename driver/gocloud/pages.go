package gocloud

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

// pages walks the pages of a listing.
type pages struct {
	*blobs
	opts  *blob.ListOptions
	token []byte // of the next page, empty at the end
	page  []*blob.ListObject
}

// pageSize is the number of entries that services list at once.
const pageSize = 1000

// Next implements [engine.Lister].
func (p *pages) Next(ctx context.Context) (*engine.Blob, error) {
	for len(p.page) == 0 {
		if len(p.token) == 0 {
			return nil, ctx.Err()
		}
		if err := p.turn(ctx); err != nil {
			return nil, translate(err)
		}
	}
	o := p.page[0]
	p.page = p.page[1:]
	h := engine.Header{ETag: hex.EncodeToString(o.MD5)}
	return &engine.Blob{Header: h, Key: o.Key, Size: o.Size, Updated: o.ModTime, IsDir: o.IsDir}, nil
}

// turn reads the next page.
func (p *pages) turn(ctx context.Context) (err error) {
	if p.files {
		return p.all(ctx)
	}
	p.page, p.token, err = p.b.ListPage(ctx, p.token, pageSize, p.opts)
	return err
}

// all reads the whole listing of fileblob as one page and sorts it, for pages are not
// in byte order: "a/b" comes before "a-b".
func (p *pages) all(ctx context.Context) (err error) {
	for size := pageSize; len(p.token) > 0; size *= 8 {
		if p.page, p.token, err = p.b.ListPage(ctx, blob.FirstPageToken, size, p.opts); err != nil {
			return err
		}
	}
	slices.SortFunc(p.page, func(a, b *blob.ListObject) int { return strings.Compare(a.Key, b.Key) })
	return nil
}
