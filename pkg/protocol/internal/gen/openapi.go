package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-mesh/parley/pkg/protocol"
)

const components = "#/components/schemas/"

// openAPI is the OpenAPI 3.1 description of the HTTP routes.
func openAPI(m *model) node {
	all := definitions(m, components)
	used := make(node)
	paths := make(node)
	for _, r := range routes {
		operations, ok := paths[r.path].(node)
		if !ok {
			operations = make(node)
			paths[r.path] = operations
		}
		operation := r.operation()
		operations[r.method] = operation
		collect(operation, all, used)
	}
	return node{
		"openapi": "3.1.0",
		"info": node{
			"title": "Parley rendezvous", "version": "1",
			"description": fmt.Sprintf("Bodies are JSON of at most %d KiB; a member that is not known is refused by name. Errors are problem documents (RFC 9457) whose type ends in a stable word.", protocol.MaxBody>>10),
		},
		"servers": []any{node{"url": "/"}},
		"paths":   paths,
		"components": node{
			"schemas": used,
			"securitySchemes": node{"bearer": node{
				"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
				"description": "A JWT (EdDSA, RFC 8037) that the client signs itself: sub is its libp2p peer ID, aud the rendezvous' public URL, exp at most 24 hours after iat.",
			}},
		},
	}
}

// collect takes the schemas that n refers to, and those they refer to.
func collect(n any, all, used node) {
	switch n := n.(type) {
	case node:
		for key, value := range n {
			if name, ok := strings.CutPrefix(fmt.Sprint(value), components); ok && key == "$ref" && used[name] == nil {
				used[name] = all[name]
				collect(all[name], all, used)
				continue
			}
			collect(value, all, used)
		}
	case []any:
		for _, value := range n {
			collect(value, all, used)
		}
	}
}

func (r route) operation() node {
	out := node{"operationId": r.id, "summary": r.does, "responses": r.responses()}
	if r.open {
		out["security"] = []any{}
	} else {
		out["security"] = []any{node{"bearer": []string{}}}
	}
	var parameters []any
	if r.path1 != "" {
		_, rest, _ := strings.Cut(r.path, "{")
		name, _, _ := strings.Cut(rest, "}")
		parameters = append(parameters, node{"name": name, "in": "path", "required": true, "schema": ref(components, "is-"+r.path1)})
	}
	for name, kind := range r.query {
		parameters = append(parameters, node{"name": name, "in": "query", "schema": ref(components, "is-"+kind)})
	}
	if parameters != nil {
		out["parameters"] = parameters
	}
	if r.request != "" {
		out["requestBody"] = node{"required": !r.optional, "content": content("application/json", r.request)}
	}
	return out
}

func content(mediaType, message string) node {
	return node{mediaType: node{"schema": ref(components, message)}}
}

func (r route) responses() node {
	out := make(node)
	good := node{"description": "Done."}
	switch {
	case r.answer != "":
		good["content"] = content("application/json", r.answer)
	case r.status == "200":
		good["content"] = node{"application/json": node{"schema": node{"type": "object"}}}
	}
	out[r.status] = good

	codes := r.refuses
	if !r.open {
		codes = append([]protocol.Code{protocol.CodeUnauthenticated, protocol.CodeUnavailable}, codes...)
	}
	byStatus := make(map[int][]string)
	for _, c := range codes {
		if !slices.Contains(byStatus[c.Status()], string(c)) {
			byStatus[c.Status()] = append(byStatus[c.Status()], string(c))
		}
	}
	for status, words := range byStatus {
		slices.Sort(words)
		refused := node{
			"description": strings.Join(words, ", "),
			"content":     content("application/problem+json", "Problem"),
		}
		if status == 429 || status == 503 {
			refused["headers"] = node{"Retry-After": node{"schema": node{"type": "integer"}}}
		}
		out[strconv.Itoa(status)] = refused
	}
	return out
}
