package sqlite_test

import (
	"context"
	"testing"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestPaperAccountSizesUSDCInstrumentsByAllItsDollars(t *testing.T) {
	h := newHouse(t)
	for asset, amount := range map[string]string{"USDT": "10000", "USDC": "-0.5", "BNB": "3"} {
		if err := h.BookCash(context.Background(), trading.Cash{ID: asset, Account: paper, Kind: trading.CashDeposit, Asset: asset, Amount: trading.MustMoney(amount), At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	for quote, want := range map[string]string{"USDC": "9999.5", "USDT": "9999.5", "BNB": "3"} {
		in := alert(quote)
		in.Instrument.Quote = quote
		had := ""
		if _, err := h.Admit(context.Background(), in, func(b risk.Book) risk.Decision {
			had = b.Balance.String()
			return risk.End(trading.SignalNoOp, "")
		}); err != nil {
			t.Fatal(err)
		}
		if had != want {
			t.Errorf("%s: sized by %s, want %s: a paper account keeps one purse of dollars", quote, had, want)
		}
	}
}
