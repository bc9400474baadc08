package gateway

import (
	"context"
	"encoding/xml"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
)

// The ACLs of objects are kept and given back. The layer judges requests by the
// bucket's ACL and policy only.

func (g *gateway) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	s := g.read(ctx)
	o, err := s.require(*in.Bucket, *in.Key, argument(ctx, "versionId"))
	if err != nil {
		return nil, apiError(err)
	}
	acl := o.Metadata[metaACL]
	if acl == "" || s.ownership(*in.Bucket) == types.ObjectOwnershipBucketOwnerEnforced {
		acl = s.acl(*in.Bucket, nil).String()
	}
	tell(ctx, ObjectACL, acl)
	return &s3.GetObjectAclOutput{}, nil
}

func (g *gateway) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) error {
	return g.update(ctx, func(s state) error {
		o, err := s.require(*in.Bucket, *in.Key, argument(ctx, "versionId"))
		if err != nil {
			return err
		}
		acl, err := s.givenACL(*in.Bucket, body(ctx))
		if err != nil {
			return err
		}
		if acl == "" {
			return s3err.GetAPIError(s3err.ErrMissingSecurityHeader)
		}
		metadata := cloneMetadata(o)
		metadata[metaACL] = acl
		return s.setMetadata(o, metadata)
	})
}

// ownership returns who owns the objects of a bucket, empty if it says nothing.
func (s state) ownership(bucket string) types.ObjectOwnership {
	doc, _ := s.document(bucket, docOwnership)
	return types.ObjectOwnership(doc)
}

// givenACL returns the ACL that a request gives an object by a document or by headers,
// empty if it gives none.
func (s state) givenACL(bucket, doc string) (string, error) {
	canned := types.ObjectCannedACL(header(s.ctx, "X-Amz-Acl"))
	grants := headerGrants(s.ctx)
	switch {
	case doc == "" && canned == "" && len(grants) == 0:
		return "", nil
	case doc != "" && (canned != "" || len(grants) > 0):
		return "", s3err.GetAPIError(s3err.ErrUnexpectedContent)
	case canned != "" && len(grants) > 0:
		return "", s3err.GetAPIError(s3err.ErrBothCannedAndHeaderGrants)
	case s.ownership(bucket) != types.ObjectOwnershipBucketOwnerEnforced:
	case canned == types.ObjectCannedACLBucketOwnerFullControl:
		return "", nil
	default:
		return "", s3err.GetAPIError(s3err.ErrAclNotSupported)
	}
	acl := s.acl(bucket, grants)
	var err error
	switch {
	case doc != "":
		err = acl.parse(doc)
	case canned != "":
		acl.Grants, err = cannedGrants(canned, acl.Owner.ID)
	}
	return acl.String(), err
}

// acl returns an ACL of an object of the bucket. Without grants, its owner may do
// everything.
func (s state) acl(bucket string, grants []grant) *accessControl {
	owner := s.ownerOf(bucket)
	if grants == nil {
		grants = []grant{{ownerGrantee(owner), types.PermissionFullControl}}
	}
	name := xml.Name{Space: "http://s3.amazonaws.com/doc/2006-03-01/", Local: "AccessControlPolicy"}
	return &accessControl{name, accountID{owner}, grants}
}

// withHeaders adds to an object's metadata what the protocol layer does not pass on of
// a request's headers: an ACL and encryption.
func (s state) withHeaders(bucket string, metadata map[string]string) error {
	acl, err := s.givenACL(bucket, "")
	if err != nil {
		return err
	}
	if acl != "" {
		metadata[metaACL] = acl
	}
	return withEncryption(s.ctx, metadata)
}
