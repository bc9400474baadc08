package engine

import (
	"errors"
	"fmt"
)

// Match returns an error of a service as one that matches a sentinel of package storage,
// too. It returns err itself if that matches already, or if the sentinel is nil.
func Match(sentinel, err error) error {
	if sentinel == nil || errors.Is(err, sentinel) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}
