"""``/api/v1`` for programs: bearer tokens, OpenAPI, RFC 9457 problem details."""
