package settings

import "hoox/backend/chat"

// NotifyPrefix begins the keys of how loud each kind of notice is.
const NotifyPrefix = "telegram:notify:"

// telegramSettings are how the program is reached by messenger, and what it tells there.
func telegramSettings() []Setting {
	const group = "Telegram"
	list := []Setting{
		{Key: "telegram:enabled", Type: Boolean, Default: "true", Group: group,
			Help: "Talk by Telegram, once a bot's token is in the vault. Off, nothing is asked and nothing is sent; what waits to be sent waits on."},
		{Key: "telegram:transport", Type: Enum, Default: "auto", Options: []string{"auto", "poll", "webhook"}, Group: group,
			Help: "How messages come in. poll asks Telegram and needs no tunnel; webhook has Telegram call the public address; auto takes the webhook while a tunnel is up and polls otherwise."},
		{Key: "telegram:allowed_chat_ids", Type: List, Default: "[]", Chats: true, Group: group,
			Help: "Chats that an alert's own notify may write to, and groups in which paired people may give commands. A private chat with a paired person needs no entry. Empty allows none."},
		{Key: "telegram:quiet_hours", Type: Text, Default: "", Max: "11", Hours: true, Group: group,
			Help: "From when to when notices come without a sound, such as 22:30-07:00 by this computer's clock. Alarms always sound. Empty is never."},
		{Key: "telegram:digest", Type: Text, Default: "", Max: "5", Clock: true, Group: group,
			Help: "When to send one summary of the day, such as 08:00 by this computer's clock. Empty sends none."},
		{Key: "telegram:privacy", Tighter: ToTrue, Type: Boolean, Default: "false", Group: group,
			Help: "Leave balances and equity out of every message. Groups never see them."},
		{Key: "telegram:totp", Tighter: ToTrue, Type: Boolean, Default: "false", Group: group,
			Help: "Ask for a six-digit code of your authenticator after the button of everything that moves money. Halting never asks."},
		{Key: "telegram:retention_days", Type: Integer, Default: "30", Min: "1", Max: "365", Unit: "days", Group: group,
			Help: "How long messages and uploads are kept."},
	}
	for _, n := range chat.Notices() {
		list = append(list, Setting{Key: NotifyPrefix + string(n.Kind), Type: Enum, Default: string(n.Level), Options: []string{"on", "silent", "off"}, Group: group,
			Help: n.Help + " on comes with a sound, silent without, off not at all."})
	}
	return list
}
