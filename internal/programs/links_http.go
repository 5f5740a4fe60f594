package programs

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindLinks binds the routes of links: the makers' own, and those by which anybody's camera finds the program.
func bindLinks(se *core.ServeEvent) {
	makers := []*refusal.Refusal{route.ErrSignIn, ErrNotMaker, ErrKeyInvalid, ErrNotFound}
	// Public, because an upload key will do: Maker asks for one or for a login.
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/links", Tag: "links", Public: true,
		Summary: "The program's links, latest first.", Answer: linkList{}, Refusals: makers,
	}, handleLinks)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/links", Tag: "links", Public: true,
		Summary: "Make a link: a short code that opens a page with a query, a scene and a place.",
		Body:    LinkTo{}, Answer: linkView{}, Refusals: append([]*refusal.Refusal{ErrBadLink, ErrVersionNotFound}, makers...),
	}, handleMakeLink)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/{appid}/links/{code}", Tag: "links", Public: true,
		Summary: "Withdraw a link.", Refusals: append([]*refusal.Refusal{ErrLinkNotFound}, makers...),
	}, handleRevokeLink)
	gone := []*refusal.Refusal{ErrLinkNotFound, ErrLinkRevoked, ErrLinkExpired}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/links/{code}", Tag: "links", Public: true,
		Summary: "What a link opens.", Answer: LinkOpens{}, Refusals: append([]*refusal.Refusal{ErrTakenDown, ErrDeleted}, gone...),
	}, handleLink)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/links/{code}/qr.svg", Tag: "links", Public: true,
		Summary: "The link as a QR code; ?format=png&size=512 as a picture of so many pixels.", Answer: "image/svg+xml", Refusals: gone,
	}, handleQR)
}

// linkView is a link as its makers see it.
type linkView struct {
	Code      string         `json:"code"`
	URL       string         `json:"url"`
	QR        string         `json:"qr"` // the address of the code's picture
	Name      string         `json:"name"`
	Path      string         `json:"path"`
	Query     string         `json:"query"`
	Scene     int            `json:"scene"`
	Place     string         `json:"place"`
	Version   int            `json:"version"` // 0 unless it is a trial link
	Opens     int            `json:"opens"`
	Created   types.DateTime `json:"created"`
	ExpiresAt types.DateTime `json:"expires_at"`
	RevokedAt types.DateTime `json:"revoked_at"`
}

type linkList struct {
	Links []linkView `json:"links"`
	Page  int        `json:"page"`
	More  bool       `json:"more"`
}

func viewLink(e *core.RequestEvent, link *core.Record, version int) linkView {
	code := link.GetString("code")
	return linkView{
		Code: code, URL: linkAddress(e, code), QR: origin(e) + "/api/links/" + code + "/qr.svg",
		Name: link.GetString("name"), Path: link.GetString("path"), Query: link.GetString("query"), Scene: link.GetInt("scene"),
		Place: link.GetString("place"), Version: version, Opens: link.GetInt("opens"), Created: link.GetDateTime("created"),
		ExpiresAt: link.GetDateTime("expires_at"), RevokedAt: link.GetDateTime("revoked_at"),
	}
}

// linkAddress is what a QR code says: the client finds the link by its code.
func linkAddress(e *core.RequestEvent, code string) string { return origin(e) + "/m/" + code }

// defaultURL is what PocketBase's settings hold until somebody changes them.
const defaultURL = "http://localhost:8090"

// origin is where this server is reached: as the operator has set it, or else as this caller reached it.
func origin(e *core.RequestEvent) string {
	if set := strings.TrimRight(e.App.Settings().Meta.AppURL, "/"); set != "" && set != defaultURL {
		return set
	}
	if e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + e.Request.Host
	}
	return "http://" + e.Request.Host
}

func handleLinks(e *core.RequestEvent) error {
	_, program, err := Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	page, err := strconv.Atoi(e.Request.URL.Query().Get("page"))
	if err != nil || page < 1 || page > 1_000_000 {
		page = 1
	}
	links, more, err := Links(e.App, program.Id, page)
	if err != nil {
		return err
	}
	list := linkList{Links: make([]linkView, 0, len(links)), Page: page, More: more}
	numbers, err := versionNumbers(e.App, links)
	if err != nil {
		return err
	}
	for _, link := range links {
		list.Links = append(list.Links, viewLink(e, link, numbers[link.GetString("version")]))
	}
	return e.JSON(http.StatusOK, list)
}

// versionNumbers are the numbers of the links' versions by id.
func versionNumbers(app core.App, links []*core.Record) (map[string]int, error) {
	ids := []any{}
	for _, link := range links {
		if id := link.GetString("version"); id != "" {
			ids = append(ids, id)
		}
	}
	numbers := map[string]int{}
	if len(ids) == 0 {
		return numbers, nil
	}
	var rows []struct {
		ID     string `db:"id"`
		Number int    `db:"number"`
	}
	err := app.DB().Select("id", "number").From("programs_versions").Where(dbx.In("id", ids...)).All(&rows)
	for _, row := range rows {
		numbers[row.ID] = row.Number
	}
	return numbers, err
}

func handleMakeLink(e *core.RequestEvent) error {
	actor, program, err := Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var to LinkTo
	if err := route.Decode(e, &to); err != nil {
		return err
	}
	link, err := Link(e.App, program, to, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, viewLink(e, link, to.Version))
}

func handleRevokeLink(e *core.RequestEvent) error {
	actor, program, err := Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	if err := RevokeLink(e.App, program, e.Request.PathValue("code"), actor, clock.Now(e.App)); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// LinkOpens is what a link opens, with enough of the program to show before it is opened.
type LinkOpens struct {
	Code    string `json:"code"`
	AppID   string `json:"appid"`
	Path    string `json:"path"`
	Query   string `json:"query"`
	Scene   int    `json:"scene"`
	Place   string `json:"place"`
	Version int    `json:"version"` // of a trial link, otherwise 0
	Program Card   `json:"program"`
}

func handleLink(e *core.RequestEvent) error {
	link, err := findLink(e.App, e.Request.PathValue("code"), clock.Now(e.App))
	if err != nil {
		return err
	}
	cards, err := Cards(e.App, []string{link.GetString("program")}, e.Request.URL.Query().Get("lang"))
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return ErrLinkNotFound.With("code", e.Request.PathValue("code"))
	}
	card := cards[0]
	stopped := Program{ID: card.ID, AppID: card.AppID, Status: card.Status, Org: card.Org}
	if err := stopped.stopped(e.App); err != nil {
		return err
	}
	numbers, err := versionNumbers(e.App, []*core.Record{link})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, LinkOpens{
		Code: link.GetString("code"), AppID: card.AppID, Path: link.GetString("path"), Query: link.GetString("query"),
		Scene: link.GetInt("scene"), Place: link.GetString("place"), Version: numbers[link.GetString("version")], Program: card,
	})
}

func handleQR(e *core.RequestEvent) error {
	link, err := findLink(e.App, e.Request.PathValue("code"), clock.Now(e.App))
	if err != nil {
		return err
	}
	code, err := encodeQR(linkAddress(e, link.GetString("code")))
	if err != nil {
		return err
	}
	// It may be withdrawn, so it is not kept for long.
	e.Response.Header().Set("Cache-Control", "public, max-age=300")
	if e.Request.URL.Query().Get("format") != "png" {
		return e.Blob(http.StatusOK, "image/svg+xml", code.svg())
	}
	size, err := strconv.Atoi(e.Request.URL.Query().Get("size"))
	if err != nil {
		size = imageSize
	}
	picture, err := code.png(min(max(size, smallestQR), largestQR))
	if err != nil {
		return err
	}
	return e.Blob(http.StatusOK, "image/png", picture)
}
