// Package chart draws pictures for messages: what a price did around a fill, and where the levels of its order are.
//
// It owns the drawing only: whoever asks brings candles and levels. Prices stay decimals until the last step, which turns each
// into its share of the picture's height; nothing that was drawn is ever read back as a price. The same card is the same picture,
// byte for byte.
package chart
