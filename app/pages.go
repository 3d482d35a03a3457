package app

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// unbuilt is shown by a program that was compiled without its front end.
const unbuilt = "This program was built without its pages. Build them with build/build.sh (or `npm run build` in frontend/) and build the program again. The control interface under /api/ works all the same.\n"

// withPolicy adds the page policy to whatever serves the pages.
func withPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", uiPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// pages serves the front end. It holds no data, so it needs no session.
func pages(ui fs.FS) http.Handler {
	files := http.FileServerFS(ui)
	return withPolicy(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "" || name == "." {
			name = "index.html"
		}
		info, err := fs.Stat(ui, name)
		switch {
		case err != nil && name == "index.html":
			http.Error(w, unbuilt, http.StatusServiceUnavailable)
			return
		case err != nil || info.IsDir() || strings.HasPrefix(path.Base(name), "."):
			http.NotFound(w, r)
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		case strings.HasPrefix(name, "assets/"):
			// The bundler puts a digest of the content into these names.
			w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		}
		if name == "index.html" {
			// FileServer would redirect /index.html to /; both show the same page here.
			r = r.Clone(r.Context())
			r.URL.Path = "/"
		}
		files.ServeHTTP(w, r)
	}))
}
