package bridge

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
)

// film is longer than one piece; its beginning is that of an MP3 with a title.
var film = append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff, 0xfb, 0x90, 0x00}, MediaPiece/4+1_000)...)

func mediaNeighbour(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "audio/mpeg")
	switch r.URL.Path {
	case "/long":
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(film))
	case "/whole":
		_, _ = w.Write(film[:1_000])
	case "/page":
		_, _ = w.Write([]byte("<!doctype html><script>alert(1)</script>"))
	case "/other":
		w.Header().Set("Content-Range", "bytes 7-9/10")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(film[:3])
	case "/huge":
		_, _ = w.Write(make([]byte, MediaWhole+1))
	}
}

// Sounds and films of declared hosts are played by pieces of a bounded size, whether or not their host has pieces.
func TestSoundsOfOtherHosts(t *testing.T) {
	town := newTown(t)
	town.reach(t, mediaNeighbour)
	play := func(path, part string) apptest.Answer {
		t.Helper()
		return town.client.Do("GET", town.launch.Remote+"?url="+town.neighbour+path, "", nil, map[string]string{"Range": part, "Sec-Fetch-Dest": "audio"})
	}
	first := play("/long", "bytes=0-")
	if first.Status != 206 || len(first.Body) != MediaPiece || first.Header.Get("Content-Type") != "audio/mpeg" ||
		first.Header.Get("Content-Range") != fmt.Sprintf("bytes 0-%d/%d", MediaPiece-1, len(film)) {
		t.Errorf("first piece: %d, %d bytes, %v", first.Status, len(first.Body), first.Header)
	}
	rest := play("/long", fmt.Sprintf("bytes=%d-", MediaPiece))
	if rest.Status != 206 || !bytes.Equal(append(bytes.Clone([]byte(first.Body)), rest.Body...), film) {
		t.Errorf("the pieces are not the whole: %d, %d bytes", rest.Status, len(rest.Body))
	}
	if got := play("/long", fmt.Sprintf("bytes=%d-", len(film))); got.Status != 416 {
		t.Errorf("past its end: %d", got.Status)
	}
	if got := play("/whole", "bytes=900-"); got.Status != 206 || len(got.Body) != 100 || got.Header.Get("Content-Range") != "bytes 900-999/1000" {
		t.Errorf("of a host without pieces: %d, %d bytes, %v", got.Status, len(got.Body), got.Header)
	}
	for path, code := range map[string]string{"/page": "no_media", "/other": "unreachable", "/huge": "answer_too_large"} {
		if got := play(path, "bytes=0-"); got.Code() != code {
			t.Errorf("%s: %d %s, want %s", path, got.Status, got.Code(), code)
		}
	}
	for _, part := range []string{"bytes=-5", "bytes=0-1,4-5", "bytes=x-", "bytes=99999999999999999999-"} {
		if got := play("/whole", part); part != "bytes=0-1,4-5" && got.Code() != "network_url" && got.Status != 416 && got.Status != 206 {
			t.Errorf("%s: %d %s", part, got.Status, got.Body)
		}
	}
	// What a page is sent to is nothing that shows or plays: it would carry words out in its address.
	if got := town.client.Do("GET", town.launch.Remote+"?url="+town.neighbour+"/whole", "", nil, map[string]string{"Sec-Fetch-Dest": "iframe"}); got.Code() != "no_picture" {
		t.Errorf("as a page: %d %s", got.Status, got.Body)
	}
}
