package nearby

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // formats that photos may come in
	"image/jpeg"
	_ "image/png" // …
	"slices"
	"time"

	"github.com/disintegration/imaging"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/ledger"
)

const (
	// photoPixels is how many pixels a photo may have when it comes: what a phone takes.
	photoPixels = 40_000_000
	// photoSide is the longest side of a photo as it is kept.
	photoSide    = 1_600
	photoQuality = 82
	// photosAtOnce is how many photos are drawn at a time: each may take 160 MB while it is.
	photosAtOnce = 2
	photosKey    = "plaza.nearby.photos"
)

// photoURL is where a photo is.
func photoURL(id string) string { return "/api/nearby/photos/" + id }

// photosOf is the photos of a listing, in order.
func photosOf(app core.App, listing string) ([]Photo, error) {
	out := []Photo{}
	var rows []struct {
		ID     string `db:"id"`
		Width  int    `db:"width"`
		Height int    `db:"height"`
	}
	if err := app.DB().NewQuery("SELECT id, width, height FROM nearby_photos WHERE listing = {:listing} ORDER BY position, id").
		Bind(dbx.Params{"listing": listing}).All(&rows); err != nil {
		return nil, fmt.Errorf("photos: %w", err)
	}
	for _, row := range rows {
		out = append(out, Photo{ID: row.ID, URL: photoURL(row.ID), Width: row.Width, Height: row.Height})
	}
	return out, nil
}

// redraw makes a picture that is nothing but a picture: upright, no larger than needed, and without what cameras write
// beside it, such as where it was taken.
func redraw(app core.App, content []byte) (drawn []byte, size image.Point, err error) {
	head, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || head.Width < 1 || head.Height < 1 || head.Width > photoPixels/head.Height {
		return nil, size, ErrBadPhoto
	}
	turn := app.Store().GetOrSet(photosKey, func() any { return make(chan struct{}, photosAtOnce) }).(chan struct{})
	turn <- struct{}{}
	defer func() { <-turn }()
	picture, err := imaging.Decode(bytes.NewReader(content), imaging.AutoOrientation(true))
	if err != nil {
		return nil, size, ErrBadPhoto
	}
	picture = imaging.Fit(picture, photoSide, photoSide, imaging.Linear)
	flat := imaging.New(picture.Bounds().Dx(), picture.Bounds().Dy(), image.White.C)
	flat = imaging.Overlay(flat, picture, image.Pt(0, 0), 1)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: photoQuality}); err != nil {
		return nil, size, fmt.Errorf("draw photo: %w", err)
	}
	return out.Bytes(), flat.Bounds().Size(), nil
}

// AddPhoto puts a photo after the others of a listing.
func AddPhoto(app core.App, user *core.Record, id string, content []byte, now time.Time) (Photo, error) {
	l, err := byID(app, id)
	if err != nil {
		return Photo{}, err
	}
	if err := mayManage(app, user, l); err != nil { // before any work, and again below
		return Photo{}, err
	}
	drawn, size, err := redraw(app, content)
	if err != nil {
		return Photo{}, err
	}
	var made *core.Record
	err = ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(tx, user, l); err != nil {
			return err
		}
		var count, last int
		if err := tx.DB().NewQuery("SELECT count(*), COALESCE(MAX(position), 0) FROM nearby_photos WHERE listing = {:id}").
			Bind(dbx.Params{"id": id}).Row(&count, &last); err != nil {
			return err
		}
		if count >= PhotosLimit {
			return ErrTooManyPhotos
		}
		file, err := filesystem.NewFileFromBytes(drawn, "photo.jpg")
		if err != nil {
			return err
		}
		collection, err := tx.FindCachedCollectionByNameOrId("nearby_photos")
		if err != nil {
			return err
		}
		made = core.NewRecord(collection)
		made.Load(map[string]any{"listing": id, "position": last + 1, "width": size.X, "height": size.Y})
		made.Set("image", file)
		if err := tx.Save(made); err != nil {
			return fmt.Errorf("keep photo: %w", err)
		}
		return ledger.Audit(tx, user.Id, "nearby.photo.add", id, map[string]any{"photo": made.Id}, now)
	})
	if err != nil {
		return Photo{}, err
	}
	return Photo{ID: made.Id, URL: photoURL(made.Id), Width: size.X, Height: size.Y}, nil
}

// RemovePhoto takes a photo away.
func RemovePhoto(app core.App, user *core.Record, id, photo string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(tx, user, l); err != nil {
			return err
		}
		record, err := tx.FindFirstRecordByFilter("nearby_photos", "id = {:id} && listing = {:listing}", dbx.Params{"id": photo, "listing": id})
		if err != nil {
			return ErrPhotoUnknown
		}
		if err := tx.Delete(record); err != nil {
			return fmt.Errorf("remove photo: %w", err)
		}
		return ledger.Audit(tx, user.Id, "nearby.photo.remove", id, map[string]any{"photo": photo}, now)
	})
}

// OrderPhotos puts the photos of a listing in an order, which must name each of them once.
func OrderPhotos(app core.App, user *core.Record, id string, order []string, now time.Time) ([]Photo, error) {
	err := ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(tx, user, l); err != nil {
			return err
		}
		photos, err := photosOf(tx, id)
		if err != nil {
			return err
		}
		known := make([]string, len(photos))
		for i, p := range photos {
			known[i] = p.ID
		}
		given := slices.Clone(order)
		slices.Sort(known)
		slices.Sort(given)
		if !slices.Equal(known, given) {
			return ErrPhotoUnknown
		}
		for i, photo := range order {
			if _, err := tx.NonconcurrentDB().Update("nearby_photos", dbx.Params{"position": i + 1}, dbx.HashExp{"id": photo}).Execute(); err != nil {
				return fmt.Errorf("order photos: %w", err)
			}
		}
		return ledger.Audit(tx, user.Id, "nearby.photo.order", id, order, now)
	})
	if err != nil {
		return nil, err
	}
	return photosOf(app, id)
}

// photoFile is the record of a photo. That of a hidden listing is no secret: its merchant still looks at it.
func photoFile(app core.App, id string) (*core.Record, error) {
	record, err := app.FindRecordById("nearby_photos", id)
	if err != nil {
		return nil, ErrPhotoUnknown
	}
	return record, nil
}
