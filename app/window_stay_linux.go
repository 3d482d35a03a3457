//go:build desktop && !dev && !bindings

package app

/*
#cgo linux pkg-config: gtk+-3.0
#cgo !webkit2_41 pkg-config: webkit2gtk-4.0
#cgo webkit2_41 pkg-config: webkit2gtk-4.1

#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

// home is where our page lives; the toolkit serves it from inside the program. A file that the page made is saved, never shown.
static const char *home = "wails://wails/";
static const char *made = "blob:wails://wails/";

static gboolean decide(WebKitWebView *view, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type, gpointer data) {
	if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
		return FALSE;
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION) {
		WebKitNavigationAction *action =
			webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
		const char *to = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
		if (to != NULL && g_str_has_prefix(to, home))
			return FALSE;
		if (to != NULL && g_str_has_prefix(to, made)) {
			webkit_policy_decision_download(decision);
			return TRUE;
		}
	}
	webkit_policy_decision_ignore(decision);
	return TRUE;
}

// watch connects every page below a widget, each once.
static void watch(GtkWidget *widget, gpointer data) {
	if (WEBKIT_IS_WEB_VIEW(widget)) {
		if (g_object_get_data(G_OBJECT(widget), "hoox-stays") == NULL) {
			g_object_set_data(G_OBJECT(widget), "hoox-stays", (gpointer)home);
			g_signal_connect(widget, "decide-policy", G_CALLBACK(decide), NULL);
		}
		return;
	}
	if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), watch, NULL);
}

static gboolean everywhere(gpointer data) {
	GList *windows = gtk_window_list_toplevels();
	for (GList *window = windows; window != NULL; window = window->next)
		watch(GTK_WIDGET(window->data), NULL);
	g_list_free(windows);
	return G_SOURCE_REMOVE;
}

// GTK is for the thread of its loop only, which comes to this before it comes to any page.
static void stay(void) { g_idle_add_full(G_PRIORITY_HIGH, everywhere, NULL, NULL); }
*/
import "C"

// stayHome keeps the window on our page. The toolkit lets a page lead the window to any address, and hears what the page that
// comes from there says to it.
func stayHome() { C.stay() }
