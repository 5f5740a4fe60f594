package bench

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/cloudfiles"
)

const (
	fileBytes   = 100 << 10
	filesEach   = 25 // by each of those who upload at once
	filesAtOnce = 8
)

// files measures keeping a file of a program, durable before it is answered and counted against the quota, against
// PocketBase's file field, which leaves the bytes to the operating system.
func files(register Register) ([]Row, error) {
	var ours, peers []float64
	for range rounds {
		_, err := onServer(plazaStore, register, nil, func(s *server) (float64, error) {
			if err := fileSchema(s.app); err != nil {
				return 0, err
			}
			own, err := eachSecond(func(n int64) error { return keepFile(s.app, n) })
			if err != nil {
				return 0, err
			}
			peer, err := eachSecond(func(int64) error { return recordFile(s.app) })
			ours, peers = append(ours, own), append(peers, peer)
			return own, err
		})
		if err != nil {
			return nil, err
		}
	}
	own, peer := median(ours), median(peers)
	return []Row{atLeast("durable files of 100 KB kept for a program", own, "/s", fmt.Sprintf("PocketBase's file field, not synced, %.0f/s", peer), own/peer, 0.5)}, nil
}

func fileSchema(app core.App) error {
	pictures := core.NewBaseCollection("bench_pictures")
	pictures.Fields.Add(&core.FileField{Name: "picture", MaxSize: fileBytes * 2})
	return app.Save(pictures)
}

func keepFile(app core.App, n int64) error {
	who := cloudfiles.Caller{AppID: "bench", OpenID: "o", Rules: query.Schema{}.FileRules(), Reviewed: true, Now: time.Now()}
	_, err := cloudfiles.Put(context.Background(), app, who, fmt.Sprintf("pictures/%d.bin", n), bytes.NewReader(make([]byte, fileBytes)))
	return err
}

func recordFile(app core.App) error {
	pictures, err := app.FindCollectionByNameOrId("bench_pictures")
	if err != nil {
		return err
	}
	file, err := filesystem.NewFileFromBytes(make([]byte, fileBytes), "picture.bin")
	if err != nil {
		return err
	}
	record := core.NewRecord(pictures)
	record.Set("picture", file)
	return app.Save(record)
}

// eachSecond runs it filesEach times at filesAtOnce places and says how often a second that was.
func eachSecond(run func(n int64) error) (float64, error) {
	var group sync.WaitGroup
	var next atomic.Int64
	var failure atomic.Pointer[error]
	began := time.Now()
	for range filesAtOnce {
		group.Go(func() {
			for range filesEach {
				if err := run(next.Add(1)); err != nil {
					failure.Store(&err)
					return
				}
			}
		})
	}
	group.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return float64(filesEach*filesAtOnce) / time.Since(began).Seconds(), nil
}
