package bridge

import (
	"encoding/json"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/identity"
)

// database is the program's own cloud database as who may use it. Which one that is, and who the person is in it, the
// launch says; nothing in the arguments can.
func (c call) database(who clouddb.Caller) (*clouddb.Session, error) {
	bundle, err := c.program.Open(c.app)
	if err != nil {
		return nil, err
	}
	if c.user != nil {
		if who.OpenID, err = identity.OpenID(c.app, c.user.Id, c.program.AppID); err != nil {
			return nil, err
		}
	}
	who.Schema, who.Version, who.Now, who.Key = bundle.Database, c.program.Number, c.now, c.key
	return clouddb.Of(c.app).Session(c.program.AppID, who), nil
}

// leave undoes the transaction that a function has left open, whether it returned, threw or was killed.
func (c call) leave() {
	if err := c.cloud.Close(); err != nil {
		c.app.Logger().Error("Roll back a cloud transaction", "appid", c.program.AppID, "error", err)
	}
}

// session is the function's, which has all rights, or a page's, which has those of the rules.
func (c call) session() (*clouddb.Session, error) {
	if c.cloud != nil {
		return c.cloud, nil
	}
	return c.database(clouddb.Caller{})
}

// inCloud gives a method of the cloud database the session of its call.
func inCloud[A, R any](c call, args A, run func(s *clouddb.Session, args A) (R, error)) (any, error) {
	s, err := c.session()
	if err != nil {
		return nil, err
	}
	return run(s, args)
}

func cloudGet(c call, args clouddb.Query) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Query) (json.RawMessage, error) { return s.Get(c.ctx, args) })
}

func cloudCount(c call, args clouddb.Query) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Query) (map[string]int, error) {
		total, err := s.Count(c.ctx, args)
		return map[string]int{"total": total}, err
	})
}

func cloudAggregate(c call, args clouddb.Pipeline) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Pipeline) (json.RawMessage, error) {
		return s.Aggregate(c.ctx, args)
	})
}

// cloudWatch is for pages: a function has no time to wait, so it hears the present state.
func cloudWatch(c call, args clouddb.Watch) (any, error) {
	if c.function {
		args.Wait = 0
	}
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Watch) (clouddb.Watched, error) {
		return s.Watch(c.ctx, args, func() error {
			_, err := c.again(clock.Now(c.app))
			return err
		})
	})
}

func cloudAdd(c call, args clouddb.Write) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Write) (json.RawMessage, error) { return s.Add(c.ctx, args) })
}

func cloudSet(c call, args clouddb.Write) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Write) (json.RawMessage, error) { return s.Set(c.ctx, args) })
}

func cloudUpdate(c call, args clouddb.Write) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Write) (json.RawMessage, error) { return s.Update(c.ctx, args) })
}

func cloudRemove(c call, args clouddb.Write) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args clouddb.Write) (json.RawMessage, error) { return s.Remove(c.ctx, args) })
}

type cloudCollectionArgs struct {
	Name string `json:"name"`
}

func cloudCollection(c call, args cloudCollectionArgs) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args cloudCollectionArgs) (json.RawMessage, error) {
		return s.MakeCollection(c.ctx, args.Name)
	})
}

type cloudTransactionArgs struct {
	Act string `json:"act"` // begin, commit, rollback
}

func cloudTransaction(c call, args cloudTransactionArgs) (any, error) {
	return inCloud(c, args, func(s *clouddb.Session, args cloudTransactionArgs) (map[string]any, error) {
		switch args.Act {
		case "begin":
			return map[string]any{}, s.Begin(c.ctx)
		case "commit", "rollback":
			return map[string]any{}, s.End(c.ctx, args.Act == "commit")
		}
		return nil, ErrBadArgs.With("detail", "act is begin, commit or rollback")
	})
}
