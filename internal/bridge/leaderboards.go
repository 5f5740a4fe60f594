package bridge

import (
	"plaza.internal/plaza/internal/leaderboards"
)

// player is who the boards see in a call.
func (c call) player() leaderboards.Caller {
	return leaderboards.Caller{Program: c.program, User: c.user, Function: c.function, Key: c.key}
}

type boardArgs struct {
	Board  string `json:"board"`
	Season string `json:"season"`
}

func leaderboardsPlay(c call, args boardArgs) (any, error) {
	return leaderboards.Play(c.app, c.player(), args.Board, c.now)
}

func leaderboardsJoin(c call, args boardArgs) (any, error) {
	return leaderboards.Join(c.app, c.player(), args.Board, c.now)
}

func leaderboardsSubmit(c call, args leaderboards.Submission) (any, error) {
	return leaderboards.Submit(c.app, c.player(), args, c.now)
}

func leaderboardsList(c call, _ struct{}) (any, error) {
	list, err := leaderboards.List(c.app, c.player(), c.now)
	if err != nil {
		return nil, err
	}
	return map[string]any{"boards": list}, nil
}

func leaderboardsTop(c call, args leaderboards.Query) (any, error) {
	return leaderboards.Top(c.app, c.player(), args, c.now)
}

type aroundArgs struct {
	leaderboards.Query
	N *int `json:"n"`
}

// aroundDefault is how many entries before and after one's own are shown unless the program says otherwise.
const aroundDefault = 5

func leaderboardsAround(c call, args aroundArgs) (any, error) {
	n := aroundDefault
	if args.N != nil {
		n = *args.N
	}
	return leaderboards.Around(c.app, c.player(), args.Query, n, c.now)
}

func leaderboardsMine(c call, args boardArgs) (any, error) {
	return leaderboards.Mine(c.app, c.player(), args.Board, args.Season, c.now)
}

func leaderboardsSeasons(c call, args boardArgs) (any, error) {
	list, err := leaderboards.Seasons(c.app, c.player(), args.Board, c.now)
	if err != nil {
		return nil, err
	}
	return map[string]any{"seasons": list}, nil
}

func leaderboardsFriends(c call, args leaderboards.Query) (any, error) {
	return leaderboards.Friends(c.app, c.player(), args, c.now)
}
