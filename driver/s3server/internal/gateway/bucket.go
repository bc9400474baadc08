package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) ListBuckets(ctx context.Context, in s3response.ListBucketsInput) (s3response.ListAllMyBucketsResult, error) {
	res := s3response.ListAllMyBucketsResult{Owner: s3response.CanonicalUser{ID: in.Owner}, Prefix: in.Prefix}
	s := g.read(ctx)
	infos, err := s.buckets()
	if err != nil {
		return res, err
	}
	for _, info := range infos {
		if !strings.HasPrefix(info.Name, in.Prefix) || info.Name <= in.ContinuationToken {
			continue
		}
		if !in.IsAdmin && s.ownerOf(info.Name) != in.Owner {
			continue
		}
		if len(res.Buckets.Bucket) == int(in.MaxBuckets) {
			res.ContinuationToken = res.Buckets.Bucket[len(res.Buckets.Bucket)-1].Name
			break
		}
		res.Buckets.Bucket = append(res.Buckets.Bucket, s3response.ListAllMyBucketsEntry{Name: info.Name, CreationDate: info.CreatedAt})
	}
	return res, nil
}

// buckets returns the buckets that clients see.
func (s state) buckets() (infos []*storage.BucketInfo, err error) {
	it, err := s.st.Buckets(s.ctx, 0, 0, nil)
	if err != nil {
		return nil, apiError(err)
	}
	for info, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if !Hidden(info.Name) {
			infos = append(infos, info)
		}
	}
	return infos, nil
}

func (g *gateway) ListBucketsAndOwners(ctx context.Context) (all []s3response.Bucket, err error) {
	s := g.read(ctx)
	infos, err := s.buckets()
	for _, info := range infos {
		all = append(all, s3response.Bucket{Name: info.Name, Owner: s.ownerOf(info.Name)})
	}
	return all, err
}

// ownerOf returns the access key of a bucket's owner.
func (s state) ownerOf(bucket string) string {
	doc, _ := s.document(bucket, docACL)
	if acl, err := auth.ParseACL(doc); err == nil && acl.Owner != "" {
		return acl.Owner
	}
	return s.g.owner
}

func (g *gateway) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	return &s3.HeadBucketOutput{}, g.read(ctx).bucket(*in.Bucket)
}

func (g *gateway) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, acl []byte) error {
	name := *in.Bucket
	var tagging map[string]string
	var err error
	if in.CreateBucketConfiguration != nil {
		if tagging, err = backend.ParseCreateBucketTags(in.CreateBucketConfiguration.Tags); err != nil {
			return err
		}
	}
	account, _ := ctx.Value("bucket-owner").(auth.Account)
	return g.update(ctx, func(s state) error {
		info, err := s.st.CreateBucket(s.ctx, name, nil)
		switch {
		case errors.Is(err, storage.ErrExist) && s.ownerOf(name) == account.Access:
			return s3err.GetBucketErr(s3err.ErrBucketAlreadyOwnedByYou, name)
		case errors.Is(err, storage.ErrExist):
			return s3err.GetBucketErr(s3err.ErrBucketAlreadyExists, name)
		case err != nil:
			return err
		}
		docs := newDocuments(in, tagging, info.CreatedAt)
		docs[docACL] = acl
		for doc, text := range docs {
			if err := s.setDocument(name, doc, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// newDocuments returns the documents of a bucket that a request creates, by name.
func newDocuments(in *s3.CreateBucketInput, tagging map[string]string, now time.Time) map[string][]byte {
	docs := make(map[string][]byte)
	if in.ObjectOwnership != "" {
		docs[docOwnership] = []byte(in.ObjectOwnership)
	}
	if len(tagging) > 0 {
		docs[docTags], _ = json.Marshal(tagging)
	}
	if in.ObjectLockEnabledForBucket != nil && *in.ObjectLockEnabledForBucket {
		docs[docLock], _ = json.Marshal(auth.BucketLockConfig{Enabled: true, CreatedAt: &now})
		docs[docVersioning] = []byte(types.BucketVersioningStatusEnabled)
	}
	return docs
}

func (g *gateway) DeleteBucket(ctx context.Context, name string) error {
	return g.update(ctx, func(s state) error {
		if err := s.bucket(name); err != nil {
			return err
		}
		versions := false
		err := s.list(hiddenBucket(name), versionsDir, "", 1, func(*storage.Object) bool {
			versions = true
			return false
		})
		switch {
		case err != nil:
			return err
		case versions:
			return s3err.GetBucketErr(s3err.ErrVersionedBucketNotEmpty, name)
		}
		err = s.st.DeleteBucket(s.ctx, name, nil)
		if errors.Is(err, storage.ErrPermission) {
			return s3err.GetBucketErr(s3err.ErrBucketNotEmpty, name)
		}
		if err != nil {
			return err
		}
		err = s.st.DeleteBucket(s.ctx, hiddenBucket(name), storage.Options{storage.OptForce: true})
		if errors.Is(err, storage.ErrNoBucket) {
			return nil
		}
		return err
	})
}

func (g *gateway) ChangeBucketOwner(ctx context.Context, bucket, owner string) error {
	return auth.UpdateBucketACLOwner(ctx, g, bucket, owner)
}
