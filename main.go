// Plaza is a super-app for a place, in one binary: people chat, pay, collect points and open mini programs.
// This file is the whole wiring: flags, what is embedded, and the list of Register calls.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "time/tzdata" // zones work on a machine that has none

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"plaza.internal/plaza/hooks"
	"plaza.internal/plaza/internal/backend"
	"plaza.internal/plaza/internal/bench"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/contacts"
	"plaza.internal/plaza/internal/demo"
	"plaza.internal/plaza/internal/erasure"
	"plaza.internal/plaza/internal/figures"
	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/leaderboards"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/mp"
	"plaza.internal/plaza/internal/nearby"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/playtime"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proof"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/receipts"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/sqlite"
	"plaza.internal/plaza/internal/store"
	"plaza.internal/plaza/internal/triggers"
	miniprograms "plaza.internal/plaza/mini_programs"
	migrations "plaza.internal/plaza/pb_migrations"
	"plaza.internal/plaza/ui"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

// dataDirMode keeps other users of the machine out of everybody's money.
const dataDirMode = 0o700

func main() {
	sandbox.Main() // a worker process of ours serves untrusted code and never returns
	check.Main()   // and one of these looks into packages that somebody uploads
	if len(os.Args) > 1 && os.Args[1] == "mp" {
		os.Exit(creator(os.Args[2:]))
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "plaza:", err)
		os.Exit(1)
	}
}

func run() error {
	gateway.Version = version
	if err := migrations.Register(); err != nil {
		return err
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir:   "pb_data",
		HideStartBanner:  true,
		DBConnect:        sqlite.Connect,
		DataMaxOpenConns: sqlite.ReadConns,
		DataMaxIdleConns: sqlite.ReadConns,
	})
	app.RootCmd.Use = "plaza"
	app.RootCmd.Short = "A super-app for a place, in one binary"
	app.RootCmd.Version = version
	app.OnBootstrap().BindFunc(func(e *core.BootstrapEvent) error {
		if err := keepPrivate(e.App.DataDir()); err != nil {
			return err
		}
		if err := hooks.Register(e.App); err != nil {
			return err
		}
		return e.Next()
	})
	register(app)
	app.RootCmd.AddCommand(serveCommand(app), benchCommand(), mp.Command(throwaway), cmd.NewSuperuserCommand(app))
	return app.Execute()
}

// creator runs `plaza mp`, which needs no data folder and must not make one where a creator happens to stand.
func creator(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	gateway.Version = version
	if err := migrations.Register(); err != nil {
		fmt.Fprintln(os.Stderr, "plaza:", err)
		return mp.ExitUsage
	}
	return mp.Main(ctx, throwaway, args)
}

// register binds every domain, from the ground up.
func register(app core.App) { bind(app, miniprograms.Files) }

// throwaway is register for the server of `plaza mp dev`: its only program is the creator's own.
func throwaway(app core.App) { bind(app, nil) }

func bind(app core.App, firstParty fs.FS) {
	pool := sandbox.NewPool(sandbox.Options{})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		pool.Close()
		return e.Next()
	})
	ledger.Register(app)
	identity.Register(app)
	catalog.Register(app)
	campaigns.Register(app)
	loyalty.Register(app)
	payments.Register(app)
	orders.Register(app)
	playtime.Register(app)
	programs.Register(app, ui.Dist, firstParty)
	bills.Register(app)
	contacts.Register(app)
	leaderboards.Register(app)
	receipts.Register(app)
	proof.Register(app)
	store.Register(app)
	nearby.Register(app)
	logs.Register(app)
	figures.Register(app)
	clouddb.Register(app)
	programs.BeforeRelease(app, clouddb.Prepare)
	cloudfiles.Register(app)
	erasure.Register(app)
	inbox.Register(app)
	backend.Register(app)
	calls := bridge.Register(app, pool)
	triggers.Register(app, func(ctx context.Context, app core.App, appid, function, source string, event json.RawMessage, now time.Time) error {
		_, err := calls.Run(ctx, app, bridge.Trigger{AppID: appid, Function: function, Source: source, Event: event}, now)
		return err
	})
	jobs.Register(app, func() bool { return true }) // one machine: this node leads
	gateway.Register(app, ui.Dist)
}

func keepPrivate(dir string) error {
	if err := os.MkdirAll(dir, dataDirMode); err != nil {
		return fmt.Errorf("create the data folder: %w", err)
	}
	if err := os.Chmod(dir, dataDirMode); err != nil && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("close the data folder to others: %w", err)
	}
	return nil
}

func serveCommand(app *pocketbase.PocketBase) *cobra.Command {
	var demonstration bool
	var open []string
	var mapFile string
	var config apis.ServeConfig
	command := &cobra.Command{
		Use:          "serve [domain...]",
		Short:        "Start the server (127.0.0.1:8090, or the domains with automatic HTTPS)",
		SilenceUsage: true,
		RunE: func(_ *cobra.Command, domains []string) error {
			config.CertificateDomains = domains
			defaultAddresses(&config)
			if err := proxy.Allow(app, open); err != nil {
				return fmt.Errorf("--proxy-allow: %w", err)
			}
			if mapFile != "" {
				nearby.UseMapFile(app, mapFile)
			}
			lock, err := lockFolder(app.DataDir())
			if err != nil {
				return err
			}
			defer lock.Close() //nolint:errcheck // the process ends with it
			if err := app.RunAllMigrations(); err != nil {
				return fmt.Errorf("migrate: %w", err)
			}
			if demonstration {
				if err := demo.Fill(app, os.Stdout); err != nil {
					return err
				}
			}
			gateway.ServeAt(app, addressOf(config))
			announce(app, config, demonstration)
			err = apis.Serve(app, config)
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return err
		},
	}
	flags := command.Flags()
	flags.BoolVar(&demonstration, "demo", false, "fill an empty data folder with a lively quarter; logins are printed")
	flags.StringVar(&config.HttpAddr, "http", "", "address of the HTTP server")
	flags.StringVar(&config.HttpsAddr, "https", "", "address of the HTTPS server")
	flags.StringSliceVar(&open, "proxy-allow", nil, "private hosts that mini programs may declare and reach: HOST[:PORT][=ADDRESS[:PORT]]")
	flags.StringVar(&mapFile, "map", "", "the map of nearby, a .pmtiles file with pictures (maps/town.pmtiles in the data folder)")
	flags.StringSliceVar(&config.AllowedOrigins, "origins", nil, "other origins whose pages may call the API")
	return command
}

// defaultAddresses follows PocketBase, but for the origins: its default lets every page of the web call.
func defaultAddresses(config *apis.ServeConfig) {
	switch {
	case len(config.CertificateDomains) > 0:
		config.HttpAddr = orElse(config.HttpAddr, "0.0.0.0:80")
		config.HttpsAddr = orElse(config.HttpsAddr, "0.0.0.0:443")
	default:
		config.HttpAddr = orElse(config.HttpAddr, "127.0.0.1:8090")
	}
	if len(config.AllowedOrigins) == 0 {
		config.AllowedOrigins = []string{"http://" + config.HttpAddr}
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// addressOf is where people find the server.
func addressOf(config apis.ServeConfig) string {
	if len(config.CertificateDomains) > 0 {
		return "https://" + config.CertificateDomains[0]
	}
	return "http://" + config.HttpAddr
}

func announce(app core.App, config apis.ServeConfig, demonstration bool) {
	address := addressOf(config)
	fmt.Printf("Plaza %s, data in %s\n  people     %s/\n  merchants  %s/console/\n  raw data   %s/_/\n",
		version, app.DataDir(), address, address, address)
	if demonstration {
		demo.PrintLogins(os.Stdout)
		return
	}
	if superusers, err := app.CountRecords(core.CollectionNameSuperusers); err == nil && superusers <= 1 {
		fmt.Println("  first run  plaza superuser upsert EMAIL PASSWORD, then sign in at /_/")
	}
}

func benchCommand() *cobra.Command {
	var file string
	command := &cobra.Command{
		Use:          "bench",
		Short:        "Measure this build against its peers and limits, on this machine's loopback",
		SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			return bench.Run(register, file, os.Stdout)
		},
	}
	command.Flags().StringVar(&file, "out", "bench/latest.json", "where the figures go")
	return command
}
