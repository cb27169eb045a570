"""The pages people use: server-rendered, usable without JavaScript."""
