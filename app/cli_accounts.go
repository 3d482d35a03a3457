package app

import (
	"fmt"
	"io"
	"strings"

	"hoox/backend/trading"
)

type accountsCommand struct {
	List    accountsListCommand    `cmd:"" default:"1" help:"List every account, how it is doing, and the names of its keys for hoox secret set (also what plain hoox accounts does)."`
	Test    accountsTestCommand    `cmd:"" help:"Ask the exchange everything that changes nothing: reach, rights, clock, balance, positions."`
	Add     accountsAddCommand     `cmd:"" help:"Make a further account of an exchange, for strategies to name."`
	Enable  accountsEnableCommand  `cmd:"" help:"Connect an account."`
	Disable accountsDisableCommand `cmd:"" help:"Let go of an account; what it holds stays at the exchange."`
	Mode    accountsModeCommand    `cmd:"" help:"Switch an exchange to paper, testnet or live, after its checklist."`
	Canary  accountsCanaryCommand  `cmd:"" help:"Send the smallest resting order and cancel it: proves the way to the exchange."`
}

type accountsListCommand struct{}

func (c *accountsListCommand) Run(sh *shell) error {
	list, err := ask[AccountList](sh, "Accounts/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("account", "label", "alerts", "state", "equity>", "clock>", "stream", "keys", "detail")
		for _, a := range list.Items {
			t.add(a.Account, a.Label, yes(a.Trades, "go here"), a.Health.State, equity(a.Money), skew(a.SkewMillis), stream(a), keysOf(a), a.Health.Detail)
		}
		t.print(w)
		fmt.Fprintln(w, "Keys are set with `hoox secret set NAME`, both halves, the value on stdin.")
	})
}

// yes is a word where something holds and an empty cell where not.
func yes(ok bool, word string) string {
	if ok {
		return word
	}
	return blank
}

func equity(money []AccountMoney) string {
	var list []string
	for _, m := range money {
		list = append(list, m.Equity+" "+m.Currency)
	}
	return strings.Join(list, ", ")
}

func skew(millis string) string {
	if millis == "" {
		return ""
	}
	return millis + " ms"
}

func stream(a AccountCard) string {
	switch {
	case a.Mode == "paper", !a.Connected:
		return blank
	case a.StreamLive:
		return "live"
	}
	return "DOWN"
}

// keysOf tells whether an account has its keys, and their names.
func keysOf(a AccountCard) string {
	if a.KeyName == "" {
		return "needs none"
	}
	return either(a.HasKeys, "set: ", "missing: ") + a.KeyName + " " + a.SecretName
}

type accountsTestCommand struct {
	Account string `arg:"" help:"The account, such as bybit:testnet."`
}

func (c *accountsTestCommand) Run(sh *shell) error {
	return sh.checks("Accounts/Test", AccountID{Account: c.Account})
}

// checks runs a test that is told line by line. A line that fails ends the command with 1.
func (sh *shell) checks(method string, request any) error {
	answer, err := ask[AccountChecks](sh, method, request)
	if err != nil {
		return err
	}
	failed := ""
	err = sh.show(answer, func(w io.Writer) {
		t := columns("check", "result", "took>", "detail")
		for _, c := range answer.Items {
			t.add(c.Name, either(c.OK, "ok", "FAULT"), micros(c.Micros), c.Detail)
		}
		t.print(w)
	})
	for _, c := range answer.Items {
		if !c.OK && failed == "" {
			failed = c.Name
		}
	}
	if err == nil && !answer.OK {
		return ended(exitFailed, "not in order: %s", orWord(failed, "nothing was answered"))
	}
	return err
}

type accountsAddCommand struct {
	Exchange string `arg:"" enum:"bybit,binance,mexc" help:"bybit, binance or mexc."`
	Mode     string `arg:"" enum:"testnet,live" help:"testnet or live."`
	Name     string `arg:"" help:"1 to 16 small letters and digits, a letter first."`
	Label    string `help:"What it is called in the window."`
}

func (c *accountsAddCommand) Run(sh *shell) error {
	return sh.receipt("Accounts/Add", AddAccount{Exchange: c.Exchange, Mode: c.Mode, Name: c.Name, Label: c.Label},
		"`hoox accounts` shows the names of its keys")
}

// receipt asks for a change and shows what came of it, and what is next.
func (sh *shell) receipt(method string, request any, next string) error {
	r, err := ask[Receipt](sh, method, request)
	if err != nil {
		return err
	}
	return sh.show(r, func(w io.Writer) {
		if r.Reason != "" {
			next = strings.TrimSuffix(r.Reason+"; "+next, "; ")
		}
		fmt.Fprintln(w, plainLine(next))
	})
}

type accountsEnableCommand struct {
	Account string `arg:"" help:"The account, such as bybit:testnet."`
}

func (c *accountsEnableCommand) Run(sh *shell) error {
	return sh.receipt("Accounts/Enable", EnableAccount{Account: c.Account, Enabled: true}, c.Account+" is switched on")
}

type accountsDisableCommand struct {
	Account string `arg:"" help:"The account, such as bybit:testnet."`
}

func (c *accountsDisableCommand) Run(sh *shell) error {
	return sh.receipt("Accounts/Enable", EnableAccount{Account: c.Account}, c.Account+" is switched off; what it holds stays at the exchange")
}

type accountsModeCommand struct {
	Exchange string `arg:"" enum:"bybit,binance,mexc" help:"bybit, binance or mexc."`
	Mode     string `arg:"" enum:"paper,testnet,live" help:"paper, testnet or live."`
	Phrase   string `help:"For live what is asked for otherwise, such as \"live bybit\"." placeholder:"WORDS"`
}

// modeSwitched is the machine output of a switched mode.
type modeSwitched struct {
	Checklist []ChecklistItem `json:"checklist"`
	Receipt   Receipt         `json:"receipt"`
}

func (c *accountsModeCommand) Run(sh *shell) error {
	list, err := ask[Checklist](sh, "Accounts/Checklist", ModeQuestion{Exchange: c.Exchange, Mode: c.Mode})
	if err != nil {
		return err
	}
	if !sh.json {
		printChecklist(sh.stdout, list)
	}
	if c.Mode == "live" && c.Phrase == "" {
		phrase := "live " + c.Exchange
		if err := sh.typed("Alerts for "+c.Exchange+" move real money then.", phrase, `--phrase "`+phrase+`"`); err != nil {
			return err
		}
		c.Phrase = phrase
	}
	r, err := ask[Receipt](sh, "Accounts/SwitchMode", SwitchMode{Exchange: c.Exchange, Mode: c.Mode, Phrase: c.Phrase})
	if err != nil {
		return err
	}
	return sh.show(modeSwitched{list.Items, r}, func(w io.Writer) { fmt.Fprintln(w, plainLine(r.Reason)) })
}

func printChecklist(w io.Writer, list Checklist) {
	t := columns("before", "result", "detail")
	for _, item := range list.Items {
		t.add(item.Name, either(item.OK, "ok", "LOOK"), orWord(item.Detail, blank))
	}
	t.print(w)
}

type accountsCanaryCommand struct {
	Account string `arg:"" help:"The account, such as bybit:live."`
	Symbol  string `arg:"" help:"The instrument, such as BTCUSDT."`
	Phrase  string `help:"The word canary, wanted on a live account." placeholder:"WORD"`
}

func (c *accountsCanaryCommand) Run(sh *shell) error {
	if trading.AccountID(c.Account).Mode() == trading.ModeLive && c.Phrase == "" {
		if err := sh.typed("This sends a real order of "+c.Symbol+" on "+c.Account+", well below the market, and cancels it.", "canary", "--phrase canary"); err != nil {
			return err
		}
		c.Phrase = "canary"
	}
	return sh.checks("Accounts/Canary", Canary{Account: c.Account, Symbol: c.Symbol, Phrase: c.Phrase, Key: randomText()})
}
