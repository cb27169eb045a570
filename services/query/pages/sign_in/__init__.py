"""Getting in and out: password, single-use link, the set-up of a new installation."""
