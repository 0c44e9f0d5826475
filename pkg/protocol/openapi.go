package protocol

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the HTTP routes, an OpenAPI 3.1 document
// in JSON, which no one may write to. GET /openapi.json answers with it.
func OpenAPI() []byte { return openAPI }
