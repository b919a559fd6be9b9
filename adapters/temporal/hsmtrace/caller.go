package hsmtrace

import (
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"go.temporal.io/server/service/history/hsm"
)

// Most calls of the program are usualDepth calls away from where their position is asked for, and none more than
// greatestDepth.
const (
	usualDepth    = 2
	greatestDepth = 6
)

// positions has the position of each call that was recorded, by its program counter.
var positions sync.Map

// callerOf returns where the program called the recorder, as JSON without the closing brace; nil where that is not found.
// That of the caller's caller is asked for first.
func callerOf() []byte {
	var counters [greatestDepth]uintptr
	for from, to := 0, usualDepth; from < greatestDepth; from, to = to, greatestDepth {
		for _, counter := range counters[from : from+runtime.Callers(3+from, counters[from:to])] {
			known, ok := positions.Load(counter)
			if !ok {
				known = positionAt(counter)
				positions.Store(counter, known)
			}
			if found := known.([]byte); found != nil {
				return found
			}
		}
	}
	return nil
}

// between are the packages between the program and the hsm package.
var between = [2]string{
	packageOf(runtime.FuncForPC(reflect.ValueOf(packageOf).Pointer()).Name()),
	packageOf(runtime.FuncForPC(reflect.ValueOf(hsm.NewRegistry).Pointer()).Name()),
}

// positionAt returns a position, nil if it is in one of the packages between, tests of theirs apart.
func positionAt(counter uintptr) []byte {
	frame, _ := runtime.CallersFrames([]uintptr{counter}).Next()
	of := packageOf(frame.Function)
	if (of == between[0] || of == between[1]) && !strings.HasSuffix(frame.File, "_test.go") {
		return nil
	}
	found := appendString([]byte(`{"file":`), fileIn(of, frame.File))
	return strconv.AppendInt(append(found, `,"line":`...), int64(frame.Line), 10)
}

// packageOf returns the import path of a function's package.
func packageOf(function string) string {
	folder, name := path.Split(function)
	name, _, _ = strings.Cut(name, ".")
	return strings.ReplaceAll(folder+name, "%2e", ".")
}

// fileIn returns the name of a file of a package, relative to the program's own module or else with the import path.
func fileIn(of, file string) string {
	info, _ := debug.ReadBuildInfo()
	if of == "main" && info != nil {
		of = info.Path
	}
	file = path.Base(filepath.ToSlash(file))
	if strings.HasSuffix(file, "_test.go") {
		of = strings.TrimSuffix(of, "_test")
	}
	file = path.Join(of, file)
	if info != nil && info.Main.Path != "" {
		file = strings.TrimPrefix(file, info.Main.Path+"/")
	}
	return file
}
