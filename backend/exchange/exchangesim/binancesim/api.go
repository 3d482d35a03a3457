package binancesim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"hoox/backend/trading"
)

// call is one frame of the WebSocket API.
type call struct {
	ID     json.RawMessage            `json:"id"`
	Method string                     `json:"method"`
	Params map[string]json.RawMessage `json:"params"`
}

// apiRoutes are the methods that do what a REST call does.
var apiRoutes = map[string]string{
	"spot order.place": "POST /api/v3/order", "spot order.test": "POST /api/v3/order/test", "spot order.status": "GET /api/v3/order",
	"spot order.cancel": "DELETE /api/v3/order", "spot openOrders.status": "GET /api/v3/openOrders", "spot openOrders.cancelAll": "DELETE /api/v3/openOrders",
	"spot account.status": "GET /api/v3/account", "spot myTrades": "GET /api/v3/myTrades", "spot time": "GET /api/v3/time", "spot ping": "GET /api/v3/ping",
	"linear order.place": "POST /fapi/v1/order", "linear order.status": "GET /fapi/v1/order", "linear order.cancel": "DELETE /fapi/v1/order",
	"linear order.modify": "PUT /fapi/v1/order", "linear algoOrder.place": "POST /fapi/v1/algoOrder", "linear algoOrder.cancel": "DELETE /fapi/v1/algoOrder",
	"linear v2/account.balance": "GET /fapi/v3/balance", "linear v2/account.position": "GET /fapi/v3/positionRisk", "linear ping": "GET /fapi/v1/ping",
	"linear userDataStream.start": "POST /fapi/v1/listenKey", "linear userDataStream.ping": "PUT /fapi/v1/listenKey", "linear userDataStream.stop": "DELETE /fapi/v1/listenKey",
}

// apiFrame answers one frame.
func (s *Server) apiFrame(k *socket, raw []byte) {
	var c call
	d := json.NewDecoder(bytes.NewReader(raw))
	if d.Decode(&c) != nil || c.Method == "" {
		k.say(map[string]any{"id": nil, "status": http.StatusBadRequest, "error": map[string]any{"code": -1135, "msg": "Malformed request."}})
		return
	}
	params := map[string]string{}
	for name, value := range c.Params {
		params[name] = strings.Trim(string(value), `"`)
		var text string
		if json.Unmarshal(value, &text) == nil {
			params[name] = text
		}
	}
	if len(c.ID) == 0 {
		c.ID = json.RawMessage("null")
	}
	switch c.Method {
	case "userDataStream.subscribe.signature":
		if s.product == trading.Spot {
			s.login(k, c, params)
			return
		}
	case "userDataStream.unsubscribe":
		s.mu.Lock()
		k.user = false
		s.mu.Unlock()
		s.answerFrame(k, c, map[string]any{}, nil)
		return
	case "session.logon":
		// An HMAC key cannot log a session on.
		s.answerFrame(k, c, nil, no(-1193, "Only Ed25519 keys can be used for this request."))
		return
	}
	s.routed(k, c, params)
}

// routed does what the REST call of the same meaning does.
func (s *Server) routed(k *socket, c call, params map[string]string) {
	path, known := apiRoutes[string(s.product)+" "+c.Method]
	way := s.routes[path]
	if !known || way.do == nil {
		s.answerFrame(k, c, nil, no(-1136, "Unknown method: "+c.Method))
		return
	}
	method, path, _ := strings.Cut(path, " ")
	q := &request{method: method, path: path, values: params, now: s.now()}
	if placePaths[q.path] && method == http.MethodPost {
		s.core.CountCreate(q.link())
	}
	q.fault = s.core.Fault(q.path, q.link())
	if q.fault.LoseRequest {
		k.cut()
		return
	}
	if way.security == reads || way.security == trades {
		if bad := s.checkFrame(k, params); bad != nil {
			s.answerFrame(k, c, nil, bad)
			return
		}
	}
	var result any
	var bad *refusal
	if !q.fault.Refuse {
		s.mu.Lock()
		h := http.Header{}
		if bad = s.limits.weigh(way.weight, q.now, h); bad == nil && way.orders > 0 {
			bad = s.limits.order(way.orders, q.now, h)
		}
		s.mu.Unlock()
		if bad == nil {
			result, bad = way.do(q)
		}
	}
	if q.fault.LoseAnswer {
		k.cut()
		return
	}
	if f := q.fault; f.Code != 0 || f.Status != 0 {
		bad = &refusal{status: f.Status, code: f.Code, msg: f.Text}
	}
	s.answerFrame(k, c, result, bad)
}

// checkFrame refuses a frame that the key did not sign, or that was sent before.
func (s *Server) checkFrame(k *socket, params map[string]string) *refusal {
	for _, n := range []string{"apiKey", "timestamp", "signature"} {
		if params[n] == "" {
			return missing(n)
		}
	}
	if bad := s.checkKey(params["apiKey"]); bad != nil {
		return bad
	}
	if !signed(s.core.Config().Secret, sorted(params), params["signature"]) {
		return badSignature
	}
	if s.permissions().Revoked {
		return badKey
	}
	return checkTime(params["timestamp"], params["recvWindow"], s.now())
}

// login subscribes a socket to the account. A frame that logged in before does not do it again.
func (s *Server) login(k *socket, c call, params map[string]string) {
	bad := s.checkFrame(k, params)
	s.mu.Lock()
	defer s.mu.Unlock()
	signature := params["signature"]
	switch {
	case bad != nil:
	case s.replayed[signature]:
		bad = tooLate
	case k.user:
		bad = no(-2035, "Subscription already active.")
	}
	if bad != nil {
		k.say(frameRow(c, nil, bad, s.limits))
		return
	}
	s.replayed[signature] = true
	// The answer first, so that no event overtakes it.
	k.say(frameRow(c, map[string]any{"subscriptionId": k.subscription}, nil, s.limits))
	k.user = true
}

func (s *Server) answerFrame(k *socket, c call, result any, bad *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.silent {
		k.say(frameRow(c, result, bad, s.limits))
	}
}

func frameRow(c call, result any, bad *refusal, l *limits) map[string]any {
	row := map[string]any{"id": c.ID, "status": http.StatusOK, "rateLimits": []any{map[string]any{
		"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": l.weight.most, "count": l.weight.used}}}
	if bad != nil {
		row["status"], row["error"] = bad.http(), bad.row()
		return row
	}
	row["result"] = result
	return row
}
