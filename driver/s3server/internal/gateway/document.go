package gateway

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// The names of a bucket's documents.
const (
	docACL        = "acl"
	docPolicy     = "policy"
	docCORS       = "cors"
	docWebsite    = "website"
	docOwnership  = "ownership"
	docTags       = "tags"
	docLock       = "lock"
	docVersioning = "versioning"
)

// getDocument returns a document of a bucket, and missing if there is none.
func (g *gateway) getDocument(ctx context.Context, bucket, name string, missing s3err.ErrorCode) ([]byte, error) {
	s := g.read(ctx)
	doc, err := s.document(bucket, name)
	switch {
	case err != nil:
		return nil, apiError(err)
	case doc != nil && !Hidden(bucket):
		return doc, nil
	}
	if err := s.bucket(bucket); err != nil {
		return nil, err
	}
	return nil, s3err.GetBucketErr(missing, bucket)
}

// putDocument stores a document of a bucket, or removes it if it is nil.
func (g *gateway) putDocument(ctx context.Context, bucket, name string, doc []byte) error {
	return g.update(ctx, func(s state) error {
		if err := s.bucket(bucket); err != nil {
			return err
		}
		return s.setDocument(bucket, name, doc)
	})
}

func (g *gateway) Document(ctx context.Context, bucket, name string) ([]byte, error) {
	s := g.read(ctx)
	if err := s.bucket(bucket); err != nil {
		return nil, err
	}
	doc, err := s.document(bucket, name)
	return doc, apiError(err)
}

func (g *gateway) SetDocument(ctx context.Context, bucket, name string, doc []byte) error {
	return g.putDocument(ctx, bucket, name, doc)
}

func (g *gateway) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	doc, err := g.getDocument(ctx, *in.Bucket, docACL, s3err.ErrNoSuchBucketPolicy)
	if !errors.Is(err, s3err.GetAPIError(s3err.ErrNoSuchBucketPolicy)) {
		return doc, err
	}
	return json.Marshal(auth.ACL{Owner: g.owner, Grantees: []auth.Grantee{
		{Permission: auth.PermissionFullControl, Access: g.owner, Type: types.TypeCanonicalUser},
	}})
}

func (g *gateway) PutBucketAcl(ctx context.Context, bucket string, data []byte) error {
	return g.putDocument(ctx, bucket, docACL, data)
}

func (g *gateway) GetBucketPolicy(ctx context.Context, bucket string) ([]byte, error) {
	return g.getDocument(ctx, bucket, docPolicy, s3err.ErrNoSuchBucketPolicy)
}

func (g *gateway) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	return g.putDocument(ctx, bucket, docPolicy, policy)
}

func (g *gateway) DeleteBucketPolicy(ctx context.Context, bucket string) error {
	return g.putDocument(ctx, bucket, docPolicy, nil)
}

func (g *gateway) GetBucketCors(ctx context.Context, bucket string) ([]byte, error) {
	return g.getDocument(ctx, bucket, docCORS, s3err.ErrNoSuchCORSConfiguration)
}

func (g *gateway) PutBucketCors(ctx context.Context, bucket string, cors []byte) error {
	return g.putDocument(ctx, bucket, docCORS, cors)
}

func (g *gateway) DeleteBucketCors(ctx context.Context, bucket string) error {
	return g.putDocument(ctx, bucket, docCORS, nil)
}

func (g *gateway) GetBucketWebsite(ctx context.Context, bucket string) ([]byte, error) {
	return g.getDocument(ctx, bucket, docWebsite, s3err.ErrNoSuchWebsiteConfiguration)
}

func (g *gateway) PutBucketWebsite(ctx context.Context, bucket string, website []byte) error {
	return g.putDocument(ctx, bucket, docWebsite, website)
}

func (g *gateway) DeleteBucketWebsite(ctx context.Context, bucket string) error {
	return g.putDocument(ctx, bucket, docWebsite, nil)
}

func (g *gateway) GetBucketOwnershipControls(ctx context.Context, bucket string) (types.ObjectOwnership, error) {
	doc, err := g.getDocument(ctx, bucket, docOwnership, s3err.ErrOwnershipControlsNotFound)
	return types.ObjectOwnership(doc), err
}

func (g *gateway) PutBucketOwnershipControls(ctx context.Context, bucket string, ownership types.ObjectOwnership) error {
	return g.putDocument(ctx, bucket, docOwnership, []byte(ownership))
}

func (g *gateway) DeleteBucketOwnershipControls(ctx context.Context, bucket string) error {
	return g.putDocument(ctx, bucket, docOwnership, nil)
}

func (g *gateway) GetBucketTagging(ctx context.Context, bucket string) (tags map[string]string, err error) {
	doc, err := g.getDocument(ctx, bucket, docTags, s3err.ErrBucketTaggingNotFound)
	if err != nil {
		return nil, err
	}
	return tags, json.Unmarshal(doc, &tags)
}

func (g *gateway) PutBucketTagging(ctx context.Context, bucket string, tags map[string]string) error {
	if tags == nil {
		return g.DeleteBucketTagging(ctx, bucket)
	}
	doc, err := json.Marshal(tags)
	if err != nil {
		return err
	}
	return g.putDocument(ctx, bucket, docTags, doc)
}

func (g *gateway) DeleteBucketTagging(ctx context.Context, bucket string) error {
	return g.putDocument(ctx, bucket, docTags, nil)
}

func (g *gateway) GetBucketVersioning(ctx context.Context, bucket string) (out s3response.GetBucketVersioningOutput, err error) {
	s := g.read(ctx)
	if err := s.bucket(bucket); err != nil {
		return out, err
	}
	if status := s.versioning(bucket); status != "" {
		out.Status = &status
	}
	return out, nil
}

func (g *gateway) PutBucketVersioning(ctx context.Context, bucket string, status types.BucketVersioningStatus) error {
	return g.update(ctx, func(s state) error {
		if err := s.bucket(bucket); err != nil {
			return err
		}
		if status == types.BucketVersioningStatusSuspended && s.lockEnabled(bucket) == nil {
			return s3err.GetAPIError(s3err.ErrSuspendedVersioningNotAllowed)
		}
		return s.setDocument(bucket, docVersioning, []byte(status))
	})
}

// versioning returns the versioning status of a bucket, empty if it never had one.
func (s state) versioning(bucket string) types.BucketVersioningStatus {
	doc, _ := s.document(bucket, docVersioning)
	return types.BucketVersioningStatus(doc)
}
