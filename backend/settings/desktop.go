package settings

// desktopSettings are how the program behaves on the computer it runs on.
func desktopSettings() []Setting {
	return []Setting{
		{Key: "window:on_close", Type: Enum, Default: "ask", Options: []string{"ask", "hide", "quit"}, Group: "This computer",
			Help: "What closing the window does: ask asks each time until the answer is remembered; hide goes on in the tray, or minimised where there is none; quit ends the program, after saying what stays at the exchanges."},
		{Key: "desktop:notifications", Type: Boolean, Default: "true", Group: "This computer",
			Help: "Show fills, refused and rejected alerts and a halt as notifications of the system while the window is not in front. They name symbol and size, never a balance."},
		{Key: "desktop:keep_awake", Type: Boolean, Default: "true", Group: "This computer",
			Help: "Keep this computer from going to sleep by itself while trading is active on a live or testnet account, and while the outcome of an order is not known. Closing the lid may still put it to sleep. Health says what holds it awake."},
		{Key: "desktop:autostart", Type: Boolean, Default: "false", Group: "This computer",
			Help: "Start the program in the tray when you sign in. The value shown is what the system has, whoever set it."},
		{Key: "update:check", Type: Boolean, Default: "false", Group: "This computer",
			Help: "Ask once a day for a signed note of the newest version. It only tells: nothing is downloaded or installed. Off, nothing is asked."},
	}
}
