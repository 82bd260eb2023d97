"""Files of zones in every form that people have -> zones: `files` opens them, `reading` makes the zones."""
