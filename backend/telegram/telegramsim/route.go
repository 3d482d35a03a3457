package telegramsim

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// token is what a token looks like; what does not is not found.
var token = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{20,}$`)

// method is one call of the API. The server's lock is held.
type method func(s *Server, r request) (any, *no)

func methods() map[string]method {
	return map[string]method{
		"getme": (*Server).getMe, "sendmessage": (*Server).sendMessage, "sendphoto": (*Server).sendPhoto, "editmessagetext": (*Server).editText,
		"editmessagecaption": (*Server).editCaption, "answercallbackquery": (*Server).answerPress, "setmycommands": (*Server).setCommands,
		"getfile": (*Server).getFile, "setwebhook": (*Server).setWebhook, "deletewebhook": (*Server).deleteWebhook, "getwebhookinfo": (*Server).webhookInfo,
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, found := strings.CutPrefix(r.URL.Path, "/file/bot"); found {
		s.download(w, r, path)
		return
	}
	rest, found := strings.CutPrefix(r.URL.Path, "/bot")
	word, name, whole := strings.Cut(rest, "/")
	if !found || !whole || !token.MatchString(word) {
		answer(nil, &no{code: http.StatusNotFound, words: "Not Found"}).write(w)
		return
	}
	q, err := parse(name, r)
	if err != nil {
		answer(nil, bad("the request cannot be read: "+err.Error())).write(w)
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: name, Chat: q.chat(), At: s.cfg.Now()})
	revoked := word != s.token
	var f Fault
	if s.faults != nil {
		f = s.faults(name, q.chat())
	}
	s.mu.Unlock()
	if f.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	out := answer(nil, &no{code: http.StatusUnauthorized, words: "Unauthorized"})
	switch {
	case revoked:
	case f.Refuse:
		out = f.page(page{})
	default:
		out = f.page(s.carry(r, q))
	}
	s.reply(w, r, f, out)
}

// carry carries a request out.
func (s *Server) carry(r *http.Request, q request) page {
	name := strings.ToLower(q.method)
	if name == "getupdates" {
		return answer(s.getUpdates(r.Context(), q))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	run, known := methods()[name]
	if !known {
		return answer(nil, &no{code: http.StatusNotFound, words: "Not Found: method not found"})
	}
	return answer(run(s, q))
}

// page is what is answered in the place of the right answer.
func (f Fault) page(right page) page {
	switch {
	case f.Status != 0:
		return page{status: f.Status, kind: "text/html", body: []byte("<html><h1>" + http.StatusText(f.Status) + "</h1></html>")}
	case f.Code != 0:
		return answer(nil, &no{code: f.Code, words: f.Text, retry: f.RetryAfter})
	case f.Body != nil:
		return page{status: http.StatusOK, kind: "application/json", body: []byte(*f.Body)}
	}
	return right
}

// reply answers, as late and as whole as the fault says.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, f Fault, out page) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-r.Context().Done():
			return
		case <-timer.C:
		}
	}
	if !f.LoseAnswer {
		out.write(w)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	whole := out.raw()
	_, _ = conn.Write(whole[:min(max(f.Leave, 0), len(whole))]) // a client that has gone hears nothing
}

func (s *Server) getMe(request) (any, *no) { return s.me(), nil }

func (s *Server) me() object {
	return object{"id": s.bot, "is_bot": true, "first_name": "Hoox", "username": s.cfg.Bot, "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false}
}
