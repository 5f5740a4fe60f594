package check

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"

	"plaza.internal/plaza/internal/confined"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

const (
	workerArgument = "plaza-check-worker"
	workerMarker   = "PLAZA_CHECK_WORKER" // in the environment of a worker until Main has run

	memoryLimit    = 640 << 20 // of one worker's data, by the system
	softMemory     = 256 << 20 // from here on the collector works hard
	gcPercent      = 300       // a package is short work: collecting seldom costs memory that is there
	maxStack       = 128 << 20 // of one Go stack: parsers recurse
	maxCPUSeconds  = 1_200     // of a worker's whole life; the parent ends it long before
	maxDescriptors = 64
	maxBundle      = 96 << 20  // the file that a worker may write
	retireHeap     = 160 << 20 // a worker whose heap stays larger than this takes no other package

	// deadline is how long one package may take; the parent ends the process a moment later.
	deadline = 30 * time.Second
	// maxFrame bounds a job and an answer: a report is below maxReport, and JSON may write signs in six.
	maxFrame = 8 << 20
)

// Main serves and exits when this process was started as a compile worker, and does nothing otherwise. Call it
// first thing in main and in TestMain.
func Main() {
	if len(os.Args) != 4 || os.Args[1] != workerArgument {
		return
	}
	memory, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err == nil {
		err = confined.Enter(confined.Limits{
			MemoryBytes: memory, FileBytes: maxBundle, Descriptors: maxDescriptors, CPUSeconds: maxCPUSeconds,
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "check worker:", err)
		os.Exit(1)
	}
	os.Clearenv()
	debug.SetMemoryLimit(min(softMemory, memory/2))
	debug.SetGCPercent(gcPercent)
	debug.SetMaxStack(maxStack)
	// Whatever a library prints must not get between two frames.
	out := os.Stdout
	os.Stdout = os.Stderr
	if err := serve(os.Stdin, out, os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "check worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// job is what a worker is asked.
type job struct {
	Path   string `json:"path"`
	AppID  string `json:"appid"`
	Policy Policy `json:"policy"`
	Out    string `json:"out"`
}

// answer is what it says: a report, or the code of a refusal.
type answer struct {
	Report  Report         `json:"report"`
	Code    string         `json:"code,omitempty"`
	Details map[string]any `json:"details,omitempty"`
	Failure string         `json:"failure,omitempty"` // of the machine, not of the package
	Retire  bool           `json:"retire,omitempty"`
}

// serve takes jobs until the parent closes the pipe.
func serve(in io.Reader, out io.Writer, cacheDir string) error {
	compiler, err := weapp.New(context.Background(), weapp.Options{CacheDir: cacheDir, Timeout: deadline, Parallel: 1})
	if err != nil {
		// A cache that cannot be used costs time and nothing else.
		if compiler, err = weapp.New(context.Background(), weapp.Options{Timeout: deadline, Parallel: 1}); err != nil {
			return err
		}
	}
	reader := bufio.NewReader(in)
	for {
		var j job
		if err := readFrame(reader, &j); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		said := j.do(compiler)
		// The memory goes back before the answer, so that "idle" means small.
		runtime.GC()
		debug.FreeOSMemory()
		said.Retire = said.Retire || heapBytes() > retireHeap
		if err := writeFrame(out, said); err != nil {
			return err
		}
	}
}

// do checks one package. A panic ends this worker after the answer: what it left behind is not known.
func (j job) do(compiler *weapp.Compiler) (said answer) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(os.Stderr, "check worker: %v\n%s", cause, debug.Stack())
			said = answer{Code: ErrFailed.Code, Retire: true}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	report, contents, err := inspect(ctx, compiler, j.Path, j.AppID, j.Policy)
	if err == nil && j.Out != "" && contents != nil {
		report.BundleHash, report.BundleSize, err = writeBundle(j.Out, contents)
	}
	if err == nil {
		return answer{Report: report}
	}
	var no *refusal.Refusal
	if errors.As(err, &no) {
		return answer{Code: no.Code, Details: no.Details}
	}
	return answer{Failure: err.Error()}
}

func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// A frame is 4 bytes with the length of what follows, big endian, and JSON.

var errFrame = errors.New("check: frame over its cap")

func writeFrame(w io.Writer, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("check frame: %w", err)
	}
	if len(body) > maxFrame {
		return errFrame
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))), body...))
	return err
}

// readFrame takes one frame. Nothing that the other side claims makes it allocate more than maxFrame.
func readFrame(r io.Reader, value any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxFrame {
		return errFrame
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	return json.Unmarshal(body, value)
}
