"""Pages for people, the JSON API for programs, and the live socket."""
