package gateway

import (
	"context"
	"encoding/xml"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
)

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
