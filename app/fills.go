package app

import "context"

// Fills is every execution and what it cost.
type Fills struct{ in *house }

// List is one page of fills, newest first. It fails with Invalid for a bad limit or cursor.
func (s *Fills) List(req PageRequest) (FillPage, error) {
	return answer(s.in, "list fills", func(ctx context.Context) (FillPage, error) {
		req.Filter.Status = ""
		page, err := pageOf(req, nil)
		if err != nil {
			return FillPage{}, err
		}
		list, next, err := s.in.book.Fills(ctx, page)
		return FillPage{Items: each(list, s.in.fillRow), Next: next}, err
	})
}
