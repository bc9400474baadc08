package gateway

import (
	"context"
	"encoding/xml"
	"slices"
	"strings"

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

// accessControl is an ACL as XML has it.
type accessControl struct {
	XMLName xml.Name
	Owner   accountID
	Grants  []grant `xml:"AccessControlList>Grant"`
}

type accountID struct{ ID string }

type grant struct {
	Grantee    grantee
	Permission types.Permission
}

type grantee struct {
	Attrs        []xml.Attr `xml:",any,attr"`
	ID           string     `xml:",omitempty"`
	URI          string     `xml:",omitempty"`
	EmailAddress string     `xml:",omitempty"`
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

// String returns the ACL as XML.
func (a *accessControl) String() string {
	text, _ := xml.Marshal(a) // of strings
	return string(text)
}

// parse sets the grants to those of a document.
func (a *accessControl) parse(doc string) error {
	var given accessControl
	if err := xml.Unmarshal([]byte(doc), &given); err != nil || given.XMLName.Local != a.XMLName.Local || given.Owner.ID == "" {
		return s3err.GetAPIError(s3err.ErrMalformedACL)
	}
	if given.Owner.ID != a.Owner.ID {
		return s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	a.Grants = []grant{}
	for _, g := range given.Grants {
		who := newGrantee(g.Grantee.ID, g.Grantee.URI, g.Grantee.EmailAddress)
		if len(who.Attrs) == 0 || !slices.Contains(g.Permission.Values(), g.Permission) {
			return s3err.GetAPIError(s3err.ErrMalformedACL)
		}
		a.Grants = append(a.Grants, grant{who, g.Permission})
	}
	return nil
}

// newGrantee returns the grantee that has one of the names; without attributes if not
// exactly one is given.
func newGrantee(id, uri, email string) grantee {
	var kind types.Type
	switch g := (grantee{ID: id, URI: uri, EmailAddress: email}); {
	case id != "" && uri == "" && email == "":
		kind = types.TypeCanonicalUser
	case id == "" && uri != "" && email == "":
		kind = types.TypeGroup
	case id == "" && uri == "" && email != "":
		kind = types.TypeAmazonCustomerByEmail
	default:
		return g
	}
	return grantee{[]xml.Attr{
		{Name: xml.Name{Local: "xmlns:xsi"}, Value: "http://www.w3.org/2001/XMLSchema-instance"},
		{Name: xml.Name{Local: "xsi:type"}, Value: string(kind)},
	}, id, uri, email}
}

func ownerGrantee(id string) grantee { return newGrantee(id, "", "") }

func groupGrantee(name string) grantee {
	return newGrantee("", "http://acs.amazonaws.com/groups/global/"+name, "")
}

// cannedGrants returns the grants of a canned ACL. The owner of the bucket is that of
// its objects.
func cannedGrants(canned types.ObjectCannedACL, owner string) ([]grant, error) {
	grants := []grant{{ownerGrantee(owner), types.PermissionFullControl}}
	all, authenticated := groupGrantee("AllUsers"), groupGrantee("AuthenticatedUsers")
	switch canned {
	case types.ObjectCannedACLPrivate, types.ObjectCannedACLBucketOwnerRead, types.ObjectCannedACLBucketOwnerFullControl, types.ObjectCannedACLAwsExecRead:
	case types.ObjectCannedACLPublicRead:
		grants = append(grants, grant{all, types.PermissionRead})
	case types.ObjectCannedACLPublicReadWrite:
		grants = append(grants, grant{all, types.PermissionRead}, grant{all, types.PermissionWrite})
	case types.ObjectCannedACLAuthenticatedRead:
		grants = append(grants, grant{authenticated, types.PermissionRead})
	default:
		return nil, s3err.GetInvalidArgumentErr(s3err.InvalidArgCannedAcl, string(canned))
	}
	return grants, nil
}

// headerGrants returns the grants in the headers of a request, such as
// x-amz-grant-read: id="1", uri="2".
func headerGrants(ctx context.Context) (grants []grant) {
	for _, h := range []struct {
		name       string
		permission types.Permission
	}{
		{"X-Amz-Grant-Full-Control", types.PermissionFullControl},
		{"X-Amz-Grant-Read", types.PermissionRead},
		{"X-Amz-Grant-Read-Acp", types.PermissionReadAcp},
		{"X-Amz-Grant-Write", types.PermissionWrite},
		{"X-Amz-Grant-Write-Acp", types.PermissionWriteAcp},
	} {
		for field := range strings.SplitSeq(header(ctx, h.name), ",") {
			if field = strings.TrimSpace(field); field != "" {
				grants = append(grants, grant{parseGrantee(field), h.permission})
			}
		}
	}
	return grants
}

// parseGrantee returns the grantee that a header names; one without a kind is an id.
func parseGrantee(text string) grantee {
	kind, name, ok := strings.Cut(text, "=")
	name = strings.Trim(name, `"`)
	switch {
	case !ok:
		return newGrantee(text, "", "")
	case strings.EqualFold(kind, "uri"):
		return newGrantee("", name, "")
	case strings.EqualFold(kind, "emailAddress"):
		return newGrantee("", "", name)
	}
	return newGrantee(name, "", "")
}

// withACL adds the ACL that a request gives an object to its metadata.
func (s state) withACL(bucket string, metadata map[string]string) error {
	acl, err := s.givenACL(bucket, "")
	if acl != "" {
		metadata[metaACL] = acl
	}
	return err
}
