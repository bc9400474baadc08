package gateway

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

func (g *gateway) PutObjectLockConfiguration(ctx context.Context, bucket string, config []byte) error {
	return g.update(ctx, func(s state) error {
		if err := s.bucket(bucket); err != nil {
			return err
		}
		if s.versioning(bucket) != types.BucketVersioningStatusEnabled {
			return s3err.GetAPIError(s3err.ErrObjectLockConfigurationNotAllowed)
		}
		return s.setDocument(bucket, docLock, config)
	})
}

func (g *gateway) GetObjectLockConfiguration(ctx context.Context, bucket string) ([]byte, error) {
	return g.getDocument(ctx, bucket, docLock, s3err.ErrObjectLockConfigurationNotFound)
}

// lockEnabled returns an error unless the objects of a bucket can be locked.
func (s state) lockEnabled(bucket string) error {
	doc, err := s.document(bucket, docLock)
	if err != nil {
		return err
	}
	var config auth.BucketLockConfig
	if json.Unmarshal(doc, &config) != nil || !config.Enabled {
		return s3err.GetAPIError(s3err.ErrMissingObjectLockConfiguration)
	}
	return nil
}

// lockable returns a version of an object that can be locked.
func (s state) lockable(bucket, key, version string) (*storage.Object, error) {
	o, err := s.require(bucket, key, version)
	if err != nil {
		return nil, err
	}
	return o, s.lockEnabled(bucket)
}

func (g *gateway) PutObjectRetention(ctx context.Context, bucket, object, version string, retention []byte) error {
	return g.setSystem(ctx, bucket, object, version, metaRetention, string(retention))
}

func (g *gateway) PutObjectLegalHold(ctx context.Context, bucket, object, version string, on bool) error {
	status := types.ObjectLockLegalHoldStatusOff
	if on {
		status = types.ObjectLockLegalHoldStatusOn
	}
	return g.setSystem(ctx, bucket, object, version, metaLegalHold, string(status))
}

// setSystem sets system metadata of a version of an object that can be locked.
func (g *gateway) setSystem(ctx context.Context, bucket, object, version, key, value string) error {
	return g.update(ctx, func(s state) error {
		o, err := s.lockable(bucket, object, version)
		if err != nil {
			return err
		}
		metadata := cloneMetadata(o)
		metadata[key] = value
		return s.setMetadata(o, metadata)
	})
}

func (g *gateway) GetObjectRetention(ctx context.Context, bucket, object, version string) ([]byte, error) {
	o, err := g.read(ctx).lockable(bucket, object, version)
	if err != nil {
		return nil, apiError(err)
	}
	if o.Metadata[metaRetention] == "" {
		return nil, s3err.GetAPIError(s3err.ErrNoSuchObjectLockConfiguration)
	}
	return []byte(o.Metadata[metaRetention]), nil
}

func (g *gateway) GetObjectLegalHold(ctx context.Context, bucket, object, version string) (*bool, error) {
	o, err := g.read(ctx).lockable(bucket, object, version)
	if err != nil {
		return nil, apiError(err)
	}
	if o.Metadata[metaLegalHold] == "" {
		return nil, s3err.GetAPIError(s3err.ErrNoSuchObjectLockConfiguration)
	}
	on := o.Metadata[metaLegalHold] == string(types.ObjectLockLegalHoldStatusOn)
	return &on, nil
}

func (g *gateway) GetObjectTagging(ctx context.Context, bucket, object, version string) (map[string]string, error) {
	o, err := g.read(ctx).require(bucket, object, version)
	if err != nil {
		return nil, apiError(err)
	}
	return tagsOf(o), nil
}

func (g *gateway) PutObjectTagging(ctx context.Context, bucket, object, version string, tags map[string]string) error {
	return g.update(ctx, func(s state) error {
		o, err := s.require(bucket, object, version)
		if err != nil {
			return err
		}
		metadata := cloneMetadata(o)
		setTags(metadata, tags)
		return s.setMetadata(o, metadata)
	})
}

func (g *gateway) DeleteObjectTagging(ctx context.Context, bucket, object, version string) error {
	return g.PutObjectTagging(ctx, bucket, object, version, nil)
}
