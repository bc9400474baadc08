package console

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// forksPage shows the forks.
type forksPage struct {
	Forks       []forkRow
	First, Next string
}

type forkRow struct {
	Fork
	New bool
}

func (c *console) forks(r *http.Request) (*page, error) {
	all := c.server.Forks()
	offset := min(offsetOf(r), len(all))
	end := min(offset+pageSize, len(all))
	var body forksPage
	for _, f := range all[offset:end] {
		f.URL = reachable(f.URL, r.Host)
		body.Forks = append(body.Forks, forkRow{f, f.Name == r.URL.Query().Get("name")})
	}
	if offset > 0 {
		body.First = href("forks")
	}
	if end < len(all) {
		body.Next = href("forks", "offset", strconv.Itoa(end))
	}
	return &page{Title: "Forks", Section: "forks", Template: "forks", Body: body}, nil
}

// reachable returns the address of a fork at the host by which a browser has reached
// the server.
func reachable(fork, host string) string {
	u, err := url.Parse(fork)
	if err != nil {
		return fork
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		u.Host = net.JoinHostPort(name, u.Port())
	}
	return u.String()
}
