package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

// docs holds the comments of a package's exported types: under "Type" that of a
// type, under "Type.Field" that of a field. They are told to people who see no
// Go, so the name that a comment begins with is left out.
type docs map[string]string

// readDocs adds the comments of the package in dir.
func (d docs) read(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != dir:
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if types, ok := decl.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				d.readTypes(types)
			}
		}
		return nil
	})
}

func (d docs) readTypes(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		t := spec.(*ast.TypeSpec)
		doc := t.Doc
		if doc == nil {
			doc = decl.Doc
		}
		d[t.Name.Name] = told(t.Name.Name, doc)
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range s.Fields.List {
			comment := f.Doc
			if comment == nil {
				comment = f.Comment
			}
			for _, name := range f.Names {
				d[t.Name.Name+"."+name.Name] = told(name.Name, comment)
			}
		}
	}
}

var link = regexp.MustCompile(`\[([A-Z]\w*)\]`)

// told joins a comment on a name to one line: "Ack tells …" to "Tells …", "Beat
// is a …" to "A …".
func told(name string, c *ast.CommentGroup) string {
	words := strings.Fields(c.Text())
	if len(words) > 1 && words[0] == name {
		words = words[1:]
		if len(words) > 1 && words[0] == "is" {
			words = words[1:]
		}
		words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
	}
	return link.ReplaceAllString(strings.Join(words, " "), "$1")
}

// A limit is one constant of limits.go.
type limit struct {
	name, doc string
	value     constant.Value
}

// readLimits evaluates the constants of limits.go, in order.
func readLimits(path string) ([]limit, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	pkg, err := new(types.Config).Check("protocol", fset, []*ast.File{f}, nil)
	if err != nil {
		return nil, err
	}
	var out []limit
	for _, decl := range f.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			s := spec.(*ast.ValueSpec)
			doc := s.Doc
			if doc == nil {
				doc = s.Comment
			}
			if doc == nil && !constants.Lparen.IsValid() {
				doc = constants.Doc
			}
			for _, name := range s.Names {
				c, ok := pkg.Scope().Lookup(name.Name).(*types.Const)
				if !ok {
					return nil, fmt.Errorf("%s is no constant", name.Name)
				}
				out = append(out, limit{name.Name, told(name.Name, doc), c.Val()})
			}
		}
	}
	return out, nil
}
