package mp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// credentials is the file that login writes: who the person is, at each server.
type credentials struct {
	Current string           `json:"current"` // the server of the last login
	Servers map[string]login `json:"servers"`
}

type login struct {
	Email string `json:"email"`
	Token string `json:"token"`
}

func credentialsFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", wrong(ExitUsage, "no_config", "Set XDG_CONFIG_HOME or HOME, or use an upload key.", "%v", err)
	}
	return filepath.Join(dir, "plaza", "credentials.json"), nil
}

func readCredentials() (credentials, error) {
	kept := credentials{Servers: map[string]login{}}
	file, err := credentialsFile()
	if err != nil {
		return kept, nil //nolint:nilerr // a build machine may have no home; it uses a key
	}
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return kept, nil
	case err != nil:
		return kept, wrong(ExitUsage, "no_config", "", "%v", err)
	}
	if err := json.Unmarshal(content, &kept); err != nil {
		return kept, wrong(ExitUsage, "no_config", "Delete it and sign in again.", "%s is damaged: %v", file, err)
	}
	if kept.Servers == nil {
		kept.Servers = map[string]login{}
	}
	return kept, nil
}

// write replaces the file in one step, and lets nobody else read it.
func (c credentials) write() error {
	file, err := credentialsFile()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return wrong(ExitUsage, "no_config", "", "%v", err)
	}
	content, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(file), "credentials-*") // made with mode 0600
	if err != nil {
		return wrong(ExitUsage, "no_config", "", "%v", err)
	}
	_, err = fresh.Write(append(content, '\n'))
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		_ = os.Remove(fresh.Name()) // what went wrong before matters more
		return wrong(ExitUsage, "no_config", "", "%v", err)
	}
	return nil
}

func (t *tool) loginCommand() *cobra.Command {
	var email string
	command := &cobra.Command{
		Use:   "login --server URL --email ADDRESS",
		Short: "Sign in at a server; the token is kept for you alone",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return t.login(c, email) },
	}
	command.Flags().StringVar(&email, "email", "", "your e-mail address there; the password is asked for, or taken from $PLAZA_PASSWORD")
	return command
}

func (t *tool) login(c *cobra.Command, email string) error {
	t.keyFile = ""
	s, err := t.connect(false)
	if err != nil {
		return err
	}
	s.key, s.token = "", ""
	if email == "" {
		return wrong(ExitUsage, "no_email", "plaza mp login --server "+s.url+" --email you@example.org", "Say who you are: --email ADDRESS.")
	}
	if at, _ := url.Parse(s.url); at.Scheme == "http" && !isLoopback(at.Hostname()) {
		t.say("Careful: %s is not encrypted; whoever is on the way can read your password.", s.url)
	}
	password, err := t.password(email)
	if err != nil {
		return err
	}
	var answer struct {
		Token  string `json:"token"`
		Record struct {
			Name string `json:"name"`
		} `json:"record"`
	}
	err = s.do(c.Context(), call{
		method: http.MethodPost, path: "/api/collections/users/auth-with-password",
		body: map[string]string{"identity": email, "password": password},
	}, &answer)
	var f *failure
	if errors.As(err, &f) && f.exit == ExitRefused {
		return wrong(ExitServer, "login_failed", "Address and password are those of the web app.", "%s does not know this address and password.", s.url)
	}
	if err != nil {
		return err
	}
	if answer.Token == "" {
		return wrong(ExitServer, "not_plaza", "Is it the address of a Plaza?", "%s gave no token.", s.url)
	}
	return t.keepLogin(s.url, email, answer.Token, answer.Record.Name)
}

func (t *tool) keepLogin(server, email, token, name string) error {
	kept, err := readCredentials()
	if err != nil {
		return err
	}
	kept.Current = server
	kept.Servers[server] = login{Email: email, Token: token}
	if err := kept.write(); err != nil {
		return err
	}
	if t.json {
		return t.document(map[string]string{"server": server, "email": email, "name": name})
	}
	t.print("Signed in at %s as %s.", server, name)
	return nil
}

// password comes from the environment, from the keyboard without echo, or from a pipe.
func (t *tool) password(email string) (string, error) {
	if given := os.Getenv("PLAZA_PASSWORD"); given != "" {
		return given, nil
	}
	if file, ok := t.In.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprintf(t.Err, "Password of %s: ", email)
		typed, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(t.Err)
		if err != nil {
			return "", wrong(ExitUsage, "no_password", "", "%v", err)
		}
		return string(typed), nil
	}
	line, err := bufio.NewReader(t.In).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", wrong(ExitUsage, "no_password", "Run it on a terminal, or set PLAZA_PASSWORD.", "There is no password (%v).", err)
	}
	return line, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (t *tool) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the token of a server",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := t.connect(false)
			if err != nil {
				return err
			}
			kept, err := readCredentials()
			if err != nil {
				return err
			}
			delete(kept.Servers, s.url)
			if kept.Current == s.url {
				kept.Current = ""
			}
			if err := kept.write(); err != nil {
				return err
			}
			if t.json {
				return t.document(map[string]string{"server": s.url})
			}
			t.print("Signed out at %s.", s.url)
			return nil
		},
	}
}
