// window-close ID asks a window to close the way a title bar's button does (WM_DELETE_WINDOW), so that the program can
// leave in good order. xdotool's own windowclose destroys the window instead. Only the window test uses it.

#include <X11/Xlib.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: %s WINDOW-ID\n", argv[0]);
		return 2;
	}
	Display *display = XOpenDisplay(NULL);
	if (display == NULL) {
		fprintf(stderr, "%s: no display\n", argv[0]);
		return 1;
	}

	XEvent event = {0};
	event.xclient.type = ClientMessage;
	event.xclient.window = strtoul(argv[1], NULL, 0);
	event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
	event.xclient.format = 32;
	event.xclient.data.l[0] = (long)XInternAtom(display, "WM_DELETE_WINDOW", False);
	event.xclient.data.l[1] = CurrentTime;
	int sent = XSendEvent(display, event.xclient.window, False, NoEventMask, &event);
	XCloseDisplay(display);
	return sent ? 0 : 1;
}
