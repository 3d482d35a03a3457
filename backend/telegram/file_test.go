package telegram_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/telegram/telegramsim"
	"hoox/backend/trading"
)

func TestAFileIsFetchedWholeOrNotAtAll(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		ctx := context.Background()
		content := bytes.Repeat([]byte(token), 30000) // the file's own bytes, whatever they are
		id := w.sim.Upload(ann, ann, "trades.csv", content, "mine")
		had, err := w.client.File(ctx, id, 2<<20)
		if err != nil || !bytes.Equal(had, content) {
			t.Fatalf("had %d bytes and %v, want all %d as they are", len(had), err, len(content))
		}
		fetched := len(w.sim.Calls("download"))
		for _, most := range []int64{0, 10, int64(len(content)) - 1} {
			if had, err := w.client.File(ctx, id, most); trading.KindOf(err) != trading.Refused || had != nil {
				t.Errorf("at most %d: had %d bytes and %v, want it refused", most, len(had), err)
			}
		}
		if n := len(w.sim.Calls("download")) - fetched; n != 0 {
			t.Errorf("%d downloads of a file that said that it is too large", n)
		}
		for name, c := range map[string]struct {
			fault telegramsim.Fault
			kind  trading.Kind
		}{
			"redirect": {telegramsim.Fault{Status: 302}, trading.Unknown},
			"cut":      {telegramsim.Fault{LoseAnswer: true, Leave: 200000}, trading.Unknown},
			"error":    {telegramsim.Fault{Status: 502}, trading.Unavailable},
			"silence":  {telegramsim.Fault{Delay: time.Hour}, trading.Unknown},
		} {
			w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
				if method == "download" {
					return c.fault
				}
				return telegramsim.Fault{}
			})
			had, err := w.client.File(ctx, id, 2<<20)
			if trading.KindOf(err) != c.kind || had != nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: had %d bytes and %v, want %s", name, len(had), err, c.kind)
			}
		}
		w.sim.SetFaults(nil)
		w.sim.DropFile(id)
		if _, err := w.client.File(ctx, id, 2<<20); trading.KindOf(err) != trading.NotFound {
			t.Errorf("a file that is gone: %v, want it said", err)
		}
		if _, err := w.client.File(ctx, "nobody's", 10); trading.KindOf(err) != trading.Rejected {
			t.Errorf("a file that never was: %v", err)
		}
	})
}

func TestALargerFileThanItSaidIsNotReadToTheEnd(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		id := w.sim.Upload(ann, ann, "", bytes.Repeat([]byte("x"), 3<<20), "")
		lie := `{"ok":true,"result":{"file_id":"x","file_unique_id":"x","file_size":5,"file_path":"documents/file_1.bin"}}`
		w.sim.SetFaults(func(method string, _ int64) telegramsim.Fault {
			if method == "getFile" {
				return telegramsim.Fault{Body: &lie}
			}
			return telegramsim.Fault{}
		})
		for _, most := range []int64{10, 2 << 20} {
			if had, err := w.client.File(context.Background(), id, most); trading.KindOf(err) != trading.Refused || had != nil {
				t.Errorf("at most %d: had %d bytes and %v, want it refused", most, len(had), err)
			}
		}
		w.sim.Upload(ann, ann, "", []byte("a few bytes"), "")
		lie = strings.ReplaceAll(lie, "file_1.bin", "file_2.bin")
		if had, err := w.client.File(context.Background(), id, 10); trading.KindOf(err) != trading.Refused || had != nil {
			t.Errorf("had %d bytes and %v, want a small one refused too", len(had), err)
		}
	})
}

func TestAFilesPlaceLeadsNowhereElse(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		id := w.sim.Upload(ann, ann, "", []byte("x"), "")
		for _, place := range []string{"", "../getMe", "a/../../x", "/etc/passwd", "a//b", "http://elsewhere", "a b", "a?x=1", "a#b", "a%2e", "a\nb", ".hidden", strings.Repeat("a", 600)} {
			w.sim.Place(id, place)
			before := len(w.sim.Calls("download"))
			if _, err := w.client.File(context.Background(), id, 1<<20); trading.KindOf(err) != trading.Rejected || len(w.sim.Calls("download")) != before {
				t.Errorf("place %q: %v, want it not fetched", place, err)
			}
		}
	})
}

func TestAnUploadReachesTheHandlerWithItsFile(t *testing.T) {
	play(t, telegramsim.Config{}, func(w *world) {
		var had []chat.Update
		w.start()
		w.crew.setObey(func(_ context.Context, u chat.Update) chat.Answer {
			had = append(had, u)
			return chat.Answer{State: chat.Done}
		})
		photo := w.sim.Upload(ann, ann, "", picture(t, 60), "what is this?")
		document := w.sim.Upload(ann, ann, "a.csv", []byte("a,b"), "")
		w.pass(time.Second)
		if len(had) != 2 || had[0].File == nil || had[0].File.ID != photo || !had[0].File.Photo || had[0].Words != "what is this?" {
			t.Fatalf("the picture came as %+v, want its largest form", had)
		}
		if f := had[1].File; f == nil || f.ID != document || f.Photo || f.Name != "a.csv" || f.Size != 3 || had[1].Kind != chat.Upload {
			t.Errorf("the document came as %+v", had[1])
		}
	})
}
