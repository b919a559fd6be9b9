package protocol

import (
	"bufio"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// A Greeting is how an adapter introduces its implementation.
type Greeting struct {
	Name         string
	Version      string
	Language     string
	Capabilities []string
	// Dialect is the wire dialect of the persisted form.
	Dialect string
}

// readSize is the size of the input buffer; longer lines are put together from several reads.
const readSize = 1 << 20

// Main serves on standard input and output until the input ends.
func Main(greeting Greeting, newWorld func(*Observer) World) {
	// Nearly all garbage is the small worlds of finished programs: collecting less often costs little memory.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if err := Serve(os.Stdin, os.Stdout, greeting, newWorld); err != nil {
		os.Stderr.WriteString("adapter: " + err.Error() + "\n")
		os.Exit(1)
	}
}

// Serve answers each line of input with one of output, in order, until the input ends.
func Serve(input io.Reader, output io.Writer, greeting Greeting, newWorld func(*Observer) World) error {
	s := newServer(greeting, newWorld)
	lines := bufio.NewReaderSize(input, readSize)
	var long []byte
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if len(long) > 0 {
			long = append(long, line...)
			line = long
		}
		if err == nil || len(line) > 0 {
			if _, err := output.Write(s.answer(strings.TrimSuffix(string(line), "\n"))); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		long = long[:0]
	}
}

type server struct {
	greeting Greeting
	world    World
	observer Observer
	decoder  decoder
	request  request
	out      []byte
}

func newServer(greeting Greeting, newWorld func(*Observer) World) *server {
	s := &server{greeting: greeting}
	s.world = newWorld(&s.observer)
	s.observer.world = s.world
	s.decoder.transactions = slices.Contains(greeting.Capabilities, "transactions")
	return s
}

// answer returns the response to a request line; it is valid until the next call.
func (s *server) answer(line string) []byte {
	s.decoder.request(line, &s.request)
	s.out = append(s.out[:0], '{')
	switch {
	case s.decoder.failure != "":
		s.refuse(s.decoder.failure)
	case !s.request.greeting:
		s.run()
	case s.request.hello == Version:
		s.greet()
	default:
		s.refuse("the adapter speaks version 1 of the protocol only")
	}
	s.out = append(s.out, '}', '\n')
	return s.out
}

func (s *server) seq() {
	s.out = append(s.out, `"seq":`...)
	s.out = AppendInt(s.out, s.request.seq)
	s.out = append(s.out, ',')
}

func (s *server) refuse(reason string) {
	if s.request.numbered {
		s.seq()
	}
	s.out = append(s.out, `"protocol_error":`...)
	s.out = appendValid(s.out, reason)
}

func (s *server) greet() {
	s.seq()
	s.out = append(s.out, `"hello":{"protocol":`...)
	s.out = AppendInt(s.out, Version)
	s.member("name", s.greeting.Name)
	s.member("version", s.greeting.Version)
	s.member("language", s.greeting.Language)
	s.out = append(s.out, `,"capabilities":`...)
	s.out = AppendList(s.out, s.greeting.Capabilities, AppendString)
	s.member("dialect", s.greeting.Dialect)
	s.out = append(s.out, '}')
}

func (s *server) member(name, value string) {
	s.out = append(s.out, ',')
	s.out = AppendString(s.out, name)
	s.out = append(s.out, ':')
	s.out = AppendString(s.out, value)
}

func (s *server) run() {
	s.seq()
	s.out = append(s.out, `"observations":`...)
	s.out = AppendList(s.out, s.request.programs, s.program)
}

// program runs a program in a fresh world and appends its observations.
func (s *server) program(out []byte, ops []Operation) []byte {
	s.world.Reset()
	return s.observer.program(out, ops)
}
