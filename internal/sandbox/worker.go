package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"

	"plaza.internal/plaza/internal/confined"
)

const (
	workerArgument = "plaza-sandbox-worker"
	maxCPUSeconds  = 300 // of a worker's whole life; the parent ends it long before
	maxDescriptors = 32
	softMemory     = 96 << 20 // from here on the collector works hard; the hard limit is the parent's option
	maxStack       = 64 << 20 // of the Go stack: native functions that call each other through JavaScript
	gcPercent      = 400      // a worker's heap is small, so collecting seldom costs little memory
	retireHeap     = 48 << 20 // a worker whose heap stays larger than this does not take another call
)

// Main serves and exits when this process was started as a worker, and does nothing otherwise. Call it first
// thing in main and in TestMain.
func Main() {
	if len(os.Args) != 3 || os.Args[1] != workerArgument {
		return
	}
	memory, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err == nil {
		err = confined.Enter(confined.Limits{MemoryBytes: memory, Descriptors: maxDescriptors, CPUSeconds: maxCPUSeconds})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox worker:", err)
		os.Exit(1)
	}
	os.Clearenv()
	debug.SetMemoryLimit(min(softMemory, memory/2))
	debug.SetGCPercent(gcPercent)
	debug.SetMaxStack(maxStack)
	// Whatever a library prints must not get between two frames.
	out := os.Stdout
	os.Stdout = os.Stderr
	serve(os.Stdin, out)
	os.Exit(0)
}

// server is the loop of a worker: it keeps compiled programs, and nothing else, from call to call.
type server struct {
	in       *bufio.Reader
	out      io.Writer
	programs map[string]*program
}

// serve takes frames until the parent closes the pipe.
func serve(in io.Reader, out io.Writer) {
	s := &server{in: bufio.NewReaderSize(in, 32<<10), out: out, programs: map[string]*program{}}
	for {
		f, err := read(s.in)
		if err != nil {
			return
		}
		if err := s.handle(f); err != nil {
			fmt.Fprintln(os.Stderr, "sandbox worker:", err)
			os.Exit(1)
		}
	}
}

func (s *server) handle(f frame) error {
	switch f.kind {
	case kindLoad:
		var load loadHeader
		if err := json.Unmarshal(f.header, &load); err != nil {
			return err
		}
		s.programs[load.Program] = newProgram(load.Modules)
		return nil
	case kindCall:
		var call callHeader
		if err := json.Unmarshal(f.header, &call); err != nil {
			return err
		}
		program := s.programs[call.Program]
		if program == nil {
			return fmt.Errorf("no program %q", call.Program)
		}
		run := newRun(program, call, s.ask)
		value, done := run.main(f.body)
		done.Logs = run.console.lines
		done.Retire = done.Retire || heapBytes() > retireHeap
		return write(s.out, kindDone, done, value)
	}
	return fmt.Errorf("frame of kind %q", f.kind)
}

// ask sends what a function asks for and waits for the answer. What it asked for may be another function: that one
// runs meanwhile, in a runtime of its own.
func (s *server) ask(kind byte, name string, args []byte) (answerHeader, []byte, error) {
	if err := write(s.out, kind, askHeader{Method: name}, args); err != nil {
		return answerHeader{}, nil, err
	}
	for {
		f, err := read(s.in)
		if err != nil {
			return answerHeader{}, nil, err
		}
		if f.kind != kindAnswer {
			if err := s.handle(f); err != nil {
				return answerHeader{}, nil, err
			}
			continue
		}
		var answer answerHeader
		err = json.Unmarshal(f.header, &answer)
		return answer, f.body, err
	}
}

func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
