package s3server

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// createBucket creates the bucket "photos".
func createBucket(t *testing.T, client *s3.Client, ownership types.ObjectOwnership) *string {
	bucket := aws.String("photos")
	_, err := client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: bucket, ObjectOwnership: ownership})
	require.NoError(t, err)
	return bucket
}

// TestKeptDocuments stores, reads and removes each document that is kept.
func TestKeptDocuments(t *testing.T) {
	srv := newTestServer(t, WithAnonymous())
	createBucket(t, newTestClient(t, srv), "")
	start := srv.Store().Snapshot()
	for name, kept := range keptDocuments {
		path := "/photos?" + name
		resp, none := plain(t, srv, "GET", path, "", nil)
		if kept.code != "" {
			require.Equal(t, http.StatusNotFound, resp.StatusCode, name)
			require.Contains(t, none, "<Code>"+kept.code+"</Code>")
		} else {
			require.Equal(t, http.StatusOK, resp.StatusCode, name)
			require.NoError(t, kept.check(none))
		}
		doc := "<" + kept.root + "><ID>one</ID></" + kept.root + ">"
		for _, bad := range []string{"", "text", "<Other/>", doc + doc, doc[1:], "<!DOCTYPE x>" + doc,
			"<" + kept.root + ">" + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</" + kept.root + ">"} {
			resp, text := plain(t, srv, "PUT", path, bad, nil)
			require.Equal(t, http.StatusBadRequest, resp.StatusCode, bad)
			require.Contains(t, text, "MalformedXML")
		}
		resp, text := plain(t, srv, "PUT", path, doc, nil)
		require.Equal(t, http.StatusOK, resp.StatusCode, text)
		resp, text = plain(t, srv, "GET", path, "", nil)
		require.Equal(t, "application/xml", resp.Header.Get("Content-Type"))
		require.Equal(t, doc, text)
		if kept.code == "" && name != "encryption" {
			continue // S3 has no operation to delete it
		}
		resp, _ = plain(t, srv, "DELETE", path, "", nil)
		require.Equal(t, http.StatusNoContent, resp.StatusCode)
		_, text = plain(t, srv, "GET", path, "", nil)
		require.Equal(t, none, text)
	}
	require.NoError(t, srv.Store().Restore(start))
	resp, _ := plain(t, srv, "GET", "/missing?lifecycle", "", nil)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, _ = plain(t, srv, "GET", "/photos?analytics", "", nil)
	require.Equal(t, http.StatusNotImplemented, resp.StatusCode)
}

// TestKeptDocumentsAreTheOwners lets nobody else at them.
func TestKeptDocumentsAreTheOwners(t *testing.T) {
	srv := newTestServer(t, WithAccounts(Account{AccessKey: "other", SecretKey: "othersecret"}))
	client := newTestClient(t, srv)
	bucket := createBucket(t, client, "")
	ctx := context.Background()
	put := &s3.PutBucketLifecycleConfigurationInput{Bucket: bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{
		Rules: []types.LifecycleRule{{ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("tmp/")},
			Expiration: &types.LifecycleExpiration{Days: aws.Int32(7)}}},
	}}
	_, err := client.PutBucketLifecycleConfiguration(ctx, put)
	require.NoError(t, err)
	got, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	require.NoError(t, err)
	require.Equal(t, put.LifecycleConfiguration.Rules, got.Rules)
	encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
	require.NoError(t, err)
	require.Equal(t, types.ServerSideEncryptionAes256, encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm)

	other := s3.New(client.Options(), func(o *s3.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "other", SecretAccessKey: "othersecret"}, nil
		})
	})
	_, err = other.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	require.ErrorContains(t, err, "AccessDenied")
	_, err = other.PutBucketLifecycleConfiguration(ctx, put)
	require.ErrorContains(t, err, "AccessDenied")
	resp, _ := plain(t, srv, "GET", "/photos?lifecycle", "", nil)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "a request that is not signed")
}

// grantsOf returns the ACL of an object as text: the grantees and what each may.
func grantsOf(t *testing.T, client *s3.Client, in *s3.GetObjectAclInput) (grants []string) {
	out, err := client.GetObjectAcl(context.Background(), in)
	require.NoError(t, err)
	require.Equal(t, DefaultAccessKey, *out.Owner.ID)
	for _, g := range out.Grants {
		name := aws.ToString(g.Grantee.ID) + aws.ToString(g.Grantee.EmailAddress) + aws.ToString(g.Grantee.URI)
		grants = append(grants, string(g.Grantee.Type)+" "+strings.TrimPrefix(name, "http://acs.amazonaws.com/groups/global/")+" "+string(g.Permission))
	}
	return grants
}

const fullControl = "CanonicalUser test FULL_CONTROL"

// TestObjectACL gives objects ACLs in every way that S3 has.
func TestObjectACL(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket, key := context.Background(), createBucket(t, client, types.ObjectOwnershipBucketOwnerPreferred), aws.String("a")
	put := func(in *s3.PutObjectInput) {
		in.Bucket, in.Key, in.Body = bucket, key, strings.NewReader("1")
		_, err := client.PutObject(ctx, in)
		require.NoError(t, err)
	}
	get := &s3.GetObjectAclInput{Bucket: bucket, Key: key}
	put(&s3.PutObjectInput{})
	require.Equal(t, []string{fullControl}, grantsOf(t, client, get))
	put(&s3.PutObjectInput{ACL: types.ObjectCannedACLPublicRead})
	require.Equal(t, []string{fullControl, "Group AllUsers READ"}, grantsOf(t, client, get))
	put(&s3.PutObjectInput{GrantRead: aws.String(`id="one", uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"`), GrantFullControl: aws.String("emailAddress=a@b")})
	require.Equal(t, []string{"AmazonCustomerByEmail a@b FULL_CONTROL", "CanonicalUser one READ", "Group AuthenticatedUsers READ"}, grantsOf(t, client, get))

	_, err := client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: bucket, Key: key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: key, Value: key}}}})
	require.NoError(t, err)
	_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: key, AccessControlPolicy: &types.AccessControlPolicy{
		Owner:  &types.Owner{ID: aws.String(DefaultAccessKey)},
		Grants: []types.Grant{{Grantee: &types.Grantee{Type: types.TypeCanonicalUser, ID: aws.String("two")}, Permission: types.PermissionReadAcp}},
	}})
	require.NoError(t, err)
	require.Equal(t, []string{"CanonicalUser two READ_ACP"}, grantsOf(t, client, get))
	tags, err := client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	require.Len(t, tags.TagSet, 1, "what an object has beside")

	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String("photos/a")})
	require.NoError(t, err)
	require.Equal(t, []string{fullControl}, grantsOf(t, client, &s3.GetObjectAclInput{Bucket: bucket, Key: aws.String("copy")}))
	_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: aws.String("copy"), ACL: types.ObjectCannedACLPublicReadWrite})
	require.NoError(t, err)
	require.Equal(t, []string{fullControl, "Group AllUsers READ", "Group AllUsers WRITE"}, grantsOf(t, client, &s3.GetObjectAclInput{Bucket: bucket, Key: aws.String("copy")}))
	uploadInParts(t, client, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ACL: types.ObjectCannedACLAuthenticatedRead})
	require.Equal(t, []string{fullControl, "Group AuthenticatedUsers READ"}, grantsOf(t, client, get))

}

// TestBadObjectACL refuses what is no ACL.
func TestBadObjectACL(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket, key := context.Background(), createBucket(t, client, types.ObjectOwnershipBucketOwnerPreferred), aws.String("a")
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("1")})
	require.NoError(t, err)
	before := srv.Store().Snapshot()
	for want, in := range map[string]*s3.PutObjectAclInput{
		"MissingSecurityHeader": {}, "InvalidArgument": {ACL: "unknown"},
		"InvalidRequest":    {ACL: types.ObjectCannedACLPrivate, GrantRead: aws.String("id=one")},
		"MalformedACLError": {AccessControlPolicy: &types.AccessControlPolicy{}},
		"AccessDenied":      {AccessControlPolicy: &types.AccessControlPolicy{Owner: &types.Owner{ID: aws.String("else")}}},
		"NoSuchKey":         {Key: aws.String("missing"), ACL: types.ObjectCannedACLPrivate},
	} {
		in.Bucket = bucket
		if in.Key == nil {
			in.Key = key
		}
		_, err := client.PutObjectAcl(ctx, in)
		require.ErrorContains(t, err, want)
	}
	require.Same(t, before, srv.Store().Snapshot())
}

// TestObjectACLOfAVersion gives one version of an object an ACL.
func TestObjectACLOfAVersion(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket, key := context.Background(), createBucket(t, client, types.ObjectOwnershipObjectWriter), aws.String("a")
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	var versions []*string
	for range 2 {
		out, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("1")})
		require.NoError(t, err)
		versions = append(versions, out.VersionId)
	}
	_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: key, VersionId: versions[0], ACL: types.ObjectCannedACLPublicRead})
	require.NoError(t, err)
	require.Len(t, grantsOf(t, client, &s3.GetObjectAclInput{Bucket: bucket, Key: key, VersionId: versions[0]}), 2)
	require.Len(t, grantsOf(t, client, &s3.GetObjectAclInput{Bucket: bucket, Key: key}), 1)
}

// TestObjectACLOfTheBucketOwner refuses ACLs where the bucket's owner owns everything,
// which is the default.
func TestObjectACLOfTheBucketOwner(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket, key := context.Background(), createBucket(t, client, ""), aws.String("a")
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, ACL: types.ObjectCannedACLPublicRead, Body: strings.NewReader("1")})
	require.ErrorContains(t, err, "AccessControlListNotSupported")
	_, err = srv.Store().Bucket("photos").Stat(ctx, "a", nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, ACL: types.ObjectCannedACLBucketOwnerFullControl, Body: strings.NewReader("1")})
	require.NoError(t, err)
	_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: key, ACL: types.ObjectCannedACLPublicRead})
	require.ErrorContains(t, err, "AccessControlListNotSupported")
	require.Equal(t, []string{fullControl}, grantsOf(t, client, &s3.GetObjectAclInput{Bucket: bucket, Key: key}))
}
