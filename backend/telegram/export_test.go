package telegram

// Read makes an update of what Telegram says.
var Read = read
