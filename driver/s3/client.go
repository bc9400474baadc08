package s3driver

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
)

// defaultRegion is the region of an endpoint for which none is given. Most services
// other than Amazon's have only one.
const defaultRegion = "us-east-1"

// newClient returns a client with the configuration of the environment, of which the
// settings replace a part. It logs nothing.
func newClient(ctx context.Context, s *settings) (*s3.Client, error) {
	load := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}),
		config.WithRegion(s.region),
		config.WithSharedConfigProfile(s.profile),
		config.WithRequestChecksumCalculation(s.requestChecksum),
		config.WithResponseChecksumValidation(s.responseChecksum),
	}
	if s.anonymous {
		load = append(load, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(cfg, s.apply)
	if client.Options().Region == "" {
		return nil, errors.New("no region: give the parameter region, or set AWS_REGION")
	}
	return client, nil
}

// apply sets the options that are those of S3 alone.
func (s *settings) apply(o *s3.Options) {
	o.UsePathStyle = o.UsePathStyle || s.pathStyle
	o.EndpointOptions.DisableHTTPS = s.insecure
	if s.endpoint != "" {
		o.BaseEndpoint = aws.String(s.url())
	}
	if o.Region == "" && o.BaseEndpoint != nil {
		o.Region = defaultRegion
	}
}

// url returns the endpoint as a URL.
func (s *settings) url() string {
	switch {
	case strings.Contains(s.endpoint, "://"):
		return s.endpoint
	case s.insecure:
		return "http://" + s.endpoint
	}
	return "https://" + s.endpoint
}

// isAmazon reports whether the client's service is sure to be Amazon S3. A client with a
// resolver of its own may be one of any service.
func isAmazon(client *s3.Client) bool {
	o := client.Options()
	if reflect.TypeOf(o.EndpointResolverV2) != reflect.TypeOf(s3.NewDefaultEndpointResolverV2()) {
		return false
	}
	if o.BaseEndpoint == nil {
		return true
	}
	u, err := url.Parse(*o.BaseEndpoint)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
}
