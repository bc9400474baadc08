package snapshot

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

// algorithms are the values of OptChecksumAlgorithms and the keys of OptChecksum
// (O3).
var algorithms = map[string]func() hash.Hash{
	storage.HashMD5:    md5.New,
	storage.HashSHA1:   sha1.New,
	storage.HashSHA256: sha256.New,
	storage.HashCRC32C: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// digest computes the ETag and the digests of content while it passes.
type digest struct {
	xxhash xxhash.Digest // of the ETag, unless that is an MD5
	md5    bool
	hashes map[string]hash.Hash
	keep   []string          // algorithms to keep in Object.Hash
	want   map[string]string // digests that the content must have
}

// start prepares the ETag and the digests that opts ask for.
func (d *digest) start(md5ETag bool, opts storage.Options) error {
	d.md5 = md5ETag
	d.xxhash.Reset()
	if len(opts) == 0 && !md5ETag {
		return nil
	}
	d.keep = opts.Strings(storage.OptChecksumAlgorithms)
	d.want, _ = opts.StringMap(storage.OptChecksum)
	d.hashes = make(map[string]hash.Hash)
	for _, name := range slices.Concat(d.keep, slices.Collect(maps.Keys(d.want))) {
		if err := d.add(name); err != nil {
			return err
		}
	}
	if md5ETag {
		return d.add(storage.HashMD5)
	}
	return nil
}

// add adds a digest, unless it is there.
func (d *digest) add(name string) error {
	newHash, ok := algorithms[name]
	if !ok {
		return fmt.Errorf("%w: unknown checksum algorithm %q; there are %s",
			storage.ErrInvalid, name, strings.Join(slices.Sorted(maps.Keys(algorithms)), ", "))
	}
	if d.hashes[name] == nil {
		d.hashes[strings.Clone(name)] = newHash()
	}
	return nil
}

func (d *digest) write(p []byte) {
	if !d.md5 {
		d.xxhash.Write(p)
	}
	for _, h := range d.hashes {
		h.Write(p)
	}
}

func (d *digest) etag() etag {
	if d.md5 {
		return d.md5ETag()
	}
	return xxhashETag(d.xxhash.Sum64())
}

// onlyETag reports whether no digest is asked for but the ETag.
func (d *digest) onlyETag() bool { return len(d.keep) == 0 && len(d.want) == 0 }

func (d *digest) md5ETag() (e etag) {
	e.size = len(d.hashes[storage.HashMD5].Sum(e.sum[:0]))
	return e
}

// finish returns the digests to keep, nil if there are none, or ErrChecksum.
func (d *digest) finish() (storage.Hashes, error) {
	if len(d.hashes) == 0 {
		return nil, nil
	}
	sums := make(storage.Hashes, len(d.hashes))
	for name, h := range d.hashes {
		sums[name] = hex.EncodeToString(h.Sum(nil))
	}
	for name, want := range d.want {
		if !strings.EqualFold(sums[name], want) {
			return nil, fmt.Errorf("%w: %s is %s, not %s", storage.ErrChecksum, name, sums[name], want)
		}
	}
	maps.DeleteFunc(sums, func(name, _ string) bool { return !slices.Contains(d.keep, name) })
	if len(sums) == 0 {
		return nil, nil
	}
	return sums, nil
}

// digest computes the digests that the options ask for. It reads the content only if
// there are any.
func (c *content) digest(ctx context.Context, opts storage.Options) (storage.Hashes, error) {
	var d digest
	if err := d.start(false, opts); err != nil || len(d.hashes) == 0 {
		return nil, err
	}
	if err := d.read(ctx, c); err != nil {
		return nil, err
	}
	return d.finish()
}

// computeETag computes the ETag of the content.
func (c content) computeETag(ctx context.Context, md5ETag bool) (etag, error) {
	var d digest
	if err := d.start(md5ETag, nil); err != nil {
		return etag{}, err
	}
	if err := d.read(ctx, &c); err != nil {
		return etag{}, err
	}
	return d.etag(), nil
}

// read passes content through the digest.
func (d *digest) read(ctx context.Context, c *content) error {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	var r reader
	for r.reset(&object{content: *c}, 0, 0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf[:])
		d.write(buf[:n])
		if err == io.EOF {
			return nil
		}
	}
}
