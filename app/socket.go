package app

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/trading"
)

const (
	// mostSockets bounds the open event connections: a few tabs, not a swarm.
	mostSockets = 8
	// silence is how long a client may leave a ping unanswered, pingPause how often it is asked.
	silence   = 60 * time.Second
	pingPause = 20 * time.Second
	// sendLimit is how long one hint may take to leave; a client that dawdles is let go and reads again when it is back.
	sendLimit = 5 * time.Second
	// largestWord is what a client may send: nothing that matters.
	largestWord = 512
)

// socket is GET /api/events: hints, one JSON object a message.
func (c *control) socket(w http.ResponseWriter, r *http.Request, v *visitor) {
	select {
	case c.sockets <- struct{}{}:
	default:
		refuse(w, http.StatusTooManyRequests, trading.Limited, "there are %d event connections already: close a tab", mostSockets)
		return
	}
	defer func() { <-c.sockets }()
	// The guard has looked at Host and Origin; asking again here is cheap.
	up := websocket.Upgrader{HandshakeTimeout: 2 * time.Second, ReadBufferSize: 512, WriteBufferSize: 512, CheckOrigin: c.door.ours}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(c.house.base)
	defer cancel()
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		defer cancel()
		c.hang(conn)
	}()
	_ = c.feed(ctx, conn, v) // however it ended, the client connects again and reads everything
	conn.Close()
	<-listened
}

// hang reads until the client goes or falls silent; what it says does not matter.
func (c *control) hang(conn *websocket.Conn) {
	conn.SetReadLimit(largestWord)
	_ = conn.SetReadDeadline(c.house.now().Add(silence))
	conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(c.house.now().Add(silence)) })
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return
		}
	}
}

// feed sends hints and pings; the control frames and the messages share one writer's deadline.
func (c *control) feed(ctx context.Context, conn *websocket.Conn, v *visitor) error {
	ping := time.NewTicker(pingPause)
	defer ping.Stop()
	hints := make(chan Hint)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- forwardHints(ctx, c.house.hub, c.house.now, func(h Hint) error {
			select {
			case hints <- h:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	defer func() {
		cancel()
		<-done
	}()
	for {
		select {
		case <-ctx.Done():
			bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "the program is stopping")
			_ = conn.WriteControl(websocket.CloseMessage, bye, c.house.now().Add(time.Second))
			return ctx.Err()
		case h := <-hints:
			if err := conn.SetWriteDeadline(c.house.now().Add(sendLimit)); err != nil {
				return err
			}
			if err := conn.WriteJSON(h); err != nil {
				return err
			}
		case <-v.gone:
			bye := websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "signed out")
			_ = conn.WriteControl(websocket.CloseMessage, bye, c.house.now().Add(time.Second))
			return trading.Errorf(trading.Unauthorized, "signed out")
		case <-ping.C:
			// Hearing hints keeps no session open; what has ended is shut out at the next turn.
			c.house.sessions.expire()
			if err := conn.WriteControl(websocket.PingMessage, nil, c.house.now().Add(sendLimit)); err != nil {
				return err
			}
		}
	}
}
