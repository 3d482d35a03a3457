package telegramsim

import (
	"fmt"
	"net/http"
	"strings"
)

// maxFile is the largest that a bot can fetch.
const maxFile = 20 << 20

// file is something that somebody uploaded.
type file struct {
	id, path string
	content  []byte
}

// keep stores a file. The caller holds the lock.
func (s *Server) keep(content []byte) *file {
	n := s.id()
	f := &file{id: fmt.Sprintf("BQACAgIAAxkBAAM%d", n), path: fmt.Sprintf("documents/file_%d.bin", n), content: content}
	s.files[f.id] = f
	return f
}

// Place says where a file lies, whatever that is.
func (s *Server) Place(file, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[file].path = path
}

// DropFile forgets what a file holds, as the real one does after some time.
func (s *Server) DropFile(file string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[file].content = nil
}

func (s *Server) getFile(r request) (any, *no) {
	f := s.files[r.args["file_id"]]
	switch {
	case f == nil:
		return nil, bad("invalid file_id")
	case len(f.content) > maxFile:
		return nil, bad("file is too big")
	}
	return object{"file_id": f.id, "file_unique_id": "u" + f.id, "file_size": len(f.content), "file_path": f.path}, nil
}

// download brings a file: path is the token, a slash and where it lies.
func (s *Server) download(w http.ResponseWriter, r *http.Request, path string) {
	word, where, _ := strings.Cut(path, "/")
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: "download", At: s.cfg.Now()})
	var f Fault
	if s.faults != nil {
		f = s.faults("download", 0)
	}
	var content []byte
	for _, one := range s.files {
		if one.path == where && word == s.token {
			content = one.content
		}
	}
	s.mu.Unlock()
	if f.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	out := page{status: http.StatusOK, kind: "application/octet-stream", body: content}
	if content == nil {
		out = answer(nil, &no{code: http.StatusNotFound, words: "Not Found"})
	}
	s.reply(w, r, f, f.page(out))
}
