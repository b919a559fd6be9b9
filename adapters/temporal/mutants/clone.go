package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// copyModule copies a module without its tests, unless it was copied before.
func copyModule(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	// A copy that is not complete has another name.
	partial := to + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(partial, relative)
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case strings.HasSuffix(path, "_test.go") || !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return err
	}
	return os.Rename(partial, to)
}
