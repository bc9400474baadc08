package s3driver_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"open-lake.dev/lib/storage"
	s3driver "open-lake.dev/lib/storage/driver/s3"
)

// A program that imports the driver opens stores by data source names.
func Example() {
	ctx := context.Background()
	st, err := storage.Open(ctx, "s3://my-bucket?region=eu-west-1&prefix=app/")
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	photos := st.Bucket("photos") // the keys in S3 begin with app/photos/
	if _, err := storage.WriteAll(ctx, photos, "2026/cat.jpg", []byte("meow"), "image/jpeg", nil); err != nil {
		log.Fatal(err)
	}
	url, err := photos.SignedURL(ctx, "2026/cat.jpg", http.MethodGet, time.Hour, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(url)
}

// A misspelt parameter is an error.
func Example_misspelt() {
	_, err := storage.Open(context.Background(), "s3://my-bucket?regoin=eu-west-1")
	fmt.Println(err)
	// Output: storage: open: invalid argument: data source name of s3: unknown parameter "regoin"; did you mean "region"?
}

// Open takes a client that is configured in any way.
func ExampleOpen() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("eu-west-1"), config.WithRetryMaxAttempts(5))
	if err != nil {
		log.Fatal(err)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UseAccelerate = true })
	st, err := s3driver.Open(ctx, client, s3driver.Config{Bucket: "my-bucket", Prefix: "app/"})
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	fmt.Println(storage.LimitsOf(st).MinPart, st.Features()[storage.FeatureSignedURL])
	// Output: 5242880 true
}
