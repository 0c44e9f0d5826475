package api

import (
	"net/http"
	"strings"
)

// securityHeaders are on every answer. The policy names the WebSocket's own
// address for browsers whose 'self' does not cover it.
func securityHeaders(publicURLs []string) map[string]string {
	connect := "'self'"
	for _, url := range publicURLs {
		connect += " " + socketURL(url)
	}
	return map[string]string{
		"Content-Security-Policy": strings.Join([]string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src " + connect,
			"img-src 'self' data: blob:", "media-src 'self' blob:", "worker-src 'self'", "manifest-src 'self'",
			"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
		}, "; "),
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "no-referrer", // tokens are in URLs
		// Names that browsers know: each unknown one is an error in their console.
		"Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), accelerometer=(), " +
			"clipboard-read=(), encrypted-media=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), " +
			"idle-detection=(), local-fonts=(), magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), " +
			"serial=(), storage-access=(), usb=(), xr-spatial-tracking=()",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
}

// socketURL is an http(s) URL as ws(s).
func socketURL(url string) string { return "ws" + strings.TrimPrefix(url, "http") }

// allowedOrigin tells whether a page of this origin may use the API. No origin
// at all is no page: a program.
func (a *API) allowedOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || a.origins[strings.ToLower(origin)]
}

// crossOrigin lets pages of the operator's origins read the answer (Fetch
// standard, CORS protocol).
func (a *API) crossOrigin(h http.Header, r *http.Request) {
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !a.allowedOrigin(r) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// preflight answers OPTIONS.
func preflight(w http.ResponseWriter, r *http.Request, methods []string) {
	h := w.Header()
	allow := strings.Join(append(methods, http.MethodOptions), ", ")
	h.Set("Allow", allow)
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}
