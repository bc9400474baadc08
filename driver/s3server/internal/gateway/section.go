package gateway

import (
	"fmt"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

// section is the part of an object that a request asks for.
type section struct {
	start, length int64
	sum           checksum // of the whole object, if that is asked for
	contentRange  *string
	parts         *int32 // of an object that was uploaded in parts, if the request names one
}

// sectionOf returns what a range or the number of a part asks for.
func sectionOf(o *storage.Object, byteRange string, part *int32) (section, error) {
	if part != nil {
		return partSection(o, *part)
	}
	start, length, ok, err := backend.ParseObjectRange(o.Size, byteRange)
	if err != nil {
		return section{}, err
	}
	sec := section{start: start, length: length}
	if length == o.Size {
		sec.sum = checksumOf(o)
	}
	if ok {
		sec.contentRange = contentRange(sec, o.Size)
	}
	return sec, nil
}

// partSection returns the section of a part. An object that was not uploaded in parts
// has one.
func partSection(o *storage.Object, number int32) (section, error) {
	parts := partsOf(o)
	count := int32(max(len(parts), 1))
	if number > count {
		return section{}, s3err.GetInvalidPartNumberRangeErr(count, number)
	}
	if len(parts) == 0 {
		sec := section{length: o.Size, sum: checksumOf(o)}
		if o.Size > 0 {
			sec.contentRange = contentRange(sec, o.Size)
		}
		return sec, nil
	}
	p := parts[number-1]
	sec := section{length: p.size, parts: &count}
	if p.size == o.Size {
		sec.sum = checksumOf(o)
	}
	for _, before := range parts[:number-1] {
		sec.start += before.size
	}
	sec.contentRange = contentRange(sec, o.Size)
	return sec, nil
}

func contentRange(sec section, size int64) *string {
	text := fmt.Sprintf("bytes %d-%d/%d", sec.start, sec.start+sec.length-1, size)
	return &text
}
