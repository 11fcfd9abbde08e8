package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// sources are packages as the type checker sees them.
type sources struct {
	// uses are the functions and package variables that each one of these packages names, by full names.
	uses map[string][]string
	// methods are the full names of the methods of a name: what a call through an interface may reach.
	methods map[string][]string
	// roots are the methods of resources.
	roots []string
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string   `json:"ImportPath"`
	Dir        string   `json:"Dir"`
	GoFiles    []string `json:"GoFiles"`
	Export     string   `json:"Export"`
	DepOnly    bool     `json:"DepOnly"`
}

// load checks the types of packages. Those that they import come from the build cache.
func load(ctx context.Context, packages string) (*sources, error) {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export,DepOnly", packages)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	exports := map[string]string{}
	var own []listed
	for decoder := json.NewDecoder(&stdout); ; {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[one.ImportPath] = one.Export
		if !one.DepOnly {
			own = append(own, one)
		}
	}
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	framework, err := imports.Import(resourceInterface)
	if err != nil {
		return nil, err
	}
	resource, ok := framework.Scope().Lookup("Resource").Type().Underlying().(*types.Interface)
	if !ok {
		return nil, fmt.Errorf("%s.Resource is no interface", resourceInterface)
	}
	s := &sources{uses: map[string][]string{}, methods: map[string][]string{}}
	for _, one := range own {
		if err := s.check(one, files, imports, resource); err != nil {
			return nil, fmt.Errorf("%s: %w", one.ImportPath, err)
		}
	}
	return s, nil
}

func (s *sources) check(one listed, files *token.FileSet, imports types.Importer, resource *types.Interface) error {
	var parsed []*ast.File
	for _, name := range one.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(one.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: imports}
	checked, err := config.Check(one.ImportPath, files, parsed, info)
	if err != nil {
		return err
	}
	for _, file := range parsed {
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				s.add(info, declaration.Name, declaration)
				if declaration.Recv != nil {
					s.methods[declaration.Name.Name] = append(s.methods[declaration.Name.Name], fullName(info.Defs[declaration.Name]))
				}
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					if values, ok := spec.(*ast.ValueSpec); ok {
						for _, name := range values.Names {
							s.add(info, name, values)
						}
					}
				}
			}
		}
	}
	for _, name := range checked.Scope().Names() {
		defined, ok := checked.Scope().Lookup(name).(*types.TypeName)
		if !ok || !types.Implements(types.NewPointer(defined.Type()), resource) {
			continue
		}
		methods := types.NewMethodSet(types.NewPointer(defined.Type()))
		for i := range methods.Len() {
			s.roots = append(s.roots, fullName(methods.At(i).Obj()))
		}
	}
	return nil
}

// add notes what a declaration names.
func (s *sources) add(info *types.Info, name *ast.Ident, declaration ast.Node) {
	from := fullName(info.Defs[name])
	for node := range ast.Preorder(declaration) {
		if ident, ok := node.(*ast.Ident); ok {
			if to := fullName(info.Uses[ident]); to != "" {
				s.uses[from] = append(s.uses[from], to)
			}
			if called, ok := info.Uses[ident].(*types.Func); ok && isAbstract(called) {
				s.uses[from] = append(s.uses[from], anyMethod+called.Name())
			}
		}
	}
}

// anyMethod stands before the name of a method of an interface, whatever type has it.
const anyMethod = "any method "

func isAbstract(called *types.Func) bool {
	receiver := called.Signature().Recv()
	return receiver != nil && types.IsInterface(receiver.Type())
}

// fullName names a function or a package's variable; other things have none.
func fullName(object types.Object) string {
	switch object := object.(type) {
	case *types.Func:
		return object.Origin().FullName()
	case *types.Var:
		if object.Pkg() != nil && object.Parent() == object.Pkg().Scope() {
			return object.Pkg().Path() + "." + object.Name()
		}
	}
	return ""
}

// reachable are the names of all that can be called from the methods of resources.
func (s *sources) reachable() map[string]bool {
	reached := map[string]bool{}
	for queue := s.roots; len(queue) > 0; {
		name := queue[0]
		queue = queue[1:]
		if reached[name] {
			continue
		}
		reached[name] = true
		queue = append(queue, s.uses[name]...)
		if len(name) > len(anyMethod) && name[:len(anyMethod)] == anyMethod {
			queue = append(queue, s.methods[name[len(anyMethod):]]...)
		}
	}
	return reached
}
