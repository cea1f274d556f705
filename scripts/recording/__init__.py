"""What scripts/render_voice records beside whole sentences, and how it is cut."""
