package storage_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

// TestOptionsOfIsDocumented compares OptionsOf with the comments of the methods.
func TestOptionsOfIsDocumented(t *testing.T) {
	for op, documented := range documentedOptions() {
		taken := storage.OptionsOf(op)
		slices.Sort(taken)
		assert.Equal(t, documented, taken, op)
		for _, key := range taken {
			assert.Contains(t, optionKinds, key)
		}
	}
}

// TestEveryOptionIsTaken: a constant that no operation takes, or that has no type, has
// been forgotten.
func TestEveryOptionIsTaken(t *testing.T) {
	taken := make(map[string]bool)
	for op := range documentedOptions() {
		for _, key := range storage.OptionsOf(op) {
			taken[key] = true
		}
	}
	for name, key := range optionKeys(parsed("options.go")) {
		assert.True(t, taken[key], "no operation takes %s", name)
		assert.ErrorContains(t, storage.Options{key: struct{}{}}.Validate("buckets"), "takes no option", "%s has a type", name)
	}
}

var (
	optionName = regexp.MustCompile(`Opt[A-Z]\w+`)
	optionList = regexp.MustCompile(`Options: .*`)
)

// documentedOptions returns the options that the comment of every method with
// options lists, by the name of the operation.
func documentedOptions() map[string][]string {
	files := parsed("storage.go", "directory.go", "multipart.go", "uploads.go", "options.go")
	keys := optionKeys(files)
	conditions := []string{storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince}
	options := make(map[string][]string)
	for _, m := range methodsWithOptions(files) {
		list := optionList.FindString(m.doc)
		var taken []string
		for _, name := range optionName.FindAllString(list, -1) {
			taken = append(taken, keys[name])
		}
		if strings.Contains(list, "the conditions") {
			taken = append(taken, conditions...)
		}
		slices.Sort(taken)
		options[m.op] = taken
	}
	options["move"] = options["copy"] // "Options as for Copy."
	return options
}

func parsed(names ...string) []*ast.File {
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		files = append(files, f)
	}
	return files
}

// optionKeys returns the values of the constants Opt….
func optionKeys(files []*ast.File) map[string]string {
	keys := make(map[string]string)
	inspect(files, func(n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Opt") {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				keys[spec.Names[0].Name], _ = strconv.Unquote(value.Value)
			}
		}
	})
	return keys
}

// method is a method of an interface: the name of its operation, and its comment in
// one line.
type method struct{ op, doc string }

// methodsWithOptions returns the methods of interfaces whose last parameter is opts.
func methodsWithOptions(files []*ast.File) []method {
	var methods []method
	inspect(files, func(n ast.Node) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return
		}
		iface, ok := spec.Type.(*ast.InterfaceType)
		if !ok {
			return
		}
		for _, m := range iface.Methods.List {
			params := m.Type.(*ast.FuncType).Params.List
			if len(params) == 0 || len(params[len(params)-1].Names) == 0 || params[len(params)-1].Names[0].Name != "opts" {
				continue
			}
			op := strings.ToLower(m.Names[0].Name)
			if spec.Name.Name == "Directory" {
				op = "directory." + op
			}
			methods = append(methods, method{op, strings.Join(strings.Fields(m.Doc.Text()), " ")})
		}
	})
	return methods
}

func inspect(files []*ast.File, visit func(ast.Node)) {
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool { visit(n); return true })
	}
}
