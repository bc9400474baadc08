package drivertest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository is the directory of the root package, whose comment lists the rules.
const repository = "../.."

// contractRules returns the numbers of the rules in the root's package comment.
func contractRules(t *testing.T) map[string]bool {
	text, err := os.ReadFile(filepath.Join(repository, "doc.go"))
	require.NoError(t, err)
	rules := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^//   - ([A-Z]\d): `).FindAllStringSubmatch(string(text), -1) {
		assert.False(t, rules[m[1]], "doc.go lists %s twice", m[1])
		rules[m[1]] = true
	}
	require.Greater(t, len(rules), 30, "doc.go lists the rules, each as //   - K1: …")
	return rules
}

// TestCasesAndRules: every case is named after a rule, and every rule has a case.
func TestCasesAndRules(t *testing.T) {
	rules := contractRules(t)
	used, seen := make(map[string]bool), make(map[string]bool)
	for _, c := range (Config{ExactKeys: true}).cases() {
		assert.False(t, seen[c.name], "two cases are named %s", c.name)
		rule, rest, _ := strings.Cut(c.name, "_")
		used[rule], seen[c.name] = true, true
		assert.True(t, rules[rule] || rule == "E" || rule == "Trap", "%s: doc.go lists no rule %s", c.name, rule)
		assert.NotEmpty(t, rest, "%s: the name says what is checked", c.name)
	}
	for rule := range rules {
		assert.True(t, used[rule], "%s has no case", rule)
	}
}

// citation is a rule's number in a text.
var citation = regexp.MustCompile(`\b[KBOLDMSCF]\d\b`)

// TestCitedRulesExist looks at the comments of every Go file, and at the texts that
// begin with a number, as messages of the cases do.
func TestCitedRulesExist(t *testing.T) {
	rules := contractRules(t)
	cited := func(pos token.Position, text string) {
		for _, rule := range citation.FindAllString(text, -1) {
			assert.True(t, rules[rule], "%s cites %s, which doc.go does not list", pos, rule)
		}
	}
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range f.Comments {
			cited(files.Position(group.Pos()), group.Text())
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if at := citation.FindStringIndex(lit.Value); at != nil && at[0] == 1 && strings.HasPrefix(lit.Value[at[1]:], ": ") {
					cited(files.Position(lit.Pos()), lit.Value[1:at[1]])
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
}
