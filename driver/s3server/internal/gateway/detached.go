package gateway

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"
)

// detached is a back end whose arguments are copies. The strings and the bytes that
// the protocol layer passes are parts of a buffer that the next request on the
// connection overwrites; whatever is kept of them must be a copy. All methods of
// the back end that take text are here, and only here is it copied.
type detached struct{ Backend }

func (d detached) ListBuckets(ctx context.Context, in s3response.ListBucketsInput) (s3response.ListAllMyBucketsResult, error) {
	return d.Backend.ListBuckets(ctx, detach(in))
}

func (d detached) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	return d.Backend.HeadBucket(ctx, detach(in))
}

func (d detached) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	return d.Backend.GetBucketAcl(ctx, detach(in))
}

func (d detached) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, defaultACL []byte) error {
	return d.Backend.CreateBucket(ctx, detach(in), detach(defaultACL))
}

func (d detached) PutBucketAcl(ctx context.Context, bucket string, data []byte) error {
	return d.Backend.PutBucketAcl(ctx, detach(bucket), detach(data))
}

func (d detached) DeleteBucket(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucket(ctx, detach(bucket))
}

func (d detached) PutBucketVersioning(ctx context.Context, bucket string, status types.BucketVersioningStatus) error {
	return d.Backend.PutBucketVersioning(ctx, detach(bucket), detach(status))
}

func (d detached) GetBucketVersioning(ctx context.Context, bucket string) (s3response.GetBucketVersioningOutput, error) {
	return d.Backend.GetBucketVersioning(ctx, detach(bucket))
}

func (d detached) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	return d.Backend.PutBucketPolicy(ctx, detach(bucket), detach(policy))
}

func (d detached) GetBucketPolicy(ctx context.Context, bucket string) ([]byte, error) {
	return d.Backend.GetBucketPolicy(ctx, detach(bucket))
}

func (d detached) DeleteBucketPolicy(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucketPolicy(ctx, detach(bucket))
}

func (d detached) PutBucketOwnershipControls(ctx context.Context, bucket string, ownership types.ObjectOwnership) error {
	return d.Backend.PutBucketOwnershipControls(ctx, detach(bucket), detach(ownership))
}

func (d detached) GetBucketOwnershipControls(ctx context.Context, bucket string) (types.ObjectOwnership, error) {
	return d.Backend.GetBucketOwnershipControls(ctx, detach(bucket))
}

func (d detached) DeleteBucketOwnershipControls(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucketOwnershipControls(ctx, detach(bucket))
}

func (d detached) PutBucketCors(ctx context.Context, bucket string, cors []byte) error {
	return d.Backend.PutBucketCors(ctx, detach(bucket), detach(cors))
}

func (d detached) GetBucketCors(ctx context.Context, bucket string) ([]byte, error) {
	return d.Backend.GetBucketCors(ctx, detach(bucket))
}

func (d detached) DeleteBucketCors(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucketCors(ctx, detach(bucket))
}

func (d detached) PutBucketWebsite(ctx context.Context, bucket string, website []byte) error {
	return d.Backend.PutBucketWebsite(ctx, detach(bucket), detach(website))
}

func (d detached) GetBucketWebsite(ctx context.Context, bucket string) ([]byte, error) {
	return d.Backend.GetBucketWebsite(ctx, detach(bucket))
}

func (d detached) DeleteBucketWebsite(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucketWebsite(ctx, detach(bucket))
}

func (d detached) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	return d.Backend.CreateMultipartUpload(ctx, detach(in))
}

func (d detached) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	return d.Backend.CompleteMultipartUpload(ctx, detach(in))
}

func (d detached) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	return d.Backend.AbortMultipartUpload(ctx, detach(in))
}

func (d detached) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	return d.Backend.ListMultipartUploads(ctx, detach(in))
}

func (d detached) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	return d.Backend.ListParts(ctx, detach(in))
}

func (d detached) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	return d.Backend.UploadPart(ctx, detach(in))
}

func (d detached) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	return d.Backend.UploadPartCopy(ctx, detach(in))
}

func (d detached) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	return d.Backend.PutObject(ctx, detach(in))
}

func (d detached) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	return d.Backend.HeadObject(ctx, detach(in))
}

func (d detached) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	return d.Backend.GetObject(ctx, detach(in))
}

func (d detached) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	return d.Backend.GetObjectAcl(ctx, detach(in))
}

func (d detached) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (s3response.GetObjectAttributesResponse, error) {
	return d.Backend.GetObjectAttributes(ctx, detach(in))
}

func (d detached) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	return d.Backend.CopyObject(ctx, detach(in))
}

func (d detached) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	return d.Backend.ListObjects(ctx, detach(in))
}

func (d detached) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	return d.Backend.ListObjectsV2(ctx, detach(in))
}

func (d detached) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	return d.Backend.DeleteObject(ctx, detach(in))
}

func (d detached) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	return d.Backend.DeleteObjects(ctx, detach(in))
}

func (d detached) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) error {
	return d.Backend.PutObjectAcl(ctx, detach(in))
}

func (d detached) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	return d.Backend.ListObjectVersions(ctx, detach(in))
}

func (d detached) GetBucketTagging(ctx context.Context, bucket string) (map[string]string, error) {
	return d.Backend.GetBucketTagging(ctx, detach(bucket))
}

func (d detached) PutBucketTagging(ctx context.Context, bucket string, tags map[string]string) error {
	return d.Backend.PutBucketTagging(ctx, detach(bucket), detach(tags))
}

func (d detached) DeleteBucketTagging(ctx context.Context, bucket string) error {
	return d.Backend.DeleteBucketTagging(ctx, detach(bucket))
}

func (d detached) GetObjectTagging(ctx context.Context, bucket, object, versionId string) (map[string]string, error) {
	return d.Backend.GetObjectTagging(ctx, detach(bucket), detach(object), detach(versionId))
}

func (d detached) PutObjectTagging(ctx context.Context, bucket, object, versionId string, tags map[string]string) error {
	return d.Backend.PutObjectTagging(ctx, detach(bucket), detach(object), detach(versionId), detach(tags))
}

func (d detached) DeleteObjectTagging(ctx context.Context, bucket, object, versionId string) error {
	return d.Backend.DeleteObjectTagging(ctx, detach(bucket), detach(object), detach(versionId))
}

func (d detached) PutObjectLockConfiguration(ctx context.Context, bucket string, config []byte) error {
	return d.Backend.PutObjectLockConfiguration(ctx, detach(bucket), detach(config))
}

func (d detached) GetObjectLockConfiguration(ctx context.Context, bucket string) ([]byte, error) {
	return d.Backend.GetObjectLockConfiguration(ctx, detach(bucket))
}

func (d detached) PutObjectRetention(ctx context.Context, bucket, object, versionId string, retention []byte) error {
	return d.Backend.PutObjectRetention(ctx, detach(bucket), detach(object), detach(versionId), detach(retention))
}

func (d detached) GetObjectRetention(ctx context.Context, bucket, object, versionId string) ([]byte, error) {
	return d.Backend.GetObjectRetention(ctx, detach(bucket), detach(object), detach(versionId))
}

func (d detached) PutObjectLegalHold(ctx context.Context, bucket, object, versionId string, status bool) error {
	return d.Backend.PutObjectLegalHold(ctx, detach(bucket), detach(object), detach(versionId), status)
}

func (d detached) GetObjectLegalHold(ctx context.Context, bucket, object, versionId string) (*bool, error) {
	return d.Backend.GetObjectLegalHold(ctx, detach(bucket), detach(object), detach(versionId))
}

func (d detached) ChangeBucketOwner(ctx context.Context, bucket, owner string) error {
	return d.Backend.ChangeBucketOwner(ctx, detach(bucket), detach(owner))
}

func (d detached) Document(ctx context.Context, bucket, name string) ([]byte, error) {
	return d.Backend.Document(ctx, detach(bucket), detach(name))
}

func (d detached) SetDocument(ctx context.Context, bucket, name string, doc []byte) error {
	return d.Backend.SetDocument(ctx, detach(bucket), detach(name), detach(doc))
}
