package snaptest

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuildArgs(t *testing.T) {
	tags := []debug.BuildSetting{{Key: "-race", Value: "true"}, {Key: "-tags", Value: "a,b"}}
	require.Equal(t, []string{"-tags=a,b", "example.com/m/pkg"}, buildArgs(&debug.BuildInfo{Path: "example.com/m/pkg.test", Settings: tags}))
	require.Equal(t, []string{"example.com/m"}, buildArgs(&debug.BuildInfo{Path: "example.com/m.test"}))
	require.Empty(t, buildArgs(&debug.BuildInfo{Path: "command-line-arguments.test"}))
	require.Empty(t, buildArgs(new(debug.BuildInfo)))
}
