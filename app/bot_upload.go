package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/objects"
)

const (
	// largestUpload is what the messenger lets a bot fetch. Source: core.telegram.org/bots/api#getfile.
	largestUpload = 20 << 20
	// uploadsDir is where what people send lies.
	uploadsDir = "user-uploads"
)

// fetcher gets a file from the messenger, at most so many bytes of it.
type fetcher interface {
	Fetch(ctx context.Context, f chat.File, most int64) ([]byte, error)
}

// shelf keeps files.
type shelf interface {
	Put(content []byte, ending string) (objects.Kept, error)
	Read(name string, most int64) ([]byte, error)
	Remove(name string) error
}

// uploadBook keeps what files there are.
type uploadBook interface {
	SaveUpload(ctx context.Context, u chat.Uploaded) error
	Uploads(ctx context.Context, limit int, cursor string) ([]chat.Uploaded, string, error)
	Upload(ctx context.Context, id int64) (chat.Uploaded, error)
	DropUpload(ctx context.Context, id int64) error
	OldUploads(ctx context.Context, before time.Time) ([]chat.Uploaded, error)
}

// uploads is what keeps pictures and documents that people send.
type uploads struct {
	fetch fetcher
	shelf shelf
	book  uploadBook
}

// endings are what is kept, by its bytes: what it is called is outside text.
var endings = map[string]string{
	"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "application/pdf": "pdf", "text/plain; charset=utf-8": "txt",
}

// uploaded keeps a picture or a document, and says plainly that nobody looks at it.
func (b *bot) uploaded(a *asking) reply {
	f := a.update.File
	switch {
	case f == nil || b.uploads == nil:
		return quiet("nothing that can be kept")
	case f.Size > largestUpload:
		return no(fmt.Sprintf("It has %d MB; the messenger lets a bot fetch at most %d. It was <b>not kept</b>.", f.Size>>20, largestUpload>>20))
	case !b.admits(a.person.User, a.now):
		return no("Too many at once: it was <b>not kept</b>.")
	}
	kept, err := b.keep(a, *f)
	if err != nil {
		return b.failed(err)
	}
	if kept.Name == "" {
		return no("Pictures, PDF and plain text are kept; this is something else, and was <b>not kept</b>.")
	}
	return reply{
		html:   fmt.Sprintf("Kept: %s, %d kB. The window lists it on the page <b>Telegram</b>.\nNobody looked at what it shows: there is no assistant in this version.", chat.Escape(kept.Type), (kept.Size+1023)>>10),
		detail: "kept as " + kept.Name,
	}
}

func (b *bot) keep(a *asking, f chat.File) (chat.Uploaded, error) {
	content, err := b.uploads.fetch.Fetch(a.ctx, f, largestUpload)
	if err != nil {
		return chat.Uploaded{}, err
	}
	kind := http.DetectContentType(content)
	ending, ok := endings[kind]
	if !ok {
		return chat.Uploaded{}, nil
	}
	kept, err := b.uploads.shelf.Put(content, ending)
	if err != nil {
		return chat.Uploaded{}, err
	}
	kind, _, _ = strings.Cut(kind, ";")
	u := chat.Uploaded{
		At: a.now, User: a.person.User, Who: a.person.Name, Name: kept.Name, Title: f.Name, Type: kind, Size: kept.Size, SHA256: kept.SHA256, Caption: a.update.Words,
	}
	if err := b.uploads.book.SaveUpload(a.ctx, u); err != nil {
		_ = b.uploads.shelf.Remove(kept.Name) // nobody would find it again
		return chat.Uploaded{}, err
	}
	return u, nil
}

// drop removes a file and forgets it. The file goes first: a row without one can be dropped again.
func (u *uploads) drop(ctx context.Context, one chat.Uploaded) error {
	if err := u.shelf.Remove(one.Name); err != nil {
		return err
	}
	return u.book.DropUpload(ctx, one.ID)
}
