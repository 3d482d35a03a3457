package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/pquerna/otp/totp"

	"hoox/backend/audit"
	"hoox/backend/chat"
	"hoox/backend/settings"
	"hoox/backend/telegram"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// messenger is the bot's line to Telegram.
type messenger interface {
	State() telegram.State
	HasToken() bool
	// Posted has the outbox looked at now.
	Posted()
}

// chatBook keeps what was said.
type chatBook interface {
	ChatLog(ctx context.Context, limit int, cursor string) ([]chat.LogLine, string, error)
	PostMessages(ctx context.Context, list []chat.Message, at time.Time) error
}

// Telegram is the bot: who may talk to it, what was said, and how it is.
type Telegram struct {
	in  *house
	who actor
}

// Get is the bot as it stands. It never holds the token.
func (s *Telegram) Get(_ Empty) (TelegramState, error) {
	return answer(s.in, "read telegram", func(ctx context.Context) (TelegramState, error) {
		if err := s.in.chatty(); err != nil {
			return TelegramState{}, err
		}
		people, err := s.in.bot.roster.People(ctx)
		if err != nil {
			return TelegramState{}, err
		}
		set, now := s.in.settings.Now(), s.in.messenger.State()
		switch {
		case !set.Bool("telegram:enabled"):
			now.Detail, now.Fix = "switched off: telegram:enabled", "switch it on"
		case s.in.vault.Locked() != nil:
			now.Detail, now.Fix = "the vault is locked, and the bot's token is in it", "unlock the vault"
		}
		role, until := s.in.bot.pairing.open()
		return TelegramState{
			Enabled: set.Bool("telegram:enabled"), HasToken: s.in.messenger.HasToken(), Phase: string(now.Phase), Since: when(now.Since), Next: when(now.Next),
			Bot: now.Bot, Public: now.Public, HeardAt: when(now.Heard), LatencyMicros: now.Latency.Microseconds(), Detail: s.in.clean(now.Detail), Fix: now.Fix,
			Waiting: now.Waiting, OldestAt: when(now.Oldest), Stuck: s.in.clean(now.Stuck), People: each(people, personRow),
			PairingUntil: when(until), PairingRole: string(role), Authenticator: s.in.vault.Has(totpSecret),
			Levels: each(chat.Notices(), func(n chat.Notice) TelegramLevel {
				key := settings.NotifyPrefix + string(n.Kind)
				return TelegramLevel{Kind: string(n.Kind), Level: set.Text(key), Key: key, Help: n.Help}
			}),
		}, nil
	})
}

// chatty tells why there is no bot, nil when there is one.
func (h *house) chatty() error {
	if h.bot == nil {
		return trading.Errorf(trading.Unavailable, "the file of chats cannot be opened: Health says why")
	}
	return nil
}

func personRow(p chat.Person) TelegramPerson {
	return TelegramPerson{User: strconv.FormatInt(p.User, 10), Name: p.Name, Role: string(p.Role), PairedAt: when(p.PairedAt), PairedBy: p.PairedBy, SeenAt: when(p.SeenAt)}
}

// Pair makes a code: whoever sends it to the bot within ten minutes is a person with that role. The one before is worth nothing
// then. It fails with Invalid for a role that is none.
func (s *Telegram) Pair(req OfferPairing) (PairingCode, error) {
	d := &deed{what: "offer pairing", action: audit.OfferPairing, subject: "telegram", after: req.Role}
	return act(s.in, s.who, d, func(context.Context) (PairingCode, error) {
		if err := s.in.chatty(); err != nil {
			return PairingCode{}, err
		}
		role := chat.Role(req.Role)
		if !role.May(chat.Viewer) {
			return PairingCode{}, trading.FieldError("role", "%q is not one of viewer, operator, owner", req.Role)
		}
		code, until := s.in.bot.pairing.offer(role, s.who.name)
		made := PairingCode{Code: code, Until: when(until), Role: req.Role}
		if name := s.in.messenger.State().Bot; name != "" {
			made.Link = "https://t.me/" + name + "?start=" + code
		}
		return made, nil
	})
}

// Withdraw ends the code.
func (s *Telegram) Withdraw(_ Empty) (Receipt, error) {
	d := &deed{what: "withdraw pairing", action: audit.OfferPairing, subject: "telegram", after: "withdrawn"}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		if err := s.in.chatty(); err != nil {
			return Receipt{}, err
		}
		s.in.bot.pairing.withdraw()
		return Receipt{Status: "ok", Reason: "the code is worth nothing any more"}, nil
	})
}

// SetRole gives a person another role, at once. It fails with Invalid and NotFound.
func (s *Telegram) SetRole(req SetTelegramRole) (Receipt, error) {
	d := &deed{what: "change a role", action: audit.SetPerson, subject: "telegram " + req.User, after: req.Role}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		user, err := s.in.userOf(req.User)
		if err != nil {
			return Receipt{}, err
		}
		before, err := s.in.bot.promote(ctx, user, chat.Role(req.Role))
		d.before = string(before)
		return Receipt{Status: "ok", Reason: "they are " + req.Role + " now"}, err
	})
}

// Remove forgets a person, at once: the bot is silent to them, and what was still to be told to them is not. It fails with NotFound.
func (s *Telegram) Remove(req TelegramUser) (Receipt, error) {
	d := &deed{what: "remove a person", action: audit.RemovePerson, subject: "telegram " + req.User}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		user, err := s.in.userOf(req.User)
		if err != nil {
			return Receipt{}, err
		}
		return Receipt{Status: "ok", Reason: "they meet silence now"}, s.in.bot.remove(ctx, user)
	})
}

func (h *house) userOf(text string) (int64, error) {
	if err := h.chatty(); err != nil {
		return 0, err
	}
	user, err := strconv.ParseInt(text, 10, 64)
	if err != nil || user <= 0 {
		return 0, trading.FieldError("user", "%q is not the number of a person", text)
	}
	return user, nil
}

// Log is what was said in every chat, newest first.
func (s *Telegram) Log(req PageRequest) (TelegramLogPage, error) {
	return answer(s.in, "list what was said", func(ctx context.Context) (TelegramLogPage, error) {
		if err := s.in.chatty(); err != nil {
			return TelegramLogPage{}, err
		}
		lines, next, err := s.in.chats.ChatLog(ctx, req.Limit, req.Cursor)
		return TelegramLogPage{Next: next, Items: each(lines, func(l chat.LogLine) TelegramLine {
			return TelegramLine{
				ID: fmt.Sprintf("%s%d", either(l.In, "i", "o"), l.ID), At: when(l.At), In: l.In, Chat: strconv.FormatInt(l.Chat, 10), Who: l.Who, Kind: l.Kind,
				Words: s.in.clean(l.Words), State: l.State, Detail: s.in.clean(l.Detail),
			}
		})}, err
	})
}

// Test sends everybody who is paired a message. It fails with Refused while nobody is.
func (s *Telegram) Test(_ Empty) (Receipt, error) {
	d := &deed{what: "send a test message", action: audit.TestTelegram, subject: "telegram"}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if err := s.in.chatty(); err != nil {
			return Receipt{}, err
		}
		people, err := s.in.bot.roster.People(ctx)
		if err != nil {
			return Receipt{}, err
		}
		if len(people) == 0 {
			return Receipt{}, trading.Errorf(trading.Refused, "nobody is paired yet: make a code and send it to the bot")
		}
		list := each(people, func(p chat.Person) chat.Message {
			return chat.Message{Chat: p.Chat, Kind: "test", HTML: "<b>Hoox</b> can reach you here. You are " + string(p.Role) + "."}
		})
		if err := s.in.chats.PostMessages(ctx, list, s.in.now()); err != nil {
			return Receipt{}, err
		}
		s.in.messenger.Posted()
		return Receipt{Status: "ok", Reason: fmt.Sprintf("%d messages are on their way; the log shows whether they arrived", len(list))}, nil
	})
}

// SetUpAuthenticator makes a secret for codes of an authenticator and returns it, this once; the one before is worth nothing then.
// It fails with Unavailable while the vault is locked.
func (s *Telegram) SetUpAuthenticator(_ Empty) (Authenticator, error) {
	d := &deed{what: "set up an authenticator", action: audit.SetSecret, subject: totpSecret}
	return act(s.in, s.who, d, func(context.Context) (Authenticator, error) {
		key, err := totp.Generate(totp.GenerateOpts{Issuer: "Hoox", AccountName: "desktop", SecretSize: 20})
		if err != nil {
			return Authenticator{}, trading.Wrap(trading.Internal, err, "make a secret")
		}
		if err := s.in.vault.Set(totpSecret, vault.NewSecret(key.Secret())); err != nil {
			return Authenticator{}, err
		}
		return Authenticator{Secret: key.Secret(), URI: key.URL()}, nil
	})
}

// Uploads is what people sent and is kept, newest first.
func (s *Telegram) Uploads(req PageRequest) (UploadPage, error) {
	return answer(s.in, "list uploads", func(ctx context.Context) (UploadPage, error) {
		if err := s.in.chatty(); err != nil {
			return UploadPage{}, err
		}
		list, next, err := s.in.bot.uploads.book.Uploads(ctx, req.Limit, req.Cursor)
		return UploadPage{Next: next, Items: each(list, func(u chat.Uploaded) UploadRow {
			return UploadRow{
				ID: strconv.FormatInt(u.ID, 10), At: when(u.At), Who: u.Who, Title: u.Title, Type: u.Type, Size: u.Size, SHA256: u.SHA256, Caption: u.Caption,
			}
		})}, err
	})
}

// Open is the content of a picture or document. It fails with NotFound.
func (s *Telegram) Open(req UploadID) (UploadContent, error) {
	return answer(s.in, "open an upload", func(ctx context.Context) (UploadContent, error) {
		u, err := s.upload(ctx, req)
		if err != nil {
			return UploadContent{}, err
		}
		content, err := s.in.bot.uploads.shelf.Read(u.Name, largestUpload)
		return UploadContent{Type: u.Type, Base64: base64.StdEncoding.EncodeToString(content)}, err
	})
}

func (s *Telegram) upload(ctx context.Context, req UploadID) (chat.Uploaded, error) {
	if err := s.in.chatty(); err != nil {
		return chat.Uploaded{}, err
	}
	id, err := strconv.ParseInt(req.ID, 10, 64)
	if err != nil {
		return chat.Uploaded{}, trading.FieldError("id", "%q is not the number of an upload", req.ID)
	}
	return s.in.bot.uploads.book.Upload(ctx, id)
}

// Drop removes a file that is kept. It fails with NotFound.
func (s *Telegram) Drop(req UploadID) (Receipt, error) {
	d := &deed{what: "drop an upload", action: audit.DropUpload, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		u, err := s.upload(ctx, req)
		if err != nil {
			return Receipt{}, err
		}
		d.detail = u.Type + " of " + u.Who + ", SHA-256 " + u.SHA256
		return Receipt{Status: "ok", Reason: "it is gone"}, s.in.bot.uploads.drop(ctx, u)
	})
}
