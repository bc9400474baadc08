package drivertest

import (
	"bytes"
	"io"
	"slices"

	"open-lake.dev/lib/storage"
)

// sharingVariants share memory with callers, or between them.
var sharingVariants = []variant{{
	name: "the caller's metadata map is kept", fails: "O8_metadata_passed_in",
	phrase: "changing the metadata map after it was passed in",
	fault: both(onSuccess("write", func(c *request) {
		if m, ok := c.opts[storage.OptMetadata].(map[string]string); ok {
			c.memo.Store(c.obj.Key, m)
		}
	}), onSuccess("stat", func(c *request) {
		if m, ok := c.memo.Load(c.obj.Key); ok {
			c.obj.Metadata = m.(map[string]string)
		}
	})),
}, {
	name: "Stat gives out its own metadata map", fails: "O8_objects_given_out",
	phrase: "changing the object that Stat returned",
	fault: onSuccess("stat", func(c *request) {
		if c.obj.Metadata != nil {
			m, _ := c.memo.LoadOrStore(c.obj.Key+c.obj.Updated.String(), c.obj.Metadata)
			c.obj.Metadata = m.(map[string]string)
		}
	}),
}, {
	name: "Stat gives out its own Object", fails: "O8_objects_given_out",
	phrase: "changing the object that Stat returned",
	fault: onSuccess("stat", func(c *request) {
		o, _ := c.memo.LoadOrStore(c.obj.Key+c.obj.Updated.String(), c.obj)
		c.obj = o.(*storage.Object)
	}),
}, {
	name: "listings give out their own Objects", fails: "O8_listed_objects",
	phrase: "changing an object that List gave",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		for i, o := range all {
			kept, _ := c.memo.LoadOrStore(o.Bucket+o.Key+o.ETag+o.Updated.String(), o)
			all[i] = kept.(*storage.Object)
		}
		return all
	}),
}, {
	name: "ListParts gives out its own PartInfos", fails: "O8_parts_given_out",
	phrase: "changing a PartInfo that was given out",
	fault: onSuccess("listparts", func(c *request) {
		for i, p := range c.parts {
			kept, _ := c.memo.LoadOrStore(p.ETag, p)
			c.parts[i] = kept.(*storage.PartInfo)
		}
	}),
}, {
	name: "Info gives out its own metadata map", fails: "O8_bucket_metadata",
	phrase: "changing a BucketInfo that was given out",
	fault: onSuccess("info", func(c *request) {
		if c.info.Metadata != nil {
			m, _ := c.memo.LoadOrStore(c.bucket, c.info.Metadata)
			c.info.Metadata = m.(map[string]string)
		}
	}),
}, {
	name: "sources share a buffer", fails: "O8_source_that_keeps_its_buffer",
	phrase: "a reader must not see in its buffers",
	fault: before("write", func(c *request) {
		if c.src == nil {
			return
		}
		shared, _ := c.memo.LoadOrStore("buffer", make([]byte, 32<<10))
		var got bytes.Buffer
		for size := c.size; size != 0; {
			p := shared.([]byte)
			if size >= 0 {
				p = p[:min(int64(len(p)), size)]
			}
			n, err := c.src.Read(p)
			got.Write(p[:max(n, 0)])
			if size -= int64(n); c.size < 0 {
				size = -1
			}
			if err != nil {
				c.src = broken(got.String(), err)
				return
			}
		}
		c.src = &got
	}),
}, {
	name: "a writer gets the store's own bytes", fails: "O8_writer_that_keeps_its_bytes",
	phrase: "must not change the object",
	fault: onSuccess("open", func(c *request) {
		content, _ := io.ReadAll(c.rc)
		own, _ := c.memo.LoadOrStore(c.obj.ETag+c.obj.Key, content)
		c.rc = ownBytes{bytes.NewReader(own.([]byte))}
	}),
}, {
	name: "writers share a buffer", fails: "O8_writer_that_keeps_its_bytes",
	phrase: "what another caller reads",
	fault: onSuccess("open", func(c *request) {
		shared, _ := c.memo.LoadOrStore("buffer", make([]byte, 32<<10))
		c.rc = sharedWriterTo{c.rc, shared.([]byte)}
	}),
}, {
	name: "listed uploads are shared", fails: "O8_listed_uploads",
	phrase: "changing a listed upload",
	fault: onSuccess("uploads", func(c *request) {
		kept, _ := c.memo.LoadOrStore("uploads", collect(c.uploads))
		c.uploads = &iterOf[storage.UploadInfo]{items: slices.Clone(kept.([]*storage.UploadInfo))}
	}),
}}

// ownBytes is a reader whose WriteTo passes on the bytes themselves.
type ownBytes struct{ *bytes.Reader }

func (ownBytes) Close() error { return nil }

// sharedWriterTo is a reader whose WriteTo uses a shared buffer.
type sharedWriterTo struct {
	io.ReadCloser
	buf []byte
}

func (r sharedWriterTo) WriteTo(w io.Writer) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r.ReadCloser}, r.buf)
}
