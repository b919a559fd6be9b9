package hsmtrace

import (
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"go.temporal.io/server/service/history/hsm"
)

const (
	// module is the module that the hsm package is part of.
	module = "go.temporal.io/server"
	// unknown is the version where it is not known.
	unknown = "unknown"
)

// A required is the version of the hsm package's module, and what it was replaced by: another module with its version, or
// the name of a folder.
type required struct{ version, replaced string }

// version returns the version of the hsm package's module. Programs know those of their modules, but tests only where
// their sources were.
var version = sync.OnceValue(func() required {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return requiredBy(dependency)
			}
		}
	}
	source, _ := runtime.FuncForPC(reflect.ValueOf(hsm.NewRegistry).Pointer()).FileLine(0)
	return requiredAt(filepath.ToSlash(source))
})

func requiredBy(dependency *debug.Module) required {
	found := required{version: dependency.Version}
	if replaced := dependency.Replace; replaced != nil {
		found.replaced = path.Base(filepath.ToSlash(replaced.Path))
		if replaced.Version != "" {
			found.replaced = replaced.Path + "@" + replaced.Version
		}
	}
	return found
}

var (
	requirement = regexp.MustCompile(`(?m)^(?:require)?\s*` + regexp.QuoteMeta(module) + `\s+(v\S+)`)
	vendored    = regexp.MustCompile(`(?m)^# ` + regexp.QuoteMeta(module) + ` (v\S+)(?: => (\S+)(?: (v\S+))?)?$`)
	versioned   = regexp.MustCompile(`([^/]+\.[^/]+/(?:[^@]*/)?[^/@]+)@(v[^/]+)/service/history/hsm/`)
)

// read returns the content of a file, nothing if it cannot be read.
func read(file string) string {
	content, _ := os.ReadFile(file)
	return string(content)
}

// requiredAt returns what is known by where a source of the hsm package is, and by the program's go.mod.
func requiredAt(source string) required {
	folder, _, _ := strings.Cut(source, "/service/history/hsm/")
	if _, after, ok := strings.Cut(folder, module+"@"); ok {
		return required{version: after}
	}
	if vendor, ok := strings.CutSuffix(folder, "/"+module); ok {
		if found := vendored.FindStringSubmatch(read(vendor + "/modules.txt")); found != nil {
			replaced := found[2]
			if found[3] != "" {
				replaced += "@" + found[3]
			} else if replaced != "" {
				replaced = path.Base(replaced)
			}
			return required{found[1], replaced}
		}
	}
	found := required{version: unknown, replaced: path.Base(folder)}
	if _, inCache, ok := strings.Cut(source, "/pkg/mod/"); ok {
		source = inCache
	}
	if other := versioned.FindStringSubmatch(source); other != nil {
		found.replaced = unescaped.ReplaceAllStringFunc(other[1], func(letter string) string {
			return strings.ToUpper(letter[1:])
		}) + "@" + other[2]
	}
	for at, _ := os.Getwd(); ; at = filepath.Dir(at) { // From the folder of the package that is tested.
		if required := requirement.FindStringSubmatch(read(filepath.Join(at, "go.mod"))); required != nil {
			found.version = required[1]
		}
		if found.version != unknown || at == filepath.Dir(at) {
			return found
		}
	}
}

// unescaped are letters that were in upper case before they became part of a path in the module cache.
var unescaped = regexp.MustCompile(`![a-z]`)
