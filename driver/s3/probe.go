package s3driver

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// abilities say what a service can do that not every one can.
type abilities struct {
	// The conditions that are judged, and neither refused nor ignored.
	guardPut, guardCopy, guardDelete, guardComplete bool

	// deleteMissing means that a condition on a missing object does not fail when it is
	// deleted, so that of several who delete a version, each succeeds.
	deleteMissing bool

	twins   bool // an object may be beside a directory of its name
	maxName int  // bytes of a name in a key, 0 if there is no limit
}

// amazon holds the abilities of Amazon S3, which needs no probe.
var amazon = abilities{guardPut: true, guardCopy: true, guardDelete: true, guardComplete: true, twins: true}

// relaxed returns the rules that cannot be kept.
func (a abilities) relaxed() (rules []string) {
	if !a.guardPut {
		rules = append(rules, storage.RelaxedO7Write)
	}
	if !a.guardCopy && !a.guardComplete {
		rules = append(rules, storage.RelaxedO7Copy)
	}
	if !a.guardDelete || a.deleteMissing {
		rules = append(rules, storage.RelaxedO7Delete)
	}
	if !a.guardComplete {
		rules = append(rules, storage.RelaxedO7Complete)
	}
	if !a.twins {
		rules = append(rules, storage.RelaxedTwins)
	}
	return rules
}

// probeDir holds the objects of probes. No bucket has it.
const probeDir = ".buckets/probe/"

// otherETag is an ETag that no object of a probe has.
const otherETag = "00000000000000000000000000000000"

// longestName is the length of the longest name that a service takes that keeps
// objects as files, in bytes.
const longestName = 255

// probe finds out what a service can do, with objects of its own, which it deletes. A
// client that may not write finds out nothing, nor does one whose default bucket is
// missing.
func probe(ctx context.Context, client *s3.Client, c Config) (abilities, error) {
	p := &prober{ctx: ctx, client: client, bucket: c.Bucket, key: c.Prefix + probeDir + rand.Text()}
	err := p.put(p.key, nil, nil)
	if errors.Is(translate(err), storage.ErrPermission) && !isLogin(err) || c.RealBuckets && errors.Is(translate(err), storage.ErrNoBucket) {
		return abilities{twins: true}, nil
	}
	if err != nil {
		return abilities{}, translate(err)
	}
	var a abilities
	p.all(
		func() { a.guardPut = p.refuses(p.put) },
		func() { a.guardCopy = p.refuses(p.copy) },
		func() { a.guardComplete = p.completes() },
		func() { a.twins = p.accepts(p.put(p.twin(), nil, nil)) },
		func() {
			if !p.accepts(p.put(p.long(), nil, nil)) {
				a.maxName = longestName
			}
		},
	)
	a.guardDelete = p.refused(p.delete(p.key))
	a.deleteMissing = p.accepts(p.delete(p.key + "-missing"))
	p.clean()
	return a, translate(p.err)
}

// isLogin reports whether an error is of the credentials themselves.
func isLogin(err error) bool {
	switch code(err) {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "XAdminUserNotFound":
		return true
	}
	return false
}

// prober asks a service about one object.
type prober struct {
	ctx         context.Context
	client      *s3.Client
	bucket, key string

	mu  sync.Mutex
	err error // the first that is no answer of the service
}

// all calls functions at the same time.
func (p *prober) all(do ...func()) {
	var wg sync.WaitGroup
	for _, f := range do {
		wg.Go(f)
	}
	wg.Wait()
}

func (p *prober) twin() string { return p.key + "/twin" }
func (p *prober) long() string { return p.key + "-" + strings.Repeat("n", longestName) }

// accepts reports whether the service did what it was asked for.
func (p *prober) accepts(err error) bool {
	if answer := new(smithyhttp.ResponseError); err != nil && !errors.As(err, &answer) || isBusy(err) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.err == nil {
			p.err = err
		}
	}
	return err == nil
}

// isBusy reports whether a service is not to be had, rather than refuses. Some have an
// internal error where others refuse.
func isBusy(err error) bool {
	answer := new(smithyhttp.ResponseError)
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.HTTPStatusCode() {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// refused reports whether the service judged a condition that does not hold.
func (p *prober) refused(err error) bool {
	return !p.accepts(err) && errors.Is(refusal(engine.Guard{Version: otherETag}, err), storage.ErrPrecondition)
}

// refuses reports whether a change of the object is refused under each guard.
func (p *prober) refuses(change func(key string, ifMatch, ifNoneMatch *string) error) bool {
	return p.refused(change(p.key, nil, aws.String("*"))) && p.refused(change(p.key, quote(otherETag), nil))
}

func (p *prober) put(key string, ifMatch, ifNoneMatch *string) error {
	_, err := p.client.PutObject(p.ctx, &s3.PutObjectInput{
		Bucket:      &p.bucket,
		Key:         &key,
		Body:        strings.NewReader("probe"),
		IfMatch:     ifMatch,
		IfNoneMatch: ifNoneMatch,
	})
	return err
}

// copy copies the object onto itself, with other metadata.
func (p *prober) copy(key string, ifMatch, ifNoneMatch *string) error {
	_, err := p.client.CopyObject(p.ctx, &s3.CopyObjectInput{
		Bucket:            &p.bucket,
		Key:               &key,
		CopySource:        copySource(p.bucket, key),
		Metadata:          map[string]string{"probe": "copy"},
		MetadataDirective: types.MetadataDirectiveReplace,
		IfMatch:           ifMatch,
		IfNoneMatch:       ifNoneMatch,
	})
	return err
}

// completes reports whether the completion of an upload is refused under each guard.
func (p *prober) completes() bool {
	created, err := p.client.CreateMultipartUpload(p.ctx, &s3.CreateMultipartUploadInput{Bucket: &p.bucket, Key: &p.key})
	if !p.accepts(err) {
		return false
	}
	defer abort(p.ctx, p.client, location{&p.bucket, &p.key}, created.UploadId)
	part, err := p.client.UploadPart(p.ctx, &s3.UploadPartInput{
		Bucket: &p.bucket, Key: &p.key, UploadId: created.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("probe"),
	})
	if !p.accepts(err) {
		return false
	}
	parts := []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}
	return p.refuses(func(key string, ifMatch, ifNoneMatch *string) error {
		_, err := p.client.CompleteMultipartUpload(p.ctx, &s3.CompleteMultipartUploadInput{
			Bucket:          &p.bucket,
			Key:             &key,
			UploadId:        created.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
			IfMatch:         ifMatch,
			IfNoneMatch:     ifNoneMatch,
		})
		return err
	})
}

// delete deletes an object of another ETag than it has.
func (p *prober) delete(key string) error {
	_, err := p.client.DeleteObject(p.ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: &key, IfMatch: quote(otherETag)})
	return err
}

// clean deletes the objects of the probe, even if its context is done. A request that
// was cancelled may still store one.
func (p *prober) clean() {
	ctx, cancel := lasting(p.ctx)
	defer cancel()
	var objects []types.ObjectIdentifier
	for _, key := range []string{p.twin(), p.long(), p.key} {
		objects = append(objects, types.ObjectIdentifier{Key: &key})
	}
	_, err := p.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &p.bucket, Delete: &types.Delete{Objects: objects}})
	p.accepts(err)
}
